package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// signUp signs somebody up with thePassword and an e-mail address.
func signUp(t testing.TB, s *auth.Session, name string, changes ...func(*auth.SignUpInput)) *auth.SignUpOutput {
	t.Helper()
	in := auth.SignUpInput{Username: name, Password: thePassword, UserAttributes: map[string]string{"email": name + "@example.com"}}
	for _, change := range changes {
		change(&in)
	}
	out, err := auth.SignUp(t.Context(), s, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func andAutoSignIn(in *auth.SignUpInput) { in.AutoSignIn = true }

// confirmSignUp confirms with the code that was sent last.
func confirmSignUp(t testing.TB, s *auth.Session, pool *authtest.Pool, name string) *auth.ConfirmSignUpOutput {
	t.Helper()
	out, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: name, ConfirmationCode: pool.Code(name)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wrongCode returns a code that is not the right one.
func wrongCode(code string) string {
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}

// asAdmin asks the pool for something that only an administrator may do.
func asAdmin(t testing.TB, pool *authtest.Pool, op string, body object) {
	t.Helper()
	body["UserPoolId"] = pool.PoolID()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://cognito-idp.eu-west-1.amazonaws.com/", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+op)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=administrator")
	res, err := pool.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(res.Body)
		t.Fatalf("%s: %s", op, why)
	}
}

// wantProblem fails the test unless err is an *auth.Error with the code and a
// message of the service that contains text.
func wantProblem(t testing.TB, err error, code auth.ErrorCode, text string) {
	t.Helper()
	wantCode(t, err, code)
	e, _ := errors.AsType[*auth.Error](err)
	if !strings.Contains(e.Message, text) {
		t.Errorf("message: got %q, want one with %q", e.Message, text)
	}
}

// Behavior 73: an unconfirmed sign-up says where the code went.
func TestSignUpSaysWhereTheCodeWent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		config     authtest.Config
		attributes map[string]string
		want       *auth.CodeDeliveryDetails
	}{
		{
			"e-mail", authtest.Config{}, map[string]string{"email": "ana@example.com"},
			&auth.CodeDeliveryDetails{Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email"},
		},
		{
			"SMS goes before e-mail", authtest.Config{AutoVerifiedAttributes: []string{"email", "phone_number"}},
			map[string]string{"email": "ana@example.com", "phone_number": thePhone},
			&auth.CodeDeliveryDetails{Destination: "+*******0184", DeliveryMedium: "SMS", AttributeName: "phone_number"},
		},
		{"nothing is verified", authtest.Config{AutoVerifiedAttributes: []string{}}, map[string]string{"email": "ana@example.com"}, nil},
		{"nothing to verify", authtest.Config{}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, tt.config)
			out := signUp(t, newSession(t, pool, "s"), "ana", func(in *auth.SignUpInput) { in.UserAttributes = tt.attributes })
			user, _ := pool.User("ana")
			want := &auth.SignUpOutput{
				UserID:   user.Sub,
				NextStep: auth.SignUpNextStep{Step: auth.SignUpStepConfirmSignUp, CodeDeliveryDetails: tt.want},
			}
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if user.Sub == "" || user.Status != authtest.StatusUnconfirmed {
				t.Errorf("the account is %s with sub %q", user.Status, user.Sub)
			}
		})
	}
}

func TestSignUpInPoolsThatSignInByAddress(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{UsernameAttributes: []string{"email"}})
	s := newSession(t, pool, "s")
	const address = "ana@example.com"
	out, err := auth.SignUp(t.Context(), s, auth.SignUpInput{Username: address, Password: thePassword})
	if err != nil {
		t.Fatal(err)
	}
	if out.NextStep.CodeDeliveryDetails == nil || out.NextStep.CodeDeliveryDetails.Destination != "a***@e***" {
		t.Errorf("the code went to %+v", out.NextStep.CodeDeliveryDetails)
	}
	confirmSignUp(t, s, pool, address)
	signIn(t, s, address)
	_, err = auth.SignUp(t.Context(), newSession(t, pool, "t"), auth.SignUpInput{Username: "ana", Password: thePassword})
	wantProblem(t, err, auth.ErrInvalidUsername, "Username should be an email.")
}

func TestSignUpRefusals(t *testing.T) {
	t.Parallel()
	symbols := &authtest.PasswordPolicy{RequireSymbols: true}
	tests := []struct {
		name    string
		config  authtest.Config
		in      auth.SignUpInput
		code    auth.ErrorCode
		message string
	}{
		{"taken", authtest.Config{}, auth.SignUpInput{Username: "bob", Password: thePassword}, auth.ErrUsernameExists, "User already exists"},
		{
			"taken, where users are hidden", authtest.Config{PreventUserExistenceErrors: true},
			auth.SignUpInput{Username: "bob", Password: thePassword}, auth.ErrUsernameExists, "User already exists",
		},
		{
			"password too short", authtest.Config{}, auth.SignUpInput{Username: "ana", Password: "seven77"},
			auth.ErrInvalidPassword, "Password not long enough",
		},
		{
			"password too short for any pool", authtest.Config{}, auth.SignUpInput{Username: "ana", Password: "five5"},
			auth.ErrInvalidPassword, "greater than or equal to 6",
		},
		{
			"password without symbol", authtest.Config{PasswordPolicy: symbols}, auth.SignUpInput{Username: "ana", Password: "passwords"},
			auth.ErrInvalidPassword, "Password must have symbol characters",
		},
		{
			"required attributes", authtest.Config{RequiredAttributes: []string{"name", "email"}},
			auth.SignUpInput{Username: "ana", Password: thePassword, UserAttributes: map[string]string{"name": "Ana"}},
			auth.ErrInvalidAttribute, "email: The attribute is required",
		},
		{
			"unknown attribute", authtest.Config{},
			auth.SignUpInput{Username: "ana", Password: thePassword, UserAttributes: map[string]string{"custom:shoe": "38"}},
			auth.ErrInvalidAttribute, "custom:shoe",
		},
		{
			"address as username of an alias pool", authtest.Config{AliasAttributes: []string{"email"}},
			auth.SignUpInput{Username: "ana@example.com", Password: thePassword},
			auth.ErrInvalidUsername, "Username cannot be of email format",
		},
		{
			"administrators only", authtest.Config{AdminCreateUserOnly: true}, auth.SignUpInput{Username: "ana", Password: thePassword},
			auth.ErrSignUpNotPermitted, "SignUp is not permitted for this user pool",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, tt.config)
			pool.AddUser(authtest.User{Name: "bob", Password: thePassword, Attributes: map[string]string{"name": "Bob", "email": "bob@example.com"}})
			out, err := auth.SignUp(t.Context(), newSession(t, pool, "s"), tt.in)
			wantProblem(t, err, tt.code, tt.message)
			if out != nil {
				t.Errorf("there is an output with the error: %+v", out)
			}
			if _, exists := pool.User("ana"); exists {
				t.Error("the account exists all the same")
			}
		})
	}
}

// Behavior 8: a missing password is an error of the field, though only the
// service knows which pools want one.
func TestSignUpWithoutPassword(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s, wire := recorded(t, pool)
	_, err := auth.SignUp(t.Context(), s, auth.SignUpInput{Username: "ana"})
	wantProblem(t, err, auth.ErrInvalidInput, "'password'")
	wantInput(t, err, auth.ErrInvalidInput, "Password")
	if !auth.IsRemote(err) {
		t.Error("the service's answer is not reachable")
	}
	seen := wire.exchanges()
	if len(seen) != 1 {
		t.Fatalf("got %d requests, want 1", len(seen))
	}
	if diff := cmp.Diff(object{"ClientId": pool.ClientID(), "Username": "ana"}, seen[0].sent); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

// An answer that was lost is not an answer that was never given: the caller is
// told, and the account is not asked for again.
func TestSignUpAnswerLost(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	pool.Inject(authtest.Fault{Operation: "SignUp", DropResponse: true})
	_, err := auth.SignUp(t.Context(), s, auth.SignUpInput{Username: "ana", Password: thePassword})
	wantCode(t, err, auth.ErrNetwork)
	if e, _ := errors.AsType[*auth.Error](err); !e.MaybeProcessed {
		t.Error("the error does not say that the service may have acted")
	}
	if got := operations(pool); len(got) != 1 {
		t.Errorf("requests: %v, want one", got)
	}
	if _, exists := pool.User("ana"); !exists {
		t.Error("the account does not exist: the test shows nothing")
	}
}

// A trigger may confirm the account at once.
func TestSignUpConfirmedAtOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		flows  []authtest.AuthFlow
		auto   bool
		want   auth.SignUpNextStep
		signIn auth.AutoSignInInput
	}{
		{name: "plain", want: auth.SignUpNextStep{Step: auth.SignUpStepDone}},
		{name: "plain, with a session", flows: everyFlow, want: auth.SignUpNextStep{Step: auth.SignUpStepDone}},
		{
			name: "automatic sign-in by password", auto: true,
			want:   auth.SignUpNextStep{Step: auth.SignUpStepCompleteAutoSignIn, PasswordRequired: true},
			signIn: auth.AutoSignInInput{Password: thePassword},
		},
		{
			name: "automatic sign-in by session, or else by password", auto: true, flows: everyFlow,
			want:   auth.SignUpNextStep{Step: auth.SignUpStepCompleteAutoSignIn},
			signIn: auth.AutoSignInInput{Password: thePassword},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{ExplicitAuthFlows: tt.flows, Triggers: authtest.Triggers{
				PreSignUp: func(e *authtest.PreSignUpEvent) error {
					e.Response.AutoConfirmUser = true
					return nil
				},
			}})
			s := newSession(t, pool, "s")
			out := signUp(t, s, "ana", func(in *auth.SignUpInput) { in.AutoSignIn = tt.auto })
			user, _ := pool.User("ana")
			want := &auth.SignUpOutput{IsSignUpComplete: true, UserID: user.Sub, NextStep: tt.want}
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if tt.auto {
				in, err := auth.AutoSignIn(t.Context(), s, tt.signIn)
				wantSignedIn(t, in, err)
			} else {
				signIn(t, s, "ana")
			}
		})
	}
}

// What a trigger gets is what the caller gave, and its refusal is the error's.
func TestSignUpTrigger(t *testing.T) {
	t.Parallel()
	var got *authtest.PreSignUpEvent
	pool := newPool(t, authtest.Config{Triggers: authtest.Triggers{
		PreSignUp: func(e *authtest.PreSignUpEvent) error {
			got = e
			return errors.New("closed on Sundays")
		},
	}})
	_, err := auth.SignUp(t.Context(), newSession(t, pool, "s"), auth.SignUpInput{
		Username: "ana", Password: thePassword, UserAttributes: map[string]string{"name": "Ana"},
		ValidationData: map[string]string{"invitation": "7"}, ClientMetadata: someMetadata,
	})
	wantCode(t, err, auth.ErrUserLambdaValidation)
	e, _ := errors.AsType[*auth.Error](err)
	if name, words, ok := e.Trigger(); name != "PreSignUp" || words != "closed on Sundays" || !ok {
		t.Errorf("trigger: got %q, %q, %t", name, words, ok)
	}
	if strings.Contains(err.Error(), "Sundays") {
		t.Errorf("the trigger's words are in the text: %v", err)
	}
	want := []map[string]string{{"name": "Ana"}, {"invitation": "7"}, someMetadata}
	if diff := cmp.Diff(want, []map[string]string{got.Request.UserAttributes, got.Request.ValidationData, got.Request.ClientMetadata}); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestConfirmSignUp(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana")

	// A wrong code leaves the right one usable.
	for range 3 {
		_, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: wrongCode(pool.Code("ana"))})
		wantProblem(t, err, auth.ErrCodeMismatch, "Invalid verification code provided, please try again.")
	}
	out := confirmSignUp(t, s, pool, "ana")
	want := &auth.ConfirmSignUpOutput{IsSignUpComplete: true, NextStep: auth.SignUpNextStep{Step: auth.SignUpStepDone}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if user, _ := pool.User("ana"); user.Status != authtest.StatusConfirmed || user.Attributes["email_verified"] != "true" {
		t.Errorf("the account is %s, its address verified: %s", user.Status, user.Attributes["email_verified"])
	}

	_, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: "123456"})
	wantProblem(t, err, auth.ErrAlreadyConfirmed, "Current status is CONFIRMED")
	if !errors.Is(err, auth.ErrNotAuthorized) {
		t.Error("the finer code is not also ErrNotAuthorized")
	}
	signIn(t, s, "ana")
}

// Any session confirms: people open their mail on another computer.
func TestConfirmSignUpElsewhere(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{ExplicitAuthFlows: everyFlow})
	signUp(t, newSession(t, pool, "laptop"), "ana", andAutoSignIn)
	out := confirmSignUp(t, newSession(t, pool, "phone"), pool, "ana")
	if out.NextStep.Step != auth.SignUpStepDone {
		t.Errorf("next step: got %s, want DONE, as this session knows of no sign-up", out.NextStep.Step)
	}
}

func TestConfirmSignUpExpiredCode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		s := newSession(t, pool, "s")
		signUp(t, s, "ana")
		old := pool.Code("ana")
		time.Sleep(24 * time.Hour)
		_, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: old})
		wantProblem(t, err, auth.ErrExpiredCode, "Invalid code provided, please request a code again.")
		if _, err := auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "ana"}); err != nil {
			t.Fatal(err)
		}
		confirmSignUp(t, s, pool, "ana")
	})
}

// The service's session is good for minutes, the code for a day. Whoever reads
// the mail after lunch is confirmed all the same, and signed in.
func TestConfirmSignUpAfterItsSessionExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{ExplicitAuthFlows: everyFlow})
		s := newSession(t, pool, "s")
		signUp(t, s, "ana", andAutoSignIn)
		time.Sleep(20 * time.Hour)
		out := confirmSignUp(t, s, pool, "ana")
		if out.NextStep.Step != auth.SignUpStepCompleteAutoSignIn {
			t.Fatalf("next step: got %s, want COMPLETE_AUTO_SIGN_IN", out.NextStep.Step)
		}
		if in, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{}); err != nil || !in.IsSignedIn {
			t.Errorf("automatic sign-in: %+v, %v", in, err)
		}
	})
}

func TestConfirmSignUpUnknownUser(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		pool := newPool(t, authtest.Config{PreventUserExistenceErrors: hidden})
		_, err := auth.ConfirmSignUp(t.Context(), newSession(t, pool, "s"), auth.ConfirmSignUpInput{Username: "nobody", ConfirmationCode: "123456"})
		if hidden {
			wantCode(t, err, auth.ErrExpiredCode)
		} else {
			wantProblem(t, err, auth.ErrUserNotFound, "Username/client id combination not found.")
		}
	}
}

func TestConfirmSignUpTooOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		s := newSession(t, pool, "s")
		signUp(t, s, "ana")
		var err error
		for n := 0; n < 16 && !errors.Is(err, auth.ErrLimitExceeded); n++ {
			_, err = auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: wrongCode(pool.Code("ana"))})
		}
		wantProblem(t, err, auth.ErrLimitExceeded, "Attempt limit exceeded, please try after some time.")
		if got := len(operations(pool, "ConfirmSignUp")); got != 16 {
			t.Errorf("%d requests, want 16: a limit must not be met with another attempt", got)
		}
		time.Sleep(time.Hour)
		confirmSignUp(t, s, pool, "ana")
	})
}

func TestForceAliasCreation(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{AliasAttributes: []string{"email"}})
	pool.AddUser(authtest.User{Name: "old", Password: thePassword, Email: "ana@example.com"})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana")

	_, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")})
	wantProblem(t, err, auth.ErrAliasExists, "An account with the email already exists.")

	if _, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{
		Username: "ana", ConfirmationCode: pool.Code("ana"), ForceAliasCreation: true,
	}); err != nil {
		t.Fatal(err)
	}
	signIn(t, s, "ana@example.com")
	if user, err := auth.GetCurrentUser(t.Context(), s); err != nil || user.Username != "ana" {
		t.Errorf("the address signs in %+v, %v", user, err)
	}
}

func TestResendSignUpCode(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana")
	first := pool.Code("ana")
	out, err := auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	want := &auth.ResendSignUpCodeOutput{
		CodeDeliveryDetails: auth.CodeDeliveryDetails{Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email"},
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if second := pool.Code("ana"); second != first {
		_, err = auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: first})
		wantCode(t, err, auth.ErrCodeMismatch)
	}
	confirmSignUp(t, s, pool, "ana")

	_, err = auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "ana"})
	wantProblem(t, err, auth.ErrAlreadyConfirmed, "User is already confirmed.")
	_, err = auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "nobody"})
	wantCode(t, err, auth.ErrUserNotFound)
}

// Where the app client hides who exists, the answers do not differ.
func TestResendSignUpCodeHidesUsers(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{PreventUserExistenceErrors: true, AliasAttributes: []string{"email"}})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "s")
	for _, name := range []string{"ana", "nobody"} {
		out, err := auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: name})
		if err != nil || out.Destination == "" || out.DeliveryMedium != "EMAIL" {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	if inbox := pool.Inbox("ana"); len(inbox) != 0 {
		t.Errorf("a confirmed user got %v", inbox)
	}
}

func TestResendSignUpCodeTooOften(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana")
	for range 5 {
		if _, err := auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "ana"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "ana"})
	wantCode(t, err, auth.ErrLimitExceeded)
}

// Behavior 78: the error names the operation that failed, not a cousin of it.
func TestErrorsNameTheirOperation(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	ctx := t.Context()
	_, signUpErr := auth.SignUp(ctx, s, auth.SignUpInput{})
	_, confirmErr := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{})
	_, resendErr := auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{})
	_, signInErr := auth.SignIn(ctx, s, auth.SignInInput{})
	_, confirmInErr := auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: "1"})
	_, resendInErr := auth.ResendSignInCode(ctx, s, auth.ResendSignInCodeInput{})
	_, autoErr := auth.AutoSignIn(ctx, s, auth.AutoSignInInput{})
	_, fetchErr := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
	_, userErr := auth.GetCurrentUser(ctx, s)
	_, renewErr := auth.RenewSession(ctx, s, "")
	for want, err := range map[string]error{
		"sign up": signUpErr, "confirm sign up": confirmErr, "resend sign up code": resendErr, "sign in": signInErr,
		"confirm sign in": confirmInErr, "resend sign in code": resendInErr, "auto sign in": autoErr,
		"fetch auth session": fetchErr, "get current user": userErr, "renew session": renewErr,
	} {
		e, ok := errors.AsType[*auth.Error](err)
		if !ok || e.Op != want {
			t.Errorf("%s: got %v", want, err)
			continue
		}
		if !strings.HasPrefix(err.Error(), fmt.Sprintf("auth: %s: ", want)) {
			t.Errorf("%s: the text is %q", want, err)
		}
	}
}
