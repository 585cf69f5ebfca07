package authtest

import "time"

// A limitedAction is something that a user may do only so often.
type limitedAction string

// The service documents these limits as fixed, except for password resets,
// where it allows 5 to 20 attempts depending on the risk it sees. The pool
// takes the lowest.
const (
	limitResend        limitedAction = "resend"
	limitConfirm       limitedAction = "confirm"
	limitReset         limitedAction = "reset"
	limitChange        limitedAction = "change password"
	limitAttributeCode limitedAction = "attribute code"
	limitVerify        limitedAction = "verify attribute"
)

var limits = map[limitedAction]int{
	limitResend:        5,
	limitConfirm:       15,
	limitReset:         5,
	limitChange:        5,
	limitAttributeCode: 5,
	limitVerify:        15,
}

const limitWindow = time.Hour

// attempt counts an attempt at an action, or refuses it.
func (u *user) attempt(action limitedAction, now time.Time) *apiError {
	recent := u.attempts[action]
	for len(recent) > 0 && now.Sub(recent[0]) >= limitWindow {
		recent = recent[1:]
	}
	if len(recent) >= limits[action] {
		u.attempts[action] = recent
		return limitExceeded()
	}
	u.attempts[action] = append(recent, now)
	return nil
}

// A lockout counts failures in a row. From the fifth on every failure locks
// the account for twice as long as the one before, starting with a second.
type lockout struct {
	failures int
	last     time.Time
	until    time.Time
}

const (
	lockoutThreshold = 5
	lockoutMost      = 15 * time.Minute
	lockoutForgotten = 15 * time.Minute // without attempts
)

// locked reports whether attempts are refused; those do not count.
func (l *lockout) locked(now time.Time) bool { return now.Before(l.until) }

// locked reports whether the user is locked out, by passwords or codes.
func (u *user) locked(now time.Time) bool { return u.passwordLock.locked(now) || u.mfaLock.locked(now) }

func (l *lockout) fail(now time.Time) {
	if now.Sub(l.last) >= lockoutForgotten {
		l.failures = 0
	}
	l.failures++
	l.last = now
	if n := l.failures - lockoutThreshold; n >= 0 {
		l.until = now.Add(min(time.Second<<min(n, 10), lockoutMost))
	}
}

func (l *lockout) succeed() { *l = lockout{} }
