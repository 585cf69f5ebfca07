package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// An account is what a person signs up with.
type account struct{ username, password, email string }

// A person answers what the journey asks.
type person interface {
	account() account
	confirmationCode() (string, error)
	answer(auth.SignInNextStep) (string, error)
}

// meet returns the person and the pool of this run.
func meet() (person, auth.Config, error) {
	if id := os.Getenv("COGNITO_USER_POOL_ID"); id != "" {
		cfg := auth.Config{
			UserPoolID: id, ClientID: os.Getenv("COGNITO_CLIENT_ID"), ClientSecret: os.Getenv("COGNITO_CLIENT_SECRET"),
		}
		p, err := newTypist(os.Stdin, cfg)
		return p, cfg, err
	}
	return meetAna()
}

// ana lives in a pool inside this process, which shows her codes.
type ana struct {
	pool  *authtest.Pool
	wrong bool // she has mistyped a code
}

func meetAna() (person, auth.Config, error) {
	pool, err := authtest.New(authtest.Config{MFA: authtest.MFARequired})
	if err != nil {
		return nil, auth.Config{}, err
	}
	fmt.Printf("User pool %s, inside this process\n", pool.PoolID())
	return &ana{pool: pool}, auth.Config{UserPoolID: pool.PoolID(), ClientID: pool.ClientID(), HTTPClient: pool.HTTPClient()}, nil
}

func (a *ana) account() account {
	return account{username: "ana", password: "Correct-Horse-7", email: "ana@example.com"}
}

func (a *ana) confirmationCode() (string, error) { return a.pool.Code("ana"), nil }

func (a *ana) answer(next auth.SignInNextStep) (string, error) {
	switch next.Step {
	case auth.SignInStepContinueWithTOTPSetup:
		uri := next.TOTPSetupDetails.SetupURI("My App & Co", "ana@example.com")
		label, _, _ := strings.Cut(uri, "?")
		say("ana scans a QR code (%s…) and types the app's first code", label)
	case auth.SignInStepConfirmWithTOTPCode:
		if !a.wrong {
			a.wrong = true
			say("ana mistypes the code of her authenticator app")
			return mistype(a.pool.TOTP("ana")), nil
		}
		say("ana types the code of her authenticator app")
	default:
		return "", fmt.Errorf("ana does not know what to do at %s", next.Step)
	}
	return a.pool.TOTP("ana"), nil
}

// mistype changes the first digit.
func mistype(code string) string {
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}

// A typist is whoever sits at the terminal.
type typist struct {
	in   *bufio.Scanner
	self account
}

func newTypist(in io.Reader, cfg auth.Config) (person, error) {
	fmt.Printf("User pool %s\n", cfg.UserPoolID)
	t := &typist{in: bufio.NewScanner(in)}
	for _, ask := range []struct {
		question string
		answer   *string
	}{{"Username", &t.self.username}, {"E-mail address", &t.self.email}, {"Password (shown as you type)", &t.self.password}} {
		var err error
		if *ask.answer, err = t.ask(ask.question); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *typist) account() account { return t.self }

func (t *typist) confirmationCode() (string, error) { return t.ask("The code you received") }

func (t *typist) answer(next auth.SignInNextStep) (string, error) {
	switch next.Step {
	case auth.SignInStepContinueWithTOTPSetup:
		say("add this to your authenticator app: %s", next.TOTPSetupDetails.SetupURI("Quickstart", t.self.username))
		return t.ask("Its first code")
	case auth.SignInStepConfirmWithSMSCode, auth.SignInStepConfirmWithEmailCode:
		return t.ask("The code sent to " + next.CodeDeliveryDetails.Destination)
	case auth.SignInStepConfirmWithTOTPCode:
		return t.ask("The code of your authenticator app")
	case auth.SignInStepContinueWithMFASelection, auth.SignInStepContinueWithMFASetupChoice:
		return t.ask(fmt.Sprintf("One of %v", next.AllowedMFATypes))
	case auth.SignInStepConfirmSignUp, auth.SignInStepResetPassword:
		return "", errors.New("this has to be done first: " + string(next.Step))
	}
	return t.ask("Your answer")
}

func (t *typist) ask(question string) (string, error) {
	fmt.Printf("  ? %s: ", question)
	if !t.in.Scan() {
		return "", errors.Join(errors.New("no more input"), t.in.Err())
	}
	return strings.TrimSpace(t.in.Text()), nil
}

func say(format string, args ...any) { fmt.Printf("  "+format+"\n", args...) }

func until(t time.Time) string { return "in " + time.Until(t).Round(time.Minute).String() }

func readText(r *http.Response) (string, error) {
	defer r.Body.Close()
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<10))
	return strings.TrimSpace(string(text)), err
}
