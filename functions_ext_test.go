package auth_test

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// What is secret about the person of a stage. None of it may turn up anywhere.
const (
	secretName     = "planted-name"
	secretEmail    = "planted-name@planted.example"
	secretPassword = "Planted-password-1"
	secretSession  = "planted-session-id"
	secretDevice   = "planted-device-id"
	secretClient   = "plantedclientsecret0123456789"
	secretNewID    = "planted-second-session-id"
	secretNewPass  = "Planted-password-2"
	secretNewEmail = "planted-other@planted.example"
	secretDevName  = "planted-device-name"
)

// A stage is a pool, one person's session on it, and what lies between.
type stage struct {
	pool    *authtest.Pool
	store   *faultyStore
	wire    *witness
	client  *auth.Client
	session *auth.Session
	log     logBuffer

	bySRP      bool
	appSecret  string          // of an authenticator app being set up
	credential json.RawMessage // of a passkey being registered
	passkey    string          // the id of one that is there

	elsewhere   *auth.AuthSession // the person's tokens in another session
	otherDevice string            // the key of a device of the person's that is not the session's
}

// A logBuffer keeps what is logged. It is safe for concurrent use.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A function is an exported function of this package in a situation where it
// has everything to do.
type function struct {
	name    string
	config  authtest.Config
	user    *authtest.User // who is in the pool; nil for nobody
	prepare func(t testing.TB, st *stage)
	call    func(ctx context.Context, st *stage) (any, error)

	before, after bool // whether somebody is signed in before, and after a success
	gone          bool // the account is gone after a success
	local         bool // no request is sent
	bySRP         bool // whoever is signed in before proved the password, which gets a device
}

func (f function) stage(t testing.TB) *stage {
	t.Helper()
	f.config.ClientSecret = secretClient
	st := &stage{pool: newPool(t, f.config), store: newFaultyStore(), bySRP: f.bySRP}
	st.wire = newWitness(st.pool)
	st.client = newClient(t, st.pool, st.store.on(), st.wire.on(), func(cfg *auth.Config) {
		cfg.Logger = slog.New(slog.NewJSONHandler(&st.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	st.session = sessionOf(t, st.client, secretSession).OnDevice(secretDevice)
	if f.user != nil {
		st.pool.AddUser(*f.user)
	}
	if f.before {
		st.signIn(t)
	}
	if f.prepare != nil {
		f.prepare(t, st)
	}
	return st
}

func (st *stage) signIn(t testing.TB) {
	t.Helper()
	out, err := auth.SignIn(t.Context(), st.session, st.signInInput())
	if err != nil || !out.IsSignedIn {
		t.Fatalf("sign in: got %v, %v", out, err)
	}
}

func (st *stage) signInInput() auth.SignInInput {
	in := auth.SignInInput{Username: secretName, Password: secretPassword}
	if st.bySRP {
		in.AuthFlow = auth.AuthFlowUserSRP
	}
	return in
}

func (st *stage) signUp(t testing.TB) {
	t.Helper()
	if _, err := auth.SignUp(t.Context(), st.session, signUpInput()); err != nil {
		t.Fatal(err)
	}
}

func signUpInput() auth.SignUpInput {
	return auth.SignUpInput{
		Username: secretName, Password: secretPassword, AutoSignIn: true, UserAttributes: map[string]string{"email": secretEmail},
	}
}

func (st *stage) confirmSignUp(t testing.TB) {
	t.Helper()
	st.signUp(t)
	if _, err := auth.ConfirmSignUp(t.Context(), st.session, auth.ConfirmSignUpInput{
		Username: secretName, ConfirmationCode: st.pool.Code(secretName),
	}); err != nil {
		t.Fatal(err)
	}
}

// begin starts a sign-in that stops at a step.
func (st *stage) begin(t testing.TB, in auth.SignInInput) {
	t.Helper()
	out, err := auth.SignIn(t.Context(), st.session, in)
	if err != nil || out.IsSignedIn {
		t.Fatalf("sign in: got %v, %v, want a step", out, err)
	}
}

// functions are all exported functions that do something for a session.
func functions() []function {
	person := authtest.User{Name: secretName, Password: secretPassword, Email: secretEmail}
	with := func(change func(*authtest.User)) *authtest.User {
		u := person
		change(&u)
		return &u
	}
	withApp := with(func(u *authtest.User) { u.TOTP = true })
	temporary := with(func(u *authtest.User) { u.Status = authtest.StatusForceChangePassword })
	twoFactors := authtest.Config{MFA: authtest.MFAOptional}
	passwordless := authtest.Config{
		ExplicitAuthFlows: everyFlow, FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP},
	}
	rotating := authtest.Config{RotateRefreshTokens: true}
	expire := func(testing.TB, *stage) { time.Sleep(2 * time.Hour) }
	emailCode := auth.SignInInput{Username: secretName, AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP"}
	signInBy := func(change func(*auth.SignInInput)) func(context.Context, *stage) (any, error) {
		return func(ctx context.Context, st *stage) (any, error) {
			in := st.signInInput()
			change(&in)
			return result(auth.SignIn(ctx, st.session, in))
		}
	}
	fetchWith := func(in auth.FetchAuthSessionInput) func(context.Context, *stage) (any, error) {
		return func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchAuthSession(ctx, st.session, in))
		}
	}
	signOutWith := func(in auth.SignOutInput) func(context.Context, *stage) (any, error) {
		return func(ctx context.Context, st *stage) (any, error) {
			return result(auth.SignOut(ctx, st.session, in))
		}
	}
	return slices.Concat(accountFunctions(person), passkeyFunctions(person), []function{
		{name: "SignUp", call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.SignUp(ctx, st.session, signUpInput()))
		}},
		{name: "ConfirmSignUp", config: passwordless, prepare: func(t testing.TB, st *stage) { st.signUp(t) }, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.ConfirmSignUp(ctx, st.session, auth.ConfirmSignUpInput{Username: secretName, ConfirmationCode: st.pool.Code(secretName)}))
		}},
		{name: "ResendSignUpCode", prepare: func(t testing.TB, st *stage) { st.signUp(t) }, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.ResendSignUpCode(ctx, st.session, auth.ResendSignUpCodeInput{Username: secretName}))
		}},
		{
			name: "AutoSignIn by session", config: passwordless, prepare: func(t testing.TB, st *stage) { st.confirmSignUp(t) }, after: true,
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.AutoSignIn(ctx, st.session, auth.AutoSignInInput{}))
			},
		},
		{
			name: "AutoSignIn by password", prepare: func(t testing.TB, st *stage) { st.confirmSignUp(t) }, after: true,
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.AutoSignIn(ctx, st.session, auth.AutoSignInInput{Password: secretPassword}))
			},
		},
		{
			name: "SignIn by SRP", user: &person, after: true,
			call: signInBy(func(in *auth.SignInInput) { in.AuthFlow = auth.AuthFlowUserSRP }),
		},
		{name: "SignIn by password", user: &person, after: true, call: signInBy(func(*auth.SignInInput) {})},
		{
			name: "SignIn over an expired session", user: &person, after: true, call: signInBy(func(*auth.SignInInput) {}),
			prepare: func(t testing.TB, st *stage) {
				st.signIn(t)
				st.pool.FailNext(opRefresh, auth.ErrNotAuthorized)
				_, err := auth.FetchAuthSession(t.Context(), st.session, forced())
				wantCode(t, err, auth.ErrSessionExpired)
			},
		},
		{name: "SignIn that asks for a code", config: twoFactors, user: withApp, call: signInBy(func(*auth.SignInInput) {})},
		{
			name: "SignIn that sets up an app", config: authtest.Config{MFA: authtest.MFARequired}, user: &person,
			call: signInBy(func(*auth.SignInInput) {}),
		},
		{
			name: "SignIn that registers a device", config: authtest.Config{Devices: &authtest.DeviceTracking{}}, user: &person, after: true,
			call: signInBy(func(in *auth.SignInInput) { in.AuthFlow = auth.AuthFlowUserSRP }),
		},
		{
			name: "ConfirmSignIn with a code", config: twoFactors, user: withApp, after: true,
			prepare: func(t testing.TB, st *stage) { st.begin(t, st.signInInput()) },
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ConfirmSignIn(ctx, st.session, auth.ConfirmSignInInput{ChallengeResponse: st.pool.TOTP(secretName)}))
			},
		},
		{
			name: "ConfirmSignIn with a new password", user: temporary, after: true,
			prepare: func(t testing.TB, st *stage) { st.begin(t, st.signInInput()) },
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ConfirmSignIn(ctx, st.session, auth.ConfirmSignInInput{ChallengeResponse: secretNewPass}))
			},
		},
		{
			name: "ConfirmSignIn that asks on", config: passwordless, user: &person,
			prepare: func(t testing.TB, st *stage) {
				st.begin(t, auth.SignInInput{Username: secretName, AuthFlow: auth.AuthFlowUser})
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ConfirmSignIn(ctx, st.session, auth.ConfirmSignInInput{ChallengeResponse: "EMAIL_OTP"}))
			},
		},
		{
			name: "ResendSignInCode", config: passwordless, user: &person,
			prepare: func(t testing.TB, st *stage) { st.begin(t, emailCode) },
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ResendSignInCode(ctx, st.session, auth.ResendSignInCodeInput{}))
			},
		},
		{name: "FetchAuthSession", user: &person, before: true, after: true, local: true, call: fetchWith(auth.FetchAuthSessionInput{})},
		{name: "FetchAuthSession of expired tokens", user: &person, before: true, after: true, prepare: expire, call: fetchWith(auth.FetchAuthSessionInput{})},
		{name: "FetchAuthSession with ForceRefresh", user: &person, before: true, after: true, call: fetchWith(forced())},
		{name: "FetchAuthSession with rotation", config: rotating, user: &person, before: true, after: true, prepare: expire, call: fetchWith(auth.FetchAuthSessionInput{})},
		{
			name: "GetCurrentUser", user: &person, before: true, after: true, prepare: expire,
			call: func(ctx context.Context, st *stage) (any, error) { return result(auth.GetCurrentUser(ctx, st.session)) },
		},
		{name: "SignOut", user: &person, before: true, call: signOutWith(auth.SignOutInput{})},
		{name: "SignOut with Global", config: rotating, user: &person, before: true, prepare: expire, call: signOutWith(auth.SignOutInput{Global: true})},
		{
			name: "RenewSession", user: &person, before: true, after: true, local: true,
			call: func(ctx context.Context, st *stage) (any, error) {
				moved, err := auth.RenewSession(ctx, st.session, secretNewID)
				if err == nil {
					st.session = moved
				}
				return result(moved, err)
			},
		},
		{
			name: "ImportTokens", user: &person, after: true,
			prepare: func(t testing.TB, st *stage) {
				other := sessionOf(t, newClient(t, st.pool, st.wire.on()), "elsewhere")
				if _, err := auth.SignIn(t.Context(), other, st.signInInput()); err != nil {
					t.Fatal(err)
				}
				st.elsewhere = fetch(t, other)
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ImportTokens(ctx, st.session, auth.ImportTokensInput{
					AccessToken: string(st.elsewhere.Tokens.AccessToken), IDToken: string(st.elsewhere.Tokens.IDToken),
					RefreshToken: st.wire.issued()[0],
				}))
			},
		},
		{
			name: "ImportTokens of a refresh token", config: rotating, user: &person, after: true,
			prepare: func(t testing.TB, st *stage) {
				other := sessionOf(t, newClient(t, st.pool, st.wire.on()), "elsewhere")
				if _, err := auth.SignIn(t.Context(), other, st.signInInput()); err != nil {
					t.Fatal(err)
				}
				st.elsewhere = fetch(t, other)
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ImportTokens(ctx, st.session, auth.ImportTokensInput{RefreshToken: st.wire.issued()[0]}))
			},
		},
	})
}

// accountFunctions are those that manage the account of whoever is signed in,
// or has forgotten the password.
func accountFunctions(person authtest.User) []function {
	tracking := authtest.Config{Devices: &authtest.DeviceTracking{}}
	optional := authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor}
	expire := func(testing.TB, *stage) { time.Sleep(2 * time.Hour) }
	newEmail := map[string]string{"email": secretNewEmail}
	begun := func(t testing.TB, st *stage) {
		t.Helper()
		if _, err := auth.UpdateUserAttributes(t.Context(), st.session, auth.UpdateUserAttributesInput{UserAttributes: newEmail}); err != nil {
			t.Fatal(err)
		}
	}
	return []function{
		{name: "ResetPassword", user: &person, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.ResetPassword(ctx, st.session, auth.ResetPasswordInput{Username: secretName}))
		}},
		{
			name: "ConfirmResetPassword", user: &person,
			prepare: func(t testing.TB, st *stage) {
				if _, err := auth.ResetPassword(t.Context(), st.session, auth.ResetPasswordInput{Username: secretName}); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ConfirmResetPassword(ctx, st.session, auth.ConfirmResetPasswordInput{
					Username: secretName, ConfirmationCode: st.pool.Code(secretName), NewPassword: secretNewPass,
				}))
			},
		},
		{name: "UpdatePassword", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.UpdatePassword(ctx, st.session, auth.UpdatePasswordInput{OldPassword: secretPassword, NewPassword: secretNewPass}))
		}},
		{name: "FetchUser", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchUser(ctx, st.session))
		}},
		{name: "FetchUserAttributes", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchUserAttributes(ctx, st.session))
		}},
		{name: "UpdateUserAttributes", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.UpdateUserAttributes(ctx, st.session, auth.UpdateUserAttributesInput{UserAttributes: newEmail}))
		}},
		{
			name: "UpdateUserAttributes with expired tokens", config: authtest.Config{RotateRefreshTokens: true}, user: &person,
			before: true, after: true, prepare: expire,
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.UpdateUserAttributes(ctx, st.session, auth.UpdateUserAttributesInput{UserAttributes: newEmail}))
			},
		},
		{name: "DeleteUserAttributes", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.DeleteUserAttributes(ctx, st.session, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"nickname"}}))
		}},
		{name: "SendUserAttributeVerificationCode", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.SendUserAttributeVerificationCode(ctx, st.session, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "email"}))
		}},
		{name: "ConfirmUserAttribute", user: &person, before: true, after: true, prepare: begun, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.ConfirmUserAttribute(ctx, st.session, auth.ConfirmUserAttributeInput{
				UserAttributeKey: "email", ConfirmationCode: st.pool.Code(secretName),
			}))
		}},
		{name: "DeleteUser", user: &person, before: true, gone: true, call: func(ctx context.Context, st *stage) (any, error) {
			out, err := auth.DeleteUser(ctx, st.session)
			if err == nil && out.CleanupError != nil {
				return nil, out.CleanupError
			}
			return result(out, err)
		}},
		{name: "SetUpTOTP", config: optional, user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.SetUpTOTP(ctx, st.session))
		}},
		{
			name: "VerifyTOTPSetup", config: optional, user: &person, before: true, after: true,
			prepare: func(t testing.TB, st *stage) {
				out, err := auth.SetUpTOTP(t.Context(), st.session)
				if err != nil {
					t.Fatal(err)
				}
				st.appSecret = out.SharedSecret
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				code, err := totp.GenerateCode(st.appSecret, time.Now())
				if err != nil {
					return nil, err
				}
				return result(auth.VerifyTOTPSetup(ctx, st.session, auth.VerifyTOTPSetupInput{Code: code, FriendlyDeviceName: secretDevName}))
			},
		},
		{name: "UpdateMFAPreference", config: optional, user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.UpdateMFAPreference(ctx, st.session, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred}))
		}},
		{name: "FetchMFAPreference", config: optional, user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchMFAPreference(ctx, st.session))
		}},
		{name: "FetchAuthFactors", user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchAuthFactors(ctx, st.session))
		}},
		{name: "FetchDevices", config: tracking, user: &person, bySRP: true, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchDevices(ctx, st.session))
		}},
		{name: "AllDevices", config: tracking, user: &person, bySRP: true, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return collect(auth.AllDevices(ctx, st.session))
		}},
		{name: "FetchDevice", config: tracking, user: &person, bySRP: true, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.FetchDevice(ctx, st.session, auth.FetchDeviceInput{}))
		}},
		{name: "RememberDevice", config: tracking, user: &person, bySRP: true, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.RememberDevice(ctx, st.session, auth.RememberDeviceInput{}))
		}},
		{
			name: "ForgetDevice", config: tracking, user: &person, bySRP: true, before: true, after: true,
			prepare: func(t testing.TB, st *stage) {
				other := sessionOf(t, newClient(t, st.pool), "elsewhere")
				if _, err := auth.SignIn(t.Context(), other, st.signInInput()); err != nil {
					t.Fatal(err)
				}
				d, err := auth.CachedDevice(t.Context(), other, auth.CachedDeviceInput{})
				if err != nil {
					t.Fatal(err)
				}
				st.otherDevice = d.Key
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.ForgetDevice(ctx, st.session, auth.ForgetDeviceInput{DeviceID: st.otherDevice}))
			},
		},
		{name: "CachedDevice", config: tracking, user: &person, bySRP: true, before: true, after: true, local: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.CachedDevice(ctx, st.session, auth.CachedDeviceInput{}))
		}},
	}
}

// passkeyFunctions are those that manage passkeys.
func passkeyFunctions(person authtest.User) []function {
	passkeys := authtest.Config{
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
	}
	with := func(t testing.TB, st *stage) {
		st.pool.AddPasskey(secretName, authtest.NewAuthenticator(theApp))
		for c, err := range auth.AllWebAuthnCredentials(t.Context(), st.session) {
			if err != nil {
				t.Fatal(err)
			}
			st.passkey = c.CredentialID
		}
	}
	return []function{
		{name: "BeginWebAuthnRegistration", config: passkeys, user: &person, before: true, after: true, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.BeginWebAuthnRegistration(ctx, st.session))
		}},
		{
			name: "FinishWebAuthnRegistration", config: passkeys, user: &person, before: true, after: true,
			prepare: func(t testing.TB, st *stage) {
				begun, err := auth.BeginWebAuthnRegistration(t.Context(), st.session)
				if err != nil {
					t.Fatal(err)
				}
				if st.credential, err = authtest.NewAuthenticator(theApp).Create(begun.Options); err != nil {
					t.Fatal(err)
				}
			},
			call: func(ctx context.Context, st *stage) (any, error) {
				return result(auth.FinishWebAuthnRegistration(ctx, st.session, auth.FinishWebAuthnRegistrationInput{Credential: st.credential}))
			},
		},
		{name: "ListWebAuthnCredentials", config: passkeys, user: &person, before: true, after: true, prepare: with, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.ListWebAuthnCredentials(ctx, st.session, auth.ListWebAuthnCredentialsInput{}))
		}},
		{name: "AllWebAuthnCredentials", config: passkeys, user: &person, before: true, after: true, prepare: with, call: func(ctx context.Context, st *stage) (any, error) {
			return collect(auth.AllWebAuthnCredentials(ctx, st.session))
		}},
		{name: "DeleteWebAuthnCredential", config: passkeys, user: &person, before: true, after: true, prepare: with, call: func(ctx context.Context, st *stage) (any, error) {
			return result(auth.DeleteWebAuthnCredential(ctx, st.session, auth.DeleteWebAuthnCredentialInput{CredentialID: st.passkey}))
		}},
	}
}

// collect returns what an iterator yields, or its error.
func collect[T any](all iter.Seq2[T, error]) (any, error) {
	list := []T{}
	for item, err := range all {
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

// result keeps a nil pointer from becoming a value that is not nil.
func result[T any](out *T, err error) (any, error) {
	if out == nil {
		return nil, err
	}
	return out, err
}
