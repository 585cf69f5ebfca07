package authtest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/srp"
)

// A credential is a password in the two forms that sign-in needs: a salted
// hash for the flows that send the password, and an SRP verifier. The pool
// keeps no password.
type credential struct {
	salt     [16]byte
	hash     [sha256.Size]byte
	verifier srp.Verifier
}

func (p *Pool) newCredential(username, password string) *credential {
	c := &credential{verifier: srp.NewVerifier(p.srpGroup(), username, password)}
	rand.Read(c.salt[:])
	c.hash = c.digest(password)
	return c
}

func (c *credential) digest(password string) [sha256.Size]byte {
	return sha256.Sum256(append(c.salt[:], password...))
}

func (c *credential) matches(password string) bool {
	if c == nil {
		return false
	}
	digest := c.digest(password)
	return subtle.ConstantTimeCompare(digest[:], c.hash[:]) == 1
}

// policySymbols are the characters that satisfy a policy's demand for
// symbols. A space counts when it is neither first nor last.
const policySymbols = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"

// check returns the first rule of the policy that the password breaks: the
// service reports one at a time.
func (policy *PasswordPolicy) check(password string) *apiError {
	broken := func(rule string) *apiError { return invalidPassword(msgPolicy + rule) }
	switch {
	case len([]rune(password)) < policy.MinimumLength:
		return broken(msgTooShort)
	case policy.RequireUppercase && !strings.ContainsAny(password, upperLetters):
		return broken(msgNoUppercase)
	case policy.RequireLowercase && !strings.ContainsAny(password, lowerLetters):
		return broken(msgNoLowercase)
	case policy.RequireNumbers && !strings.ContainsAny(password, digits):
		return broken(msgNoNumber)
	case policy.RequireSymbols && !strings.ContainsAny(password, policySymbols) && !strings.Contains(strings.TrimSpace(password), " "):
		return broken(msgNoSymbol)
	default:
		return nil
	}
}

// checkNewPassword checks a password that is to replace the user's.
func (c *call) checkNewPassword(u *user, password string) *apiError {
	if err := c.pool.cfg.PasswordPolicy.check(password); err != nil {
		return err
	}
	return c.checkHistory(u, password)
}

// checkHistory refuses a password that is among the user's last ones. Whoever
// calls it tells the client what these are, so the client has to have proved
// that it is the user.
func (c *call) checkHistory(u *user, password string) *apiError {
	if c.pool.cfg.PasswordPolicy.HistorySize == 0 {
		return nil
	}
	used := u.password.matches(password)
	for _, former := range u.former {
		used = former.matches(password) || used
	}
	if used {
		return fail(wire.ExceptionPasswordHistoryPolicyViolation, msgPasswordUsed)
	}
	return nil
}

// setPassword makes password the user's own.
func (c *call) setPassword(u *user, password string) {
	if kept := c.pool.cfg.PasswordPolicy.HistorySize - 1; kept > 0 && u.password != nil {
		u.former = append([]*credential{u.password}, u.former[:min(kept-1, len(u.former))]...)
	}
	u.password = c.pool.newCredential(u.username, password)
	u.temporaryExpires = time.Time{}
	u.modified = c.now
}

// setTemporaryPassword makes password one that the user has to change.
func (c *call) setTemporaryPassword(u *user, password string) {
	c.setPassword(u, password)
	u.status = StatusForceChangePassword
	u.temporaryExpires = c.now.Add(c.pool.temporaryValidity())
}

func (p *Pool) temporaryValidity() time.Duration {
	return time.Duration(p.cfg.PasswordPolicy.TemporaryValidityDays) * 24 * time.Hour
}

// temporaryPassword makes up a password that every policy accepts.
func temporaryPassword(policy *PasswordPolicy) string {
	n := max(policy.MinimumLength, 12)
	return randomString(1, upperLetters) + randomString(1, lowerLetters) + randomString(1, digits) + "!" +
		randomString(n-4, upperLetters+lowerLetters+digits)
}
