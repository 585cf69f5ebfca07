package auth_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// This file is the model of the model-based test in walk_ext_test.go: what
// Cognito's documentation says about one person's sign-ins, without any of the
// code under test. It predicts the step or the error of every action.

// A world is a pool, its app client and one person.
type world struct {
	mfa      authtest.MFAMode
	factors  []authtest.MFAFactor
	first    []authtest.FirstFactor
	devices  *authtest.DeviceTracking
	hide     bool // PreventUserExistenceErrors
	secret   bool
	rounds   int // of a custom challenge
	exists   bool
	user     authtest.User
	sessions time.Duration
}

func (w world) String() string {
	devices := "no devices"
	if w.devices != nil {
		devices = fmt.Sprintf("devices %+v", *w.devices)
	}
	u := w.user
	return fmt.Sprintf("MFA %s %v, first factors %v, %s, hide %t, secret %t, rounds %d; user exists %t, status %q, disabled %t, e-mail %t, phone %t, TOTP %t, SMS %t, e-mail MFA %t, preferred %q",
		w.mfa, w.factors, w.first, devices, w.hide, w.secret, w.rounds, w.exists, u.Status, u.Disabled, u.Email != "", u.Phone != "", u.TOTP, u.SMSMFA, u.EmailMFA, u.PreferredMFA)
}

// An outcome is a step or an error.
type outcome struct {
	step auth.SignInStep
	code auth.ErrorCode
}

func (o outcome) String() string { return string(o.step) + string(o.code) }

func step(s auth.SignInStep) outcome   { return outcome{step: s} }
func refusal(c auth.ErrorCode) outcome { return outcome{code: c} }

// A model is what the person's browser session should be like.
type model struct {
	world
	now      time.Time
	signedIn bool
	password string

	status      authtest.UserStatus
	totp        bool
	email       bool
	sms         bool
	emailMFA    bool // set up during a sign-in
	device      bool // registered
	remembered  bool
	wrongSecret int // wrong passwords since the last right one
	wrongCodes  int

	attempt *modelAttempt
}

// A modelAttempt is a sign-in in progress.
type modelAttempt struct {
	waits   auth.SignInStep
	issued  time.Time // the service's session
	since   time.Time // the SDK's record
	custom  bool
	proved  bool     // the password was proved by SRP: a new device is registered
	srp     bool     // the password step is for PASSWORD_SRP
	first   bool     // the code is the only factor
	factors []string // first factors on offer
	choices []string // second factors on offer
	right   int      // custom answers
	wrong   int
	contact string // "email" while an address is being set up
}

func newModel(w world, now time.Time) *model {
	u := w.user
	status := u.Status
	if status == "" {
		status = authtest.StatusConfirmed
	}
	return &model{world: w, now: now, password: thePassword, status: status, totp: u.TOTP, email: u.Email != "", sms: u.Phone != ""}
}

// signIn predicts SignIn.
func (m *model) signIn(f auth.AuthFlow, preferred string, rightPassword bool) outcome {
	if m.signedIn {
		return refusal(auth.ErrAlreadySignedIn)
	}
	m.attempt = nil
	a := &modelAttempt{custom: f == auth.AuthFlowCustomWithSRP || f == auth.AuthFlowCustomWithoutSRP}
	if !m.exists {
		if m.hide {
			return refusal(auth.ErrNotAuthorized)
		}
		return refusal(auth.ErrUserNotFound)
	}
	switch f {
	case auth.AuthFlowCustomWithoutSRP:
		if m.user.Disabled {
			return refusal(auth.ErrUserDisabled)
		}
		return m.customStep(a)
	case auth.AuthFlowUser:
		return m.userAuth(a, preferred, rightPassword)
	}
	a.proved = f != auth.AuthFlowUserPassword
	if f == auth.AuthFlowCustomWithSRP && m.user.Disabled {
		return refusal(auth.ErrUserDisabled)
	}
	return m.withPassword(a, rightPassword)
}

// withPassword is what follows a password, however it came.
func (m *model) withPassword(a *modelAttempt, right bool) outcome {
	if o := m.admit(); o != (outcome{}) {
		return o
	}
	if !right {
		m.wrongSecret++
		return refusal(auth.ErrNotAuthorized)
	}
	m.wrongSecret = 0
	if m.status == authtest.StatusForceChangePassword {
		return m.ask(a, auth.SignInStepConfirmWithNewPassword)
	}
	return m.secondFactor(a)
}

func (m *model) admit() outcome {
	switch {
	case m.user.Disabled:
		return refusal(auth.ErrUserDisabled)
	case m.status == authtest.StatusUnconfirmed:
		return step(auth.SignInStepConfirmSignUp)
	case m.status == authtest.StatusResetRequired && m.hide:
		return refusal(auth.ErrNotAuthorized)
	case m.status == authtest.StatusResetRequired:
		return step(auth.SignInStepResetPassword)
	}
	return outcome{}
}

// usable are the second factors that the person can be asked for.
func (m *model) usable() []string {
	var list []string
	for _, f := range []struct {
		name    authtest.MFAFactor
		has     bool
		enabled bool
	}{
		{authtest.MFAFactorSMS, m.sms, m.user.SMSMFA},
		{authtest.MFAFactorTOTP, m.totp, m.user.TOTP},
		{authtest.MFAFactorEmail, m.email, m.user.EmailMFA || m.emailMFA},
	} {
		if slices.Contains(m.factors, f.name) && f.has && (m.mfa == authtest.MFARequired || m.mfa == authtest.MFAOptional && f.enabled) {
			list = append(list, string(f.name))
		}
	}
	return list
}

func (m *model) secondFactor(a *modelAttempt) outcome {
	if m.mfa == authtest.MFAOff || m.deviceCounts() && m.devices.ChallengeRequiredOnNewDevice {
		return m.afterFactors(a)
	}
	usable := m.usable()
	if p := string(m.user.PreferredMFA); slices.Contains(usable, p) {
		return m.ask(a, codeStep(p))
	}
	switch {
	case len(usable) == 1:
		return m.ask(a, codeStep(usable[0]))
	case len(usable) > 1:
		a.choices = usable
		return m.ask(a, auth.SignInStepContinueWithMFASelection)
	case m.mfa == authtest.MFAOptional:
		return m.afterFactors(a)
	}
	a.choices = nil
	for _, f := range []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorEmail} {
		if slices.Contains(m.factors, f) {
			a.choices = append(a.choices, string(f))
		}
	}
	switch {
	case len(a.choices) == 0:
		m.attempt = nil
		return refusal(auth.ErrNoUsableMFASetup)
	case len(a.choices) == 2:
		return m.ask(a, auth.SignInStepContinueWithMFASetupChoice)
	case a.choices[0] == string(authtest.MFAFactorTOTP):
		return m.ask(a, auth.SignInStepContinueWithTOTPSetup)
	}
	return m.ask(a, auth.SignInStepContinueWithEmailSetup)
}

func codeStep(factor string) auth.SignInStep {
	switch factor {
	case "SMS_MFA", "SMS_OTP":
		return auth.SignInStepConfirmWithSMSCode
	case "EMAIL_OTP":
		return auth.SignInStepConfirmWithEmailCode
	}
	return auth.SignInStepConfirmWithTOTPCode
}

// afterFactors is what follows when password and second factor are done.
func (m *model) afterFactors(a *modelAttempt) outcome {
	if a.custom && a.right < m.rounds {
		return m.customStep(a)
	}
	if m.devices != nil && !m.device && a.proved {
		m.device, m.remembered = true, !m.devices.RememberOnRequest
	}
	m.attempt, m.signedIn = nil, true
	return step(auth.SignInStepDone)
}

func (m *model) deviceCounts() bool { return m.devices != nil && m.device && m.remembered }

func (m *model) customStep(a *modelAttempt) outcome {
	if m.rounds == 0 {
		a.custom = false
		return m.afterFactors(a)
	}
	return m.ask(a, auth.SignInStepConfirmWithCustomChallenge)
}

// ask makes the attempt wait, with a new session of the service.
func (m *model) ask(a *modelAttempt, s auth.SignInStep) outcome {
	a.issued = m.now
	return m.askAgain(a, s)
}

// askAgain makes the attempt wait without a request.
func (m *model) askAgain(a *modelAttempt, s auth.SignInStep) outcome {
	a.waits, a.since = s, m.now
	m.attempt = a
	return step(s)
}

// firstFactors are the first factors on offer.
func (m *model) firstFactors() []string {
	var list []string
	if slices.Contains(m.first, authtest.FirstFactorPassword) && m.status != authtest.StatusUnconfirmed {
		list = append(list, "PASSWORD_SRP", "PASSWORD")
	}
	if m.status == authtest.StatusForceChangePassword || m.mfa == authtest.MFARequired || m.mfa == authtest.MFAOptional && len(m.usable()) > 0 {
		return list
	}
	if slices.Contains(m.first, authtest.FirstFactorEmailOTP) && m.email {
		list = append(list, "EMAIL_OTP")
	}
	if slices.Contains(m.first, authtest.FirstFactorSMSOTP) && m.sms {
		list = append(list, "SMS_OTP")
	}
	return list
}

func (m *model) userAuth(a *modelAttempt, preferred string, rightPassword bool) outcome {
	if o := m.admit(); o != (outcome{}) && m.status != authtest.StatusUnconfirmed || m.user.Disabled {
		return o
	}
	a.factors = m.firstFactors()
	if len(a.factors) == 0 {
		if m.status == authtest.StatusUnconfirmed {
			return step(auth.SignInStepConfirmSignUp)
		}
		return refusal(auth.ErrNotAuthorized)
	}
	if !slices.Contains(a.factors, preferred) {
		return m.ask(a, auth.SignInStepContinueWithFirstFactor)
	}
	switch preferred {
	case "PASSWORD", "PASSWORD_SRP":
		a.proved = preferred == "PASSWORD_SRP"
		return m.withPassword(a, rightPassword)
	}
	a.first = true
	return m.ask(a, codeStep(preferred))
}

// resend predicts ResendSignInCode.
func (m *model) resend() outcome {
	if o := m.answerable(); o != (outcome{}) {
		return o
	}
	a := m.attempt
	if !a.first || a.waits != auth.SignInStepConfirmWithEmailCode && a.waits != auth.SignInStepConfirmWithSMSCode {
		return refusal(auth.ErrCannotResend)
	}
	if m.signedIn {
		return refusal(auth.ErrAlreadySignedIn)
	}
	return m.ask(a, a.waits)
}

// answerable predicts what is wrong with the attempt before any answer.
func (m *model) answerable() outcome {
	switch a := m.attempt; {
	case a == nil || m.now.Sub(a.since) >= time.Hour:
		return refusal(auth.ErrNoSignIn)
	case m.now.Sub(a.since) > 15*time.Minute:
		return refusal(auth.ErrSignInExpired)
	}
	return outcome{}
}

// confirm predicts ConfirmSignIn. kind says what the answer is: right, wrong or
// empty; choice is what a right answer chooses where there is a choice.
func (m *model) confirm(kind answerKind, choice string) outcome {
	if o := m.answerable(); o != (outcome{}) {
		return o
	}
	a := m.attempt
	if kind == emptyAnswer {
		return refusal(auth.ErrInvalidInput)
	}
	right := kind == rightAnswer
	// What is wrong or chosen without asking the service comes first.
	switch a.waits {
	case auth.SignInStepContinueWithMFASelection:
		if !right {
			return refusal(auth.ErrIncorrectMFAMethod)
		}
	case auth.SignInStepContinueWithMFASetupChoice:
		if !right {
			return refusal(auth.ErrIncorrectMFAMethod)
		}
		if choice == string(authtest.MFAFactorEmail) {
			return m.askAgain(a, auth.SignInStepContinueWithEmailSetup)
		}
	case auth.SignInStepContinueWithFirstFactor:
		if !right {
			return refusal(auth.ErrInvalidPreferredChallenge)
		}
		if choice == "PASSWORD" || choice == "PASSWORD_SRP" {
			a.srp = choice == "PASSWORD_SRP"
			return m.askAgain(a, auth.SignInStepConfirmWithPassword)
		}
	case auth.SignInStepContinueWithEmailSetup:
		if !right {
			return refusal(auth.ErrInvalidInput)
		}
	}
	if m.now.Sub(a.issued) >= m.sessions {
		m.attempt = nil
		return refusal(auth.ErrSignInExpired)
	}
	return m.judged(a, right, choice)
}

// judged is what the service says to an answer.
func (m *model) judged(a *modelAttempt, right bool, choice string) outcome {
	switch a.waits {
	case auth.SignInStepConfirmWithSMSCode, auth.SignInStepConfirmWithEmailCode, auth.SignInStepConfirmWithTOTPCode:
		if !right {
			m.wrongCodes++
			return refusal(auth.ErrCodeMismatch)
		}
		m.wrongCodes = 0
		if a.contact == "email" {
			m.email, m.emailMFA = true, true
		}
		if a.first && m.status == authtest.StatusUnconfirmed {
			m.status = authtest.StatusConfirmed
		}
		return m.afterFactors(a)
	case auth.SignInStepConfirmWithNewPassword:
		if !right {
			return refusal(auth.ErrInvalidPassword)
		}
		m.status = authtest.StatusConfirmed
		return m.secondFactor(a)
	case auth.SignInStepContinueWithMFASelection:
		return m.ask(a, codeStep(choice))
	case auth.SignInStepContinueWithMFASetupChoice:
		return m.ask(a, auth.SignInStepContinueWithTOTPSetup)
	case auth.SignInStepContinueWithTOTPSetup:
		if !right {
			return refusal(auth.ErrEnableSoftwareTokenMFA)
		}
		m.totp = true
		return m.afterFactors(a)
	case auth.SignInStepContinueWithEmailSetup:
		a.contact = "email"
		return m.ask(a, auth.SignInStepConfirmWithEmailCode)
	case auth.SignInStepContinueWithFirstFactor:
		a.first = true
		return m.ask(a, codeStep(choice))
	case auth.SignInStepConfirmWithPassword:
		if right {
			a.proved = a.srp
			return m.withPassword(a, true)
		}
		m.wrongSecret++
		if a.srp { // the session of the choice is spent
			m.attempt = nil
		}
		return refusal(auth.ErrNotAuthorized)
	case auth.SignInStepConfirmWithCustomChallenge:
		if right {
			a.right++
			return m.afterFactors(a)
		}
		if a.wrong++; a.wrong >= 3 {
			m.attempt = nil
			return refusal(auth.ErrNotAuthorized)
		}
		return m.ask(a, auth.SignInStepConfirmWithCustomChallenge)
	}
	panic("the model does not know step " + a.waits)
}

func (m *model) signOut() { m.signedIn, m.attempt = false, nil }

// An answerKind is what an answer is like.
type answerKind int

const (
	rightAnswer answerKind = iota
	wrongAnswer
	emptyAnswer
)
