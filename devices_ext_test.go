package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/tokens"
)

// devicePool returns a pool that remembers devices, where bea needs a code of an
// authenticator app on a device that it does not know.
func devicePool(t testing.TB, d authtest.DeviceTracking) *authtest.Pool {
	t.Helper()
	pool := authtest.NewPool(t, authtest.Config{
		Devices: &d, MFA: authtest.MFAOptional, Triggers: quiz(1), AliasAttributes: []string{"email"},
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword},
		ExplicitAuthFlows: []authtest.AuthFlow{
			authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowUser, authtest.AllowCustom, authtest.AllowRefreshToken,
		},
	})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"})
	pool.AddUser(authtest.User{Name: "bea", Password: thePassword, TOTP: true})
	return pool
}

// signInWith signs in with the flow, answering what is asked.
func signInWith(t testing.TB, pool *authtest.Pool, s *auth.Session, name string, f auth.AuthFlow) (steps []auth.SignInStep, out *auth.SignInOutput) {
	t.Helper()
	in := auth.SignInInput{Username: name, Password: thePassword, AuthFlow: f}
	if f == auth.AuthFlowUser {
		in.PreferredChallenge = "PASSWORD_SRP"
	}
	out, err := auth.SignIn(t.Context(), s, in)
	for {
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, out.NextStep.Step)
		switch out.NextStep.Step {
		case auth.SignInStepDone:
			return steps, out
		case auth.SignInStepConfirmWithTOTPCode:
			out, err = choose(t, s, pool.TOTP(name))
		case auth.SignInStepConfirmWithCustomChallenge:
			sums := map[string]string{"0+0": "0", "1+1": "2", "2+2": "4", "3+3": "6"}
			out, err = choose(t, s, sums[out.NextStep.AdditionalInfo["question"]])
		default:
			t.Fatalf("unexpected step %s", out.NextStep.Step)
		}
	}
}

func signOutHere(t testing.TB, s *auth.Session) {
	t.Helper()
	if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
}

// Behaviors 38, 50 and 54: the device that a sign-in registers proves itself
// after every flow, in place of the second factor, and survives signing out.
func TestDeviceProvesItselfAfterEveryFlow(t *testing.T) {
	t.Parallel()
	flows := []auth.AuthFlow{auth.AuthFlowUserSRP, auth.AuthFlowUserPassword, auth.AuthFlowUser, auth.AuthFlowCustomWithSRP}
	for _, f := range flows {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
			s := pool.NewSession("1")
			steps, out := signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
			if len(steps) != 2 || out.Device == nil || out.Device.Err != nil || out.Device.NeedsRemembering {
				t.Fatalf("the first sign-in: steps %v, device %+v", steps, out.Device)
			}
			signOutHere(t, s)
			steps, out = signInWith(t, pool, s, "bea", f)
			for _, step := range steps {
				if step == auth.SignInStepConfirmWithTOTPCode {
					t.Errorf("a remembered device was asked for the second factor: %v", steps)
				}
			}
			if out.Device != nil {
				t.Error("another device was registered")
			}
			names := []any{}
			for _, r := range requestsFor(pool, "RespondToAuthChallenge") {
				names = append(names, r.Body["ChallengeName"])
			}
			if n := len(names); n < 2 || names[n-2] != "DEVICE_SRP_AUTH" || names[n-1] != "DEVICE_PASSWORD_VERIFIER" {
				t.Errorf("the last challenges are %v", names)
			}
			// Behavior 55: the refresh names the device.
			if _, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{ForceRefresh: true}); err != nil {
				t.Fatal(err)
			}
			if r := requestsFor(pool, opRefresh); r[len(r)-1].Body["DeviceKey"] == nil {
				t.Error("the refresh has no DeviceKey")
			}
		})
	}
}

// Where a remembered device does not stand for the second factor, both are
// asked for.
func TestDeviceProvesItselfAfterTheSecondFactor(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{})
	s := pool.NewSession("1")
	signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
	signOutHere(t, s)
	steps, _ := signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
	if len(steps) != 2 || steps[0] != auth.SignInStepConfirmWithTOTPCode {
		t.Errorf("steps %v", steps)
	}
	last := lastAuth(t, pool)
	if last["ChallengeName"] != "DEVICE_PASSWORD_VERIFIER" {
		t.Errorf("the last request is %v", last)
	}
}

// A device is found under every name of its user, and is nobody else's.
func TestDeviceBelongsToItsUser(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
	s := pool.NewSession("1")
	signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
	signOutHere(t, s)
	_, out := signInWith(t, pool, s, "ana@example.com", auth.AuthFlowUserSRP)
	if out.Device == nil || out.Device.Err != nil {
		t.Fatalf("ana got device %+v", out.Device)
	}
	signOutHere(t, s)
	for _, name := range []string{"ana", "ana@example.com", "bea"} {
		if _, out := signInWith(t, pool, s, name, auth.AuthFlowUserSRP); out.Device != nil {
			t.Errorf("%s got another device", name)
		}
		signOutHere(t, s)
	}
}

// The device's own id outlives the session's.
func TestOnDevice(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
	signInWith(t, pool, pool.NewSession("1").OnDevice("laptop"), "bea", auth.AuthFlowUserSRP)
	if _, out := signInWith(t, pool, pool.NewSession("2").OnDevice("laptop"), "bea", auth.AuthFlowUserSRP); out.Device != nil {
		t.Error("the laptop was not known in another session")
	}
	if _, out := signInWith(t, pool, pool.NewSession("3").OnDevice("phone"), "bea", auth.AuthFlowUserSRP); out.Device == nil {
		t.Error("the phone was taken for the laptop")
	}
}

// Behaviors 52 and 53: a device that the service has forgotten is dropped and
// the sign-in goes on without it.
func TestForgottenDeviceIsDropped(t *testing.T) {
	t.Parallel()
	for _, f := range []auth.AuthFlow{auth.AuthFlowUserSRP, auth.AuthFlowUserPassword, auth.AuthFlowUser, auth.AuthFlowCustomWithSRP} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
			s := pool.NewSession("1")
			signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
			forgetDevices(t, pool, s)
			signOutHere(t, s)
			steps, _ := signInWith(t, pool, s, "bea", f)
			if steps[0] != auth.SignInStepConfirmWithTOTPCode {
				t.Errorf("steps %v, want the second factor again", steps)
			}
		})
	}
}

// forgetDevices makes the service forget the devices of whoever is signed in.
func forgetDevices(t testing.TB, pool *authtest.Pool, s *auth.Session) {
	t.Helper()
	session := fetch(t, s)
	token := string(session.Tokens.AccessToken)
	call(t, pool, "ForgetDevice", object{"AccessToken": token, "DeviceKey": session.Tokens.AccessClaims.DeviceKey()})
}

// call sends an operation past the SDK and returns the body of its success.
func call(t testing.TB, pool *authtest.Pool, operation string, in object) []byte {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pool.test/", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", wire.ContentType)
	r.Header.Set("X-Amz-Target", wire.TargetPrefix+operation)
	res, err := pool.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %s", operation, res.Status, res.Header.Get("X-Amzn-Errormessage"))
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Behavior 56: a device whose secret the service does not believe is dropped.
func TestRefusedDeviceIsDropped(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
	s := pool.NewSession("1")
	signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
	signOutHere(t, s)
	pool.Inject(authtest.Fault{
		Operation: "RespondToAuthChallenge", Code: "NotAuthorizedException", Message: "Incorrect username or password.",
		Match: func(r authtest.Request) bool { return r.Body["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER" },
	})
	_, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bea", Password: thePassword})
	wantCode(t, err, auth.ErrNotAuthorized)
	steps, out := signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
	if steps[0] != auth.SignInStepConfirmWithTOTPCode || out.Device == nil {
		t.Errorf("steps %v, device %v: the refused device was not dropped", steps, out.Device)
	}
}

// Behavior 51: the person is signed in whatever becomes of the device.
func TestDeviceThatCannotBeConfirmed(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{})
	s := pool.NewSession("1")
	pool.FailNext("ConfirmDevice", auth.ErrTooManyFailedAttempts)
	_, out := signInWith(t, pool, s, "ana", auth.AuthFlowUserSRP)
	if out.Device == nil || !errors.Is(out.Device.Err, auth.ErrTooManyFailedAttempts) {
		t.Errorf("device %+v", out.Device)
	}
	if _, err := auth.GetCurrentUser(t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestDeviceThatHasToBeRemembered(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true, RememberOnRequest: true})
	s := pool.NewSession("1")
	_, out := signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
	if out.Device == nil || !out.Device.NeedsRemembering {
		t.Fatalf("device %+v", out.Device)
	}
	signOutHere(t, s)
	if steps, _ := signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP); len(steps) != 2 {
		t.Errorf("steps %v: a device that is not remembered counted", steps)
	}
}

// Each step of a sign-in with a device may happen on another host.
func TestDeviceOnAnyHost(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{})
	store := tokens.NewMemoryStore(0)
	host := func() *auth.Session {
		s, err := auth.NewSession(pool.Client(func(cfg *auth.Config) { cfg.Store = store }), "1")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	signInWith(t, pool, host(), "bea", auth.AuthFlowUserSRP)
	signOutHere(t, host())
	out, err := auth.SignIn(t.Context(), host(), auth.SignInInput{Username: "bea", Password: thePassword})
	wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
	out, err = choose(t, host(), pool.TOTP("bea"))
	wantStep(t, out, err, auth.SignInStepDone)
	if lastAuth(t, pool)["ChallengeName"] != "DEVICE_PASSWORD_VERIFIER" {
		t.Error("the device did not prove itself")
	}
}
