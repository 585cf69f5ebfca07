package authtest

import (
	"maps"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// accountID is the AWS account that owns everything here.
const accountID = "123456789012"

// maxPools bounds the pools that requests can make.
const maxPools = 1000

// arn names the pool, as tags and policies do.
func (p *Pool) arn() string {
	partition := "aws"
	switch region := p.region(); {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return "arn:" + partition + ":cognito-idp:" + p.region() + ":" + accountID + ":userpool/" + p.cfg.PoolID
}

// A userPoolDescription is a pool as the service describes it.
type userPoolDescription struct {
	ID                          string `json:"Id"`
	Name                        string
	Arn                         string
	CreationDate                epoch
	LastModifiedDate            epoch
	EstimatedNumberOfUsers      int
	Policies                    policiesType
	SchemaAttributes            []schemaAttribute
	AutoVerifiedAttributes      []string `json:",omitempty"`
	AliasAttributes             []string `json:",omitempty"`
	UsernameAttributes          []string `json:",omitempty"`
	MfaConfiguration            MFAMode
	UserAttributeUpdateSettings *updateSettings      `json:",omitempty"`
	DeviceConfiguration         *deviceConfiguration `json:",omitempty"`
	AdminCreateUserConfig       adminCreateUserConfigType
	UsernameConfiguration       usernameConfiguration
	AccountRecoverySetting      *accountRecoverySetting `json:",omitempty"`
	Domain                      string                  `json:",omitempty"`
	CustomDomain                string                  `json:",omitempty"`
	poolSettings
}

type createUserPoolRequest struct {
	poolMembers
	poolSettings
	AliasAttributes       []string               `aws:"AliasAttributes,AliasAttribute"`
	UsernameAttributes    []string               `aws:"UsernameAttributes,VerifiedAttribute"`
	UsernameConfiguration *usernameConfiguration `aws:"UsernameConfiguration"`
	Schema                []schemaAttribute      `aws:"Schema,Schema"`
}

type userPoolResponse struct {
	UserPool *userPoolDescription
}

// createUserPool makes a pool without app clients.
func createUserPool(s *Server, _ *call, r *createUserPoolRequest) (*userPoolResponse, *apiError) {
	if r.PoolName == "" {
		return nil, invalidParameter("1 validation error detected: " + nullViolation("poolName", nil))
	}
	cfg, err := r.configure()
	if err != nil {
		return nil, err
	}
	if cfg.Triggers, _, err = s.triggers(r.LambdaConfig); err != nil {
		return nil, err
	}
	cfg, problems := s.complete(cfg).withDefaults()
	if problems != nil {
		return nil, invalidParameter(problems.Error())
	}
	cfg.ClientID = "" // nobody described one
	if err := checkTags(r.UserPoolTags); err != nil {
		return nil, err
	}
	if len(s.Pools()) >= maxPools {
		return nil, fail(wire.ExceptionLimitExceeded, msgPoolLimit)
	}
	p := makePool(cfg)
	p.settings = r.poolSettings.withDefaults()
	p.chooseIssuer()
	if r.AdminCreateUserConfig != nil {
		p.invitation = r.AdminCreateUserConfig.InviteMessageTemplate
	}
	if p.schema, err = changeSchema(p.schema, r.Schema); err != nil {
		return nil, err
	}
	response := &userPoolResponse{p.describe()} // while nobody else knows the pool
	s.add(p)
	return response, nil
}

type userPoolRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
}

func describeUserPool(c *call, r *userPoolRequest) (*userPoolResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	return &userPoolResponse{c.pool.describe()}, nil
}

type updateUserPoolRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	poolMembers
	poolSettings
}

// updateUserPool changes a pool. What the request leaves out returns to its
// default, except the name, the tier, and what was measured to stay: the MFA
// mode and both policies. The SMS configuration stays as long as the MFA that
// needs it does (inferred).
func updateUserPool(c *call, r *updateUserPoolRequest) (*empty, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	p, settings := c.pool, r.poolSettings
	if settings.UserPoolTier == "" {
		settings.UserPoolTier = p.settings.UserPoolTier
	}
	if settings.SmsConfiguration == nil && p.offers(MFAFactorSMS) && r.MfaConfiguration != MFAOff {
		settings.SmsConfiguration = p.settings.SmsConfiguration
	}
	if err := checkTags(settings.UserPoolTags); err != nil {
		return nil, err
	}
	changed := p.cfg
	if err := r.poolMembers.apply(&changed, &settings); err != nil {
		return nil, err
	}
	if !settings.LambdaConfig.empty() || !p.settings.LambdaConfig.empty() {
		triggers, has, err := p.home.triggers(settings.LambdaConfig)
		if err != nil {
			return nil, err
		}
		if has {
			changed.Triggers = triggers
		}
	}
	switch {
	case r.MfaConfiguration == MFARequired && p.cfg.MFA == MFAOff:
		return nil, invalidParameter(msgCannotTurnOnMFA)
	case r.MfaConfiguration == MFAOptional && p.cfg.MFA == MFAOff && settings.SmsConfiguration == nil:
		return nil, invalidParameter(msgMFANeedsSMS)
	case r.MfaConfiguration == MFAOptional && p.cfg.MFA == MFAOff:
		changed.MFA, changed.MFAFactors = MFAOptional, []MFAFactor{MFAFactorSMS}
	case r.MfaConfiguration != "":
		changed.MFA = r.MfaConfiguration
	}
	if r.PoolName != "" {
		changed.Name = r.PoolName
	}
	p.invitation = nil
	if r.AdminCreateUserConfig != nil {
		p.invitation = r.AdminCreateUserConfig.InviteMessageTemplate
	}
	p.settings = settings.withDefaults()
	p.chooseIssuer()
	p.reconfigure(&changed)
	p.modified = c.now
	return &empty{}, nil
}

// reconfigure puts changes into force. Fields that never change are read
// without the lock, so they are not written here.
func (p *Pool) reconfigure(changed *Config) {
	p.cfg.Name = changed.Name
	p.cfg.AutoVerifiedAttributes = changed.AutoVerifiedAttributes
	p.cfg.RequireVerificationBeforeUpdate = changed.RequireVerificationBeforeUpdate
	p.cfg.AdminCreateUserOnly = changed.AdminCreateUserOnly
	p.cfg.Devices = changed.Devices
	p.cfg.AccountRecovery = changed.AccountRecovery
	p.cfg.PasswordPolicy = changed.PasswordPolicy
	p.cfg.FirstFactors = changed.FirstFactors
	p.cfg.MFA, p.cfg.MFAFactors = changed.MFA, changed.MFAFactors
	p.cfg.Passkeys = changed.Passkeys
	p.cfg.AdvancedSecurityMode = changed.AdvancedSecurityMode
	p.cfg.Triggers = changed.Triggers
}

// chooseIssuer makes the issuer what IssuerConfiguration says. An issuer that
// does not have the service's own form was chosen for whoever has to reach it,
// and stays.
func (p *Pool) chooseIssuer() {
	i := p.settings.IssuerConfiguration
	p.updatedIssuer.Store(i != nil && i.Type == issuerUpdated && p.cfg.Issuer == defaultIssuer(p.cfg.PoolID))
}

// issued reports whether an issuer is the pool's, or was: tokens outlive a
// change (inferred).
func (p *Pool) issued(issuer string) bool {
	return issuer == p.cfg.Issuer || p.cfg.Issuer == defaultIssuer(p.cfg.PoolID) && issuer == updatedIssuer(p.cfg.PoolID)
}

// deleteUserPool deletes a pool with everything in it, unless it is protected
// or has a domain.
func deleteUserPool(c *call, r *userPoolRequest) (*noBody, *apiError) {
	if err := c.checkServer(); err != nil {
		return nil, err
	}
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	if c.pool.settings.DeletionProtection == protectionActive {
		return nil, invalidParameter(msgPoolProtected)
	}
	if c.pool.domainHost() != "" {
		return nil, invalidParameter(msgPoolHasDomain)
	}
	c.ticket = c.pool.home.remove(c.pool)
	return &noBody{}, nil
}

// remove takes a pool off the server. The pool is locked.
func (s *Server) remove(p *Pool) (ticket uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.index.byID, p.cfg.PoolID)
	delete(s.index.byTag, p.sessions.tag)
	maps.DeleteFunc(s.index.byClient, func(_ string, owner *Pool) bool { return owner == p })
	s.pools = slices.DeleteFunc(s.pools, func(other *Pool) bool { return other == p })
	return p.forgetAll()
}

type listUserPoolsRequest struct {
	NextToken  string `aws:"NextToken,PaginationKey"`
	MaxResults int    `aws:"MaxResults,MaxResults,required"`
}

type listUserPoolsResponse struct {
	UserPools []listedPool
	NextToken string `json:",omitempty"`
}

type listedPool struct {
	ID               string `json:"Id"`
	Name             string
	LambdaConfig     *lambdaConfig
	CreationDate     epoch
	LastModifiedDate epoch
}

func listUserPools(s *Server, c *call, r *listUserPoolsRequest) (*listUserPoolsResponse, *apiError) {
	pools := slices.SortedFunc(slices.Values(s.Pools()), func(a, b *Pool) int { return strings.Compare(a.cfg.PoolID, b.cfg.PoolID) })
	page, next, err := paginate(c, "pools", r.NextToken, r.MaxResults, pools, func(p *Pool) string { return p.cfg.PoolID })
	if err != nil {
		return nil, err
	}
	response := &listUserPoolsResponse{UserPools: []listedPool{}, NextToken: next}
	for _, p := range page {
		response.UserPools = append(response.UserPools, p.listed())
	}
	return response, nil
}

func (p *Pool) listed() listedPool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return listedPool{
		ID: p.cfg.PoolID, Name: p.cfg.Name, LambdaConfig: p.settings.LambdaConfig,
		CreationDate: epoch(p.created), LastModifiedDate: epoch(p.modified),
	}
}
