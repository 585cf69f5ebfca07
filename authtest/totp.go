package authtest

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"slices"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// A totpSecret is what an authenticator app shares with the pool (RFC 6238
// with SHA-1, six digits and steps of 30 seconds).
type totpSecret struct {
	secret string // base32, as shown to the user
	used   []int64
	name   string // FriendlyDeviceName
}

const totpStep = 30 // seconds

func newTOTPSecret() *totpSecret {
	b := make([]byte, 32)
	rand.Read(b)
	return &totpSecret{secret: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)}
}

func (s *totpSecret) code(step int64) string {
	code, err := hotp.GenerateCodeCustom(s.secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		panic("authtest: TOTP: " + err.Error())
	}
	return code
}

type totpResult int

const (
	totpWrong totpResult = iota
	totpRight
	totpUsed
)

// check accepts the code of the current step and of its neighbors, each once.
func (s *totpSecret) check(code string, now time.Time) totpResult {
	current := now.Unix() / totpStep
	result := totpWrong
	for step := current - 1; step <= current+1; step++ {
		if subtle.ConstantTimeCompare([]byte(s.code(step)), []byte(code)) != 1 {
			continue
		}
		if s.isUsed(step) {
			result = totpUsed
			continue
		}
		s.markUsed(step, current)
		return totpRight
	}
	return result
}

func (s *totpSecret) isUsed(step int64) bool { return slices.Contains(s.used, step) }

// markUsed remembers a step for as long as its code would be accepted.
func (s *totpSecret) markUsed(step, current int64) {
	s.used = slices.DeleteFunc(s.used, func(used int64) bool { return used < current-1 })
	s.used = append(s.used, step)
}

// fresh returns a code that check will accept now: the current one unless it
// has been used, else a neighbor.
func (s *totpSecret) fresh(now time.Time) (string, bool) {
	current := now.Unix() / totpStep
	for _, step := range []int64{current, current + 1, current - 1} {
		if !s.isUsed(step) {
			return s.code(step), true
		}
	}
	return "", false
}

// TOTP returns a code from the user's authenticator app that has not been
// used yet: the current one, or else a neighbor that the pool also accepts.
// While an app is being set up and none has been before, its codes are
// returned.
//
// A test fails if the user has no app, or if all three codes of the moment
// have been used; wait half a minute then, which takes no time in a
// testing/synctest bubble. A program gets "".
func (p *Pool) TOTP(user string) string {
	if p.tb != nil {
		p.tb.Helper()
	}
	code, problem := p.freshTOTP(user)
	if problem != "" && p.tb != nil {
		p.misuse("TOTP: %s", problem)
	}
	return code
}

func (p *Pool) freshTOTP(name string) (code, problem string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users.findAny(name)
	if u == nil {
		return "", "no such user"
	}
	secret := u.mfa.totp
	if secret == nil {
		secret = u.mfa.pendingTOTP
	}
	if secret == nil {
		return "", "the user has no authenticator app"
	}
	code, ok := secret.fresh(p.now())
	if !ok {
		return "", "all codes of the moment have been used"
	}
	return code, ""
}
