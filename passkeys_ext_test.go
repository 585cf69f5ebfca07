package auth_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

// theApp is the page on which passkeys are used.
const theApp = "https://app.example.com"

// passkeyPool returns a pool where people choose among passwords, codes and
// passkeys, with ana, and the authenticator that has her passkey.
func passkeyPool(t testing.TB, changes ...func(*authtest.Config)) (*authtest.Pool, *authtest.Authenticator) {
	t.Helper()
	cfg := authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP, authtest.FirstFactorWebAuthn},
		Passkeys:          &authtest.Passkeys{RelyingPartyID: "example.com"},
	}
	for _, change := range changes {
		change(&cfg)
	}
	pool := authtest.NewPool(t, cfg)
	addUser(t, pool, "ana")
	a := authtest.NewAuthenticator(theApp)
	pool.AddPasskey("ana", a)
	return pool, a
}

// byChoice makes sign-ins choice-based.
func byChoice(cfg *auth.Config) { cfg.AuthFlow = auth.AuthFlowUser }

// passkeySession returns a session whose sign-ins are choice-based.
func passkeySession(t testing.TB, pool *authtest.Pool, changes ...func(*auth.Config)) *auth.Session {
	t.Helper()
	return sessionOf(t, newClient(t, pool, append(changes, byChoice)...), "s")
}

// askPasskey begins a sign-in of ana with a passkey and returns the options.
func askPasskey(t testing.TB, s *auth.Session) json.RawMessage {
	t.Helper()
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", PreferredChallenge: "WEB_AUTHN"})
	return passkeyOptions(t, out, err)
}

// passkeyOptions returns the options of the step, which has to be the passkey's
// and to have nothing else.
func passkeyOptions(t testing.TB, out *auth.SignInOutput, err error) json.RawMessage {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	options := out.NextStep.WebAuthnOptions
	want := &auth.SignInOutput{NextStep: auth.SignInNextStep{Step: auth.SignInStepConfirmWithWebAuthn, WebAuthnOptions: options}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Fatalf("output (-want +got):\n%s", diff)
	}
	var read struct {
		Challenge, RPID  string
		AllowCredentials []struct{ ID string }
	}
	if err := json.Unmarshal(options, &read); err != nil {
		t.Fatal(err)
	}
	if read.Challenge == "" || read.RPID != "example.com" || len(read.AllowCredentials) != 1 {
		t.Fatalf("options: got %s", options)
	}
	return options
}

// usePasskey makes the credential that the browser would make.
func usePasskey(t testing.TB, a *authtest.Authenticator, options json.RawMessage) string {
	t.Helper()
	credential, err := a.Get(options)
	if err != nil {
		t.Fatal(err)
	}
	return string(credential)
}

// confirmPasskey answers the step.
func confirmPasskey(t testing.TB, s *auth.Session, answer string) (*auth.SignInOutput, error) {
	t.Helper()
	return auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: answer})
}

// wantRequest checks what the last request carried, apart from its session,
// which has to be there or not.
func wantRequest(t testing.TB, pool *authtest.Pool, operation string, session bool, want object) {
	t.Helper()
	all := requestsFor(pool)
	last := all[len(all)-1]
	got := maps.Clone(last.Body)
	if text, _ := got["Session"].(string); last.Operation != operation || (text != "") != session {
		t.Errorf("got %s with a session: %t, want %s with one: %t", last.Operation, text != "", operation, session)
	}
	delete(got, "Session")
	want["ClientId"] = pool.ClientID()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", operation, diff)
	}
}

// A passkey's whole life: made when somebody is signed in, used the next time,
// deleted.
func TestPasskeyFromRegistrationToSignIn(t *testing.T) {
	t.Parallel()
	pool, _ := passkeyPool(t)
	addUser(t, pool, "bob")
	s := passkeySession(t, pool)
	byPassword := auth.SignInInput{Username: "bob", Password: thePassword, PreferredChallenge: "PASSWORD"}
	out, err := auth.SignIn(t.Context(), s, byPassword)
	wantSignedIn(t, out, err)
	a := authtest.NewAuthenticator(theApp)
	id := registerPasskey(t, s, a)
	if diff := cmp.Diff([]string{id}, passkeysOf(t, s)); diff != "" {
		t.Errorf("passkeys (-want +got):\n%s", diff)
	}
	if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
		t.Fatal(err)
	}

	out, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bob", PreferredChallenge: "WEB_AUTHN"})
	out, err = confirmPasskey(t, s, usePasskey(t, a, passkeyOptions(t, out, err)))
	wantSignedIn(t, out, err)
	if got := fetch(t, s).Tokens.AccessClaims.Username(); got != "bob" {
		t.Errorf("signed %s in", got)
	}

	if _, err := auth.DeleteWebAuthnCredential(t.Context(), s, auth.DeleteWebAuthnCredentialInput{CredentialID: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	out, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bob", PreferredChallenge: "WEB_AUTHN"})
	if err != nil || out.NextStep.Step != auth.SignInStepContinueWithFirstFactor || slices.Contains(out.NextStep.AvailableChallenges, "WEB_AUTHN") {
		t.Errorf("without a passkey: got %+v, %v", out, err)
	}
}

// Behavior 36: the step carries the request options as JSON, and the credential
// goes out as a string, as the browser wrote it.
func TestPasskeyPreferred(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t)
	s := passkeySession(t, pool)
	options := askPasskey(t, s)
	wantRequest(t, pool, "InitiateAuth", false, object{
		"AuthFlow": "USER_AUTH", "AuthParameters": object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "WEB_AUTHN"},
	})
	credential := "\n " + usePasskey(t, a, options)
	out, err := confirmPasskey(t, s, credential)
	wantSignedIn(t, out, err)
	wantRequest(t, pool, "RespondToAuthChallenge", true, object{
		"ChallengeName": "WEB_AUTHN", "ChallengeResponses": object{"USERNAME": "ana", "CREDENTIAL": credential},
	})
	if got := fetch(t, s).Tokens.AccessClaims.Username(); got != "ana" {
		t.Errorf("signed %s in", got)
	}
}

// Behavior 36, when the passkey is chosen rather than preferred.
func TestPasskeyChosen(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t)
	s := passkeySession(t, pool)
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana"})
	if err != nil || out.NextStep.Step != auth.SignInStepContinueWithFirstFactor || !slices.Contains(out.NextStep.AvailableChallenges, "WEB_AUTHN") {
		t.Fatalf("got %+v, %v", out, err)
	}
	out, err = confirmPasskey(t, s, "WEB_AUTHN")
	options := passkeyOptions(t, out, err)
	wantRequest(t, pool, "RespondToAuthChallenge", true, object{
		"ChallengeName": "SELECT_CHALLENGE", "ChallengeResponses": object{"USERNAME": "ana", "ANSWER": "WEB_AUTHN"},
	})
	credential := usePasskey(t, a, options)
	out, err = confirmPasskey(t, s, credential)
	wantSignedIn(t, out, err)
	wantRequest(t, pool, "RespondToAuthChallenge", true, object{
		"ChallengeName": "WEB_AUTHN", "ChallengeResponses": object{"USERNAME": "ana", "CREDENTIAL": credential},
	})
}

// Behavior 47: what goes with other answers goes with a passkey's, too.
func TestPasskeyRequestsCarryWhatOthersDo(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t, func(cfg *authtest.Config) { cfg.ClientSecret = anotherSecret })
	s := passkeySession(t, pool)
	metadata := map[string]string{"tenant": "blue"}
	context := auth.ClientContext{IPAddress: "203.0.113.7"}
	out, err := auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{
		ChallengeResponse: usePasskey(t, a, askPasskey(t, s)), ClientMetadata: metadata, ClientContext: context,
	})
	wantSignedIn(t, out, err)
	all := requestsFor(pool)
	last := all[len(all)-1].Body
	if hash, _ := last["ChallengeResponses"].(object)["SECRET_HASH"].(string); hash == "" {
		t.Error("the answer has no secret hash")
	}
	if diff := cmp.Diff(object{"tenant": "blue"}, last["ClientMetadata"]); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(object{"IpAddress": "203.0.113.7"}, last["UserContextData"]); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
}

// A credential that is not right leaves the attempt where it was, and nothing
// of it in the error.
func TestPasskeyWrongCredential(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t)
	s := passkeySession(t, pool)
	old := usePasskey(t, a, askPasskey(t, s))
	options := askPasskey(t, s)
	for _, wrong := range []string{old, `{}`, `{"id":"planted"}`, ` { } `} {
		out, err := confirmPasskey(t, s, wrong)
		wantCode(t, err, auth.ErrNotAuthorized)
		if out != nil {
			t.Errorf("there is an output with the error: %+v", out)
		}
		if strings.Contains(err.Error(), "planted") {
			t.Errorf("the error shows the credential: %v", err)
		}
	}
	// What is no JSON object is taken for the name of a factor, and is none.
	sent := len(requestsFor(pool))
	for _, wrong := range []string{"[]", `"WEB_AUTHN"`, "null", `{"id":`, "web_authn"} {
		_, err := confirmPasskey(t, s, wrong)
		wantCode(t, err, auth.ErrInvalidPreferredChallenge)
	}
	if more := requestsFor(pool)[sent:]; len(more) != 0 {
		t.Errorf("requests were sent: %v", more)
	}
	out, err := confirmPasskey(t, s, usePasskey(t, a, options))
	wantSignedIn(t, out, err)
}

// Behavior 37: whoever cancels the browser's prompt goes on with another factor,
// or with another prompt, over the same attempt.
func TestPasskeyCanceled(t *testing.T) {
	t.Parallel()
	tests := []struct {
		factor string
		goOn   func(*testing.T, *authtest.Pool, *authtest.Authenticator, *auth.Session, *auth.SignInOutput) string // the answer
		sent   object
	}{
		{
			"EMAIL_OTP", func(t *testing.T, pool *authtest.Pool, _ *authtest.Authenticator, _ *auth.Session, out *auth.SignInOutput) string {
				t.Helper()
				if out.NextStep.Step != auth.SignInStepConfirmWithEmailCode || out.NextStep.CodeDeliveryDetails.Destination != "a***@e***" {
					t.Errorf("got %+v", out.NextStep)
				}
				return pool.Code("ana")
			}, object{"USERNAME": "ana", "ANSWER": "EMAIL_OTP"},
		},
		{
			"PASSWORD", func(t *testing.T, _ *authtest.Pool, _ *authtest.Authenticator, _ *auth.Session, out *auth.SignInOutput) string {
				t.Helper()
				if out.NextStep.Step != auth.SignInStepConfirmWithPassword {
					t.Errorf("got %+v", out.NextStep)
				}
				return thePassword
			}, nil,
		},
		{
			"PASSWORD_SRP", func(t *testing.T, _ *authtest.Pool, _ *authtest.Authenticator, _ *auth.Session, out *auth.SignInOutput) string {
				t.Helper()
				if out.NextStep.Step != auth.SignInStepConfirmWithPassword {
					t.Errorf("got %+v", out.NextStep)
				}
				return thePassword
			}, nil,
		},
		{
			"WEB_AUTHN", func(t *testing.T, _ *authtest.Pool, a *authtest.Authenticator, s *auth.Session, out *auth.SignInOutput) string {
				t.Helper()
				return usePasskey(t, a, passkeyOptions(t, out, nil))
			}, object{"USERNAME": "ana", "ANSWER": "WEB_AUTHN"},
		},
	}
	for _, tt := range tests {
		for _, begins := range []string{"preferred", "chosen"} {
			t.Run(tt.factor+" after a passkey that was "+begins, func(t *testing.T) {
				t.Parallel()
				pool, a := passkeyPool(t)
				s := passkeySession(t, pool)
				first := askPasskey(t, s)
				if begins == "chosen" {
					if _, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana"}); err != nil {
						t.Fatal(err)
					}
					out, err := confirmPasskey(t, s, "WEB_AUTHN")
					first = passkeyOptions(t, out, err)
				}
				sent := len(requestsFor(pool))
				out, err := confirmPasskey(t, s, tt.factor)
				if err != nil {
					t.Fatal(err)
				}
				if tt.sent == nil && len(requestsFor(pool)) != sent {
					t.Error("the choice of a password sent a request")
				}
				if tt.sent != nil {
					wantRequest(t, pool, "RespondToAuthChallenge", true, object{"ChallengeName": "SELECT_CHALLENGE", "ChallengeResponses": tt.sent})
				}
				if tt.factor == "WEB_AUTHN" && bytes.Equal(out.NextStep.WebAuthnOptions, first) {
					t.Error("the new prompt has the options of the old one")
				}
				out, err = confirmPasskey(t, s, tt.goOn(t, pool, a, s, out))
				wantSignedIn(t, out, err)
			})
		}
	}
}

// A factor that is not on offer is refused before any request, and the prompt
// can still be answered.
func TestPasskeyCanceledForNothing(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t)
	s := passkeySession(t, pool)
	options := askPasskey(t, s)
	sent := len(requestsFor(pool))
	_, err := confirmPasskey(t, s, "SMS_OTP")
	wantCode(t, err, auth.ErrInvalidPreferredChallenge)
	if more := requestsFor(pool)[sent:]; len(more) != 0 {
		t.Errorf("requests were sent: %v", more)
	}
	out, err := confirmPasskey(t, s, usePasskey(t, a, options))
	wantSignedIn(t, out, err)
}

// The prompt is shown by one host and answered at another: all that the second
// has is the store.
func TestPasskeyOnAnyHost(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t)
	store := tokens.NewMemoryStore(0)
	host := func() *auth.Session {
		return passkeySession(t, pool, func(cfg *auth.Config) { cfg.Store = store })
	}
	options := askPasskey(t, host())
	_, err := confirmPasskey(t, host(), `{}`)
	wantCode(t, err, auth.ErrNotAuthorized)
	out, err := confirmPasskey(t, host(), usePasskey(t, a, options))
	wantSignedIn(t, out, err)
	if got := fetch(t, host()).Tokens.AccessClaims.Username(); got != "ana" {
		t.Errorf("signed %s in", got)
	}
	if _, err := auth.SignOut(t.Context(), host(), auth.SignOutInput{}); err != nil {
		t.Fatal(err)
	}

	askPasskey(t, host())
	if _, err := confirmPasskey(t, host(), "EMAIL_OTP"); err != nil {
		t.Fatal(err)
	}
	out, err = confirmPasskey(t, host(), pool.Code("ana"))
	wantSignedIn(t, out, err)
}

func TestPasskeyPromptExpires(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"credential", "EMAIL_OTP"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pool, a := passkeyPool(t)
				s := passkeySession(t, pool)
				options := askPasskey(t, s)
				time.Sleep(4 * time.Minute)
				text := answer
				if answer == "credential" {
					text = usePasskey(t, a, options)
				}
				_, err := confirmPasskey(t, s, text)
				wantCode(t, err, auth.ErrSignInExpired)
				_, err = confirmPasskey(t, s, text)
				wantCode(t, err, auth.ErrNoSignIn)
			})
		})
	}
}

// A passkey that is gone when its credential arrives leaves the other factors.
func TestPasskeyDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t)
	other := passkeySession(t, pool)
	out, err := auth.SignIn(t.Context(), other, auth.SignInInput{Username: "ana", Password: thePassword, PreferredChallenge: "PASSWORD"})
	wantSignedIn(t, out, err)
	s := passkeySession(t, pool)
	credential := usePasskey(t, a, askPasskey(t, s))
	if _, err := auth.DeleteWebAuthnCredential(t.Context(), other, auth.DeleteWebAuthnCredentialInput{CredentialID: passkeysOf(t, other)[0]}); err != nil {
		t.Fatal(err)
	}
	_, err = confirmPasskey(t, s, credential)
	wantCode(t, err, auth.ErrNotAuthorized)
	if out, err = confirmPasskey(t, s, "PASSWORD"); err != nil || out.NextStep.Step != auth.SignInStepConfirmWithPassword {
		t.Fatalf("got %+v, %v", out, err)
	}
	out, err = confirmPasskey(t, s, thePassword)
	wantSignedIn(t, out, err)
}

// Where passkeys stand for both factors, one is enough; where they do not, who
// has a second factor is offered the password alone.
func TestPasskeyForBothFactors(t *testing.T) {
	t.Parallel()
	for _, multi := range []bool{true, false} {
		pool, _ := passkeyPool(t, func(cfg *authtest.Config) {
			cfg.MFA = authtest.MFAOptional
			cfg.Passkeys.MultiFactor = multi
		})
		pool.AddUser(authtest.User{Name: "bob", Password: thePassword, Email: "bob@example.com", TOTP: true, PasskeyMFA: multi})
		a := authtest.NewAuthenticator(theApp)
		pool.AddPasskey("bob", a)
		s := passkeySession(t, pool)
		out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bob", PreferredChallenge: "WEB_AUTHN"})
		if !multi {
			if err != nil || out.NextStep.Step != auth.SignInStepContinueWithFirstFactor {
				t.Fatalf("got %+v, %v", out, err)
			}
			if diff := cmp.Diff([]string{"PASSWORD_SRP", "PASSWORD"}, out.NextStep.AvailableChallenges); diff != "" {
				t.Errorf("available challenges (-want +got):\n%s", diff)
			}
			continue
		}
		options := passkeyOptions(t, out, err)
		if !strings.Contains(string(options), `"userVerification":"required"`) {
			t.Errorf("options: got %s", options)
		}
		out, err = confirmPasskey(t, s, usePasskey(t, a, options))
		wantSignedIn(t, out, err)
	}
}

// Behavior 38: a device that is remembered proves itself after a passkey, too.
func TestPasskeyOnARememberedDevice(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t, func(cfg *authtest.Config) { cfg.Devices = &authtest.DeviceTracking{} })
	s := passkeySession(t, pool)
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: thePassword, PreferredChallenge: "PASSWORD_SRP"})
	if err != nil || !out.IsSignedIn || out.Device == nil || out.Device.Err != nil {
		t.Fatalf("got %+v, %v", out, err)
	}
	if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	options := askPasskey(t, s)
	sent := len(requestsFor(pool))
	out, err = confirmPasskey(t, s, usePasskey(t, a, options))
	wantSignedIn(t, out, err)
	var challenges []any
	for _, r := range requestsFor(pool)[sent:] {
		challenges = append(challenges, r.Body["ChallengeName"])
	}
	if diff := cmp.Diff([]any{"WEB_AUTHN", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"}, challenges); diff != "" {
		t.Errorf("challenges answered (-want +got):\n%s", diff)
	}
}
