package authtest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// A RiskLevel is how likely somebody else than the user is to be signing in,
// spelled as the service does.
type RiskLevel string

// The levels of risk.
const (
	RiskNone   RiskLevel = ""
	RiskLow    RiskLevel = "Low"
	RiskMedium RiskLevel = "Medium"
	RiskHigh   RiskLevel = "High"
)

// A riskDecision is what the pool did about a risk.
type riskDecision string

const (
	riskDecisionNone     riskDecision = "NoRisk" // nothing
	riskDecisionTakeover riskDecision = "AccountTakeover"
	riskDecisionBlock    riskDecision = "Block"
)

// What a risk configuration can have done.
const (
	actionBlock       = "BLOCK"
	actionMFA         = "MFA_IF_CONFIGURED"
	actionMFARequired = "MFA_REQUIRED"
	actionNone        = "NO_ACTION"
)

// SetUserRisk says how much of a risk the pool sees in a user's sign-ins from now
// on. By itself it sees none: how the service comes to its judgment was never
// published. The risk is in the authentication events and, in a pool with
// [AdvancedSecurityEnforced], does what SetRiskConfiguration has set for it. The
// user is named by username, alias or sub, and errors are of type [*Error].
func (p *Pool) SetUserRisk(user string, level RiskLevel) error {
	return p.changed(func(*call) *apiError {
		if level != RiskNone && level != RiskLow && level != RiskMedium && level != RiskHigh {
			return invalidParameter(fmt.Sprintf(msgRiskLevel, level))
		}
		u := p.users.findAny(user)
		if u == nil {
			return userNotFound(msgUserNotFound)
		}
		u.risk = level
		return nil
	})
}

// AddCompromisedPasswords makes the pool believe that passwords are known to
// others. Threat protection detects them where people send a password, to sign
// in or as their new one: not in proofs by SRP, which do not show any. The pool
// keeps hashes of them, of a thousand at most; more are an [*Error].
func (p *Pool) AddCompromisedPasswords(passwords ...string) error {
	return p.changed(func(*call) *apiError {
		for _, password := range passwords {
			key := p.leakKey(password)
			if len(p.leaked) >= maxLeaked && !p.leaked[key] {
				return fail(wire.ExceptionLimitExceeded, msgLeakedLimit)
			}
			p.leaked[key] = true
		}
		return nil
	})
}

// maxLeaked bounds the passwords that are known to others: they are part of the
// pool's record, which is stored as a whole.
const maxLeaked = 1000

// changed is change for programs that expect problems.
func (p *Pool) changed(act func(*call) *apiError) error {
	if err := p.change(act); err != nil {
		return &Error{err.code, err.message}
	}
	return nil
}

// A leakKey is the hash of a password that others know.
type leakKey [sha256.Size]byte

func (p *Pool) leakKey(password string) leakKey { return leakKey(p.mac("leaked\x00" + password)) }

// compromised reports whether a password is known to others.
func (p *Pool) compromised(password string) bool {
	return len(p.leaked) > 0 && p.leaked[p.leakKey(password)]
}

// enforces reports whether the risk of a sign-in has consequences. Custom
// sign-ins have a mode of their own.
func (p *Pool) enforces(custom bool) bool {
	if !custom {
		return p.cfg.AdvancedSecurityMode == AdvancedSecurityEnforced
	}
	addOns := p.settings.UserPoolAddOns
	return addOns != nil && addOns.AdvancedSecurityAdditionalFlows != nil &&
		addOns.AdvancedSecurityAdditionalFlows.CustomAuthMode == string(AdvancedSecurityEnforced)
}

// checkLeaked refuses a new password that others know.
func (c *call) checkLeaked(client *appClient, at eventFilter, password string) *apiError {
	if !c.pool.protected() || !c.pool.compromised(password) {
		return nil
	}
	if c.observed != nil {
		c.observed.risk.CompromisedCredentialsDetected = true
	}
	if !c.pool.enforces(false) || !c.pool.riskConfiguration(client).blocksCompromised(at) {
		return nil
	}
	return invalidPassword(msgCompromised)
}

// takePassword checks a password that signs in. One that others know is of no
// more use, if the pool is to block it: the user has to reset it.
func (c *call) takePassword(a attempt, password string) *apiError {
	u := a.user
	if err := c.countPassword(u, u.password.matches(password)); err != nil {
		return err
	}
	if c.observed == nil || !c.pool.compromised(password) {
		return nil
	}
	c.observed.risk.CompromisedCredentialsDetected = true
	if !c.pool.enforces(a.custom) || !c.pool.riskConfiguration(a.client).blocksCompromised(filterSignIn) {
		return nil
	}
	c.observed.risk.RiskDecision = riskDecisionBlock
	u.status, u.modified = StatusResetRequired, c.now
	return fail(wire.ExceptionPasswordResetRequired, msgResetCompromised)
}

// assess decides what becomes of a sign-in whose first factor was right. It
// refuses it, or reports whether a second factor is needed although the pool
// might do without.
func (c *call) assess(a attempt) (demandsMFA bool, refusal *apiError) {
	o := c.observed
	if o == nil {
		return false, nil
	}
	cfg, address := c.pool.riskConfiguration(a.client), c.address(o.authEvent)
	if cfg.skipsAddress(address) {
		return false, nil
	}
	o.risk.RiskLevel = a.user.risk
	if !c.pool.enforces(a.custom) {
		return false, nil
	}
	if cfg.blocksAddress(address) {
		o.risk.RiskDecision = riskDecisionBlock
		return false, notAuthorized(msgAddressBlocked)
	}
	action := cfg.action(a.user.risk)
	if action == nil {
		return false, nil
	}
	what := action.EventAction
	if what == actionMFA || what == actionMFARequired {
		switch possible := len(c.factorsAtRisk(a.user)) > 0; {
		case !possible && what == actionMFARequired:
			what = actionBlock
		case !possible:
			what = actionNone
		}
	}
	if action.Notify {
		c.notify(o, cfg, what)
		if err := c.stillSignsIn(a); err != nil { // a trigger may have run
			return false, err
		}
	}
	switch what {
	case actionBlock:
		o.risk.RiskDecision = riskDecisionBlock
		return false, notAuthorized(msgRisk)
	case actionNone:
		return false, nil
	default:
		o.risk.RiskDecision = riskDecisionTakeover
		return true, nil
	}
}

// factorsAtRisk are the factors that a user is asked for because of a risk: if
// not those of every sign-in, then any that the user could have.
func (c *call) factorsAtRisk(u *user) []MFAFactor {
	if factors := c.factorsOf(u); len(factors) > 0 {
		return factors
	}
	var factors []MFAFactor
	for _, factor := range factorOrder {
		if c.pool.offers(factor) && u.canUse(factor) {
			factors = append(factors, factor)
		}
	}
	return factors
}

// defaultNotification is what is sent where the configuration has no words.
const defaultNotification = "There was a sign-in to your account, {username}, at {login-time}. Was it you?"

// notify tells a user by e-mail what was done about a risk. It does not matter
// to the sign-in whether that succeeds.
func (c *call) notify(o *observation, cfg *riskMembers, done string) {
	email := o.user.attributes[attrEmail]
	if email == "" {
		return
	}
	words := &notifyEmail{}
	if n := cfg.AccountTakeoverRiskConfiguration.NotifyConfiguration; n != nil {
		switch done {
		case actionBlock:
			words = cmp.Or(n.BlockEmail, words)
		case actionNone:
			words = cmp.Or(n.NoActionEmail, words)
		default:
			words = cmp.Or(n.MfaEmail, words)
		}
	}
	token := c.pool.feedbackToken(o.user, o.id)
	// Where people are and the links to the service's pages are not known here:
	// what stands for them stays as it is.
	placeholders := strings.NewReplacer(
		usernamePlaceholder, o.user.username, "{ip-address}", c.address(o.authEvent), "{device-name}", o.context.DeviceName,
		"{login-time}", c.now.UTC().Format(time.RFC3339), "{event-id}", o.id, "{feedback-token}", token,
	)
	_ = c.send(o.user, Message{
		Kind: MessageAccountTakeOver, Medium: MediumEmail, Destination: email, Attribute: attrEmail, Code: token,
		Subject: cmp.Or(words.Subject, "Sign-in to your account"),
		Body:    placeholders.Replace(cmp.Or(words.TextBody, words.HTMLBody, defaultNotification)),
	})
}
