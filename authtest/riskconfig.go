package authtest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// The structures of a risk configuration as they are on the wire, in requests
// (aws tags) and in answers and states (json tags).

type takeoverAction struct {
	EventAction string `aws:"EventAction,TakeoverAction,required"`
	Notify      bool   `aws:"Notify,,required"`
}

type takeoverActions struct {
	LowAction    *takeoverAction `aws:"LowAction" json:",omitempty"`
	MediumAction *takeoverAction `aws:"MediumAction" json:",omitempty"`
	HighAction   *takeoverAction `aws:"HighAction" json:",omitempty"`
}

type notifyEmail struct {
	Subject  string `aws:"Subject,NotifySubject,required"`
	HTMLBody string `aws:"HtmlBody,NotifyBody" json:"HtmlBody,omitempty"`
	TextBody string `aws:"TextBody,NotifyBody" json:",omitempty"`
}

type notifyConfiguration struct {
	SourceArn     string       `aws:"SourceArn,Arn,required"`
	From          string       `aws:"From" json:",omitempty"`
	ReplyTo       string       `aws:"ReplyTo" json:",omitempty"`
	BlockEmail    *notifyEmail `aws:"BlockEmail" json:",omitempty"`
	NoActionEmail *notifyEmail `aws:"NoActionEmail" json:",omitempty"`
	MfaEmail      *notifyEmail `aws:"MfaEmail" json:",omitempty"`
}

type takeoverConfiguration struct {
	NotifyConfiguration *notifyConfiguration `aws:"NotifyConfiguration" json:",omitempty"`
	Actions             *takeoverActions     `aws:"Actions,,required"`
}

type compromisedActions struct {
	EventAction string `aws:"EventAction,CompromisedAction,required"`
}

type compromisedConfiguration struct {
	EventFilter []eventFilter       `aws:"EventFilter,EventFilter" json:",omitempty"`
	Actions     *compromisedActions `aws:"Actions,,required"`
}

// An eventFilter is a kind of event at which passwords are looked at.
type eventFilter string

const (
	filterSignIn         eventFilter = "SIGN_IN"
	filterSignUp         eventFilter = "SIGN_UP"
	filterPasswordChange eventFilter = "PASSWORD_CHANGE"
)

type riskExceptions struct {
	BlockedIPRangeList []string `aws:"BlockedIPRangeList,IPRanges" json:",omitempty"`
	SkippedIPRangeList []string `aws:"SkippedIPRangeList,IPRanges" json:",omitempty"`
}

// riskMembers are what a risk configuration says.
type riskMembers struct {
	CompromisedCredentialsRiskConfiguration *compromisedConfiguration `aws:"CompromisedCredentialsRiskConfiguration" json:",omitempty"`
	AccountTakeoverRiskConfiguration        *takeoverConfiguration    `aws:"AccountTakeoverRiskConfiguration" json:",omitempty"`
	RiskExceptionConfiguration              *riskExceptions           `aws:"RiskExceptionConfiguration" json:",omitempty"`
}

// A riskConfiguration is the one of a pool, or of an app client in its place.
// It is replaced, never changed: answers have it.
type riskConfiguration struct {
	riskMembers
	Modified time.Time `json:"modified"`
}

type setRiskConfigurationRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId"`
	riskMembers
}

type riskConfigurationResponse struct {
	RiskConfiguration riskDescription
}

type riskDescription struct {
	UserPoolID string `json:"UserPoolId"`
	ClientID   string `json:"ClientId,omitempty"`
	riskMembers
	LastModifiedDate *epoch `json:",omitempty"`
}

// setRiskConfiguration replaces the risk configuration of the pool or of an app
// client. A request that says nothing takes it away: a client then has the
// pool's again, and a pool none.
func setRiskConfiguration(c *call, r *setRiskConfigurationRequest) (*riskConfigurationResponse, *apiError) {
	slot, err := c.riskSlot(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	*slot = nil
	if r.riskMembers != (riskMembers{}) {
		*slot = &riskConfiguration{r.riskMembers, c.now}
	}
	return c.pool.describeRisk(r.ClientID, *slot), nil
}

type describeRiskConfigurationRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId"`
}

// describeRiskConfiguration describes what has been set. Of a pool or client
// without a configuration there is nothing to say but what it is (inferred).
func describeRiskConfiguration(c *call, r *describeRiskConfigurationRequest) (*riskConfigurationResponse, *apiError) {
	slot, err := c.riskSlot(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.pool.describeRisk(r.ClientID, *slot), nil
}

// riskSlot is where the risk configuration of a pool or of one of its clients
// is.
func (c *call) riskSlot(poolID, clientID string) (**riskConfiguration, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	if err := c.checkProtected(); err != nil {
		return nil, err
	}
	if clientID == "" {
		return &c.pool.risk, nil
	}
	client, err := c.poolClient(poolID, clientID)
	if err != nil {
		return nil, err
	}
	return &client.risk, nil
}

func (p *Pool) describeRisk(clientID string, r *riskConfiguration) *riskConfigurationResponse {
	d := riskDescription{UserPoolID: p.cfg.PoolID, ClientID: clientID}
	if r != nil {
		modified := epoch(r.Modified)
		d.riskMembers, d.LastModifiedDate = r.riskMembers, &modified
	}
	return &riskConfigurationResponse{d}
}

func (m *riskMembers) check() *apiError {
	if m.RiskExceptionConfiguration == nil {
		return nil
	}
	for _, text := range slices.Concat(m.RiskExceptionConfiguration.BlockedIPRangeList, m.RiskExceptionConfiguration.SkippedIPRangeList) {
		if _, err := netip.ParsePrefix(text); err != nil {
			return invalidParameter(fmt.Sprintf(msgIPRange, text))
		}
	}
	return nil
}

// riskConfiguration is the one that a client's sign-ins are judged by.
func (p *Pool) riskConfiguration(client *appClient) *riskMembers {
	switch {
	case client.risk != nil:
		return &client.risk.riskMembers
	case p.risk != nil:
		return &p.risk.riskMembers
	default:
		return &riskMembers{}
	}
}

// action is what to do at a level of risk, nil for nothing.
func (m *riskMembers) action(level RiskLevel) *takeoverAction {
	if m.AccountTakeoverRiskConfiguration == nil || m.AccountTakeoverRiskConfiguration.Actions == nil {
		return nil
	}
	switch actions := m.AccountTakeoverRiskConfiguration.Actions; level {
	case RiskLow:
		return actions.LowAction
	case RiskMedium:
		return actions.MediumAction
	case RiskHigh:
		return actions.HighAction
	default:
		return nil
	}
}

// blocksCompromised reports whether a password that others know is refused at
// a kind of event.
func (m *riskMembers) blocksCompromised(at eventFilter) bool {
	cfg := m.CompromisedCredentialsRiskConfiguration
	return cfg != nil && cfg.Actions != nil && cfg.Actions.EventAction == actionBlock && (len(cfg.EventFilter) == 0 || slices.Contains(cfg.EventFilter, at))
}

func (m *riskMembers) blocksAddress(address string) bool {
	return m.RiskExceptionConfiguration != nil && inRanges(m.RiskExceptionConfiguration.BlockedIPRangeList, address)
}

func (m *riskMembers) skipsAddress(address string) bool {
	return m.RiskExceptionConfiguration != nil && inRanges(m.RiskExceptionConfiguration.SkippedIPRangeList, address)
}

// inRanges reports whether an address is in one of the ranges.
func inRanges(ranges []string, address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(ranges, func(text string) bool {
		prefix, err := netip.ParsePrefix(text)
		return err == nil && prefix.Contains(a)
	})
}
