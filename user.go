package auth

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/tokens"
)

// An AuthUser is the person who is signed in. Its JSON is Amplify's.
type AuthUser struct {
	_ [0]func()

	Username      string        `json:"username"` // the pool's own name of the user; a UUID where the pool signs in with e-mail addresses
	UserID        string        `json:"userId"`   // sub
	SignInDetails SignInDetails `json:"signInDetails"`
}

// SignInDetails says how the person signed in.
type SignInDetails struct {
	_ [0]func()

	LoginID  string   `json:"loginId,omitempty"`      // the name as typed
	AuthFlow AuthFlow `json:"authFlowType,omitempty"` // the flow that began it
}

// GetCurrentUser returns who is signed in, as the verified tokens say. Expired
// tokens are refreshed first; no request is sent otherwise.
//
// Errors: those of [FetchAuthSession].
func GetCurrentUser(ctx context.Context, s *Session) (*AuthUser, error) {
	if err := begin(s, opCurrentUser); err != nil {
		return nil, err
	}
	cur, err := s.current(ctx, opCurrentUser, nil)
	if err != nil {
		return nil, err
	}
	b := cur.bundle
	return &AuthUser{
		Username: b.Username, UserID: b.Subject,
		SignInDetails: SignInDetails{LoginID: b.SignInDetails.LoginID, AuthFlow: AuthFlow(b.SignInDetails.AuthFlow)},
	}, nil
}

// FetchUserOutput is the output of [FetchUser]. Its JSON is that of the
// service's GetUser, which amazon-cognito-identity-js hands on from getUserData.
type FetchUserOutput struct {
	_ [0]func()

	Username   string            // the pool's own name of the user; a UUID where the pool signs in with e-mail addresses
	Attributes map[string]string // as in FetchUserAttributesOutput

	// Second factors, as the service names them: "SMS_MFA",
	// "SOFTWARE_TOKEN_MFA", "EMAIL_OTP". FetchMFAPreference has Amplify's names.
	UserMFASettingList  []string // those that are enabled
	PreferredMFASetting string   // the one that sign-in asks for, "" for none
	MFAOptions          []MFAOption
}

// An MFAOption is a way that codes by SMS are delivered, for accounts that were
// set up before lists of factors existed.
type MFAOption struct {
	_ [0]func()

	DeliveryMedium string `json:"DeliveryMedium"` // "SMS"
	AttributeName  string `json:"AttributeName"`  // "phone_number"
}

// MarshalJSON implements [json.Marshaler].
func (o FetchUserOutput) MarshalJSON() ([]byte, error) {
	type attribute struct {
		Name  string `json:"Name"`
		Value string `json:"Value"`
	}
	out := struct {
		MFAOptions          []MFAOption `json:"MFAOptions,omitzero"`
		PreferredMFASetting string      `json:"PreferredMfaSetting,omitempty"`
		UserAttributes      []attribute `json:"UserAttributes"`
		UserMFASettingList  []string    `json:"UserMFASettingList,omitzero"`
		Username            string      `json:"Username"`
	}{o.MFAOptions, o.PreferredMFASetting, []attribute{}, o.UserMFASettingList, o.Username}
	for _, name := range slices.Sorted(maps.Keys(o.Attributes)) {
		out.UserAttributes = append(out.UserAttributes, attribute{name, o.Attributes[name]})
	}
	return json.Marshal(out)
}

// FetchUser returns what the service knows of the person who is signed in, as it
// is now (Cognito operation GetUser). Nothing is cached; [GetCurrentUser] tells
// who it is without asking.
//
// Errors: those of [FetchAuthSession], as an access token that is about to expire
// is refreshed first; [ErrMissingScope] for tokens that were issued without
// the scope aws.cognito.signin.user.admin, [ErrPasswordResetRequired],
// [ErrUserNotConfirmed], [ErrUserNotFound], [ErrTooManyRequests].
func FetchUser(ctx context.Context, s *Session) (*FetchUserOutput, error) {
	user, err := s.getUser(ctx, opFetchUser)
	if err != nil {
		return nil, err
	}
	out := &FetchUserOutput{
		Username: user.Username, Attributes: user.Attributes, UserMFASettingList: user.MFA, PreferredMFASetting: user.PreferredMFA,
	}
	for _, o := range user.MFAOptions {
		out.MFAOptions = append(out.MFAOptions, MFAOption{DeliveryMedium: o.Medium, AttributeName: o.Attribute})
	}
	return out, nil
}

func (s *Session) getUser(ctx context.Context, op string) (cognito.User, error) {
	if err := begin(s, op); err != nil {
		return cognito.User{}, err
	}
	user, _, err := authorized(ctx, s, op, func(ctx context.Context, cur *signedIn) (cognito.User, error) {
		return s.client.api.GetUser(ctx, cur.bundle.AccessToken)
	})
	return user, err
}

// DeleteUserOutput is the output of [DeleteUser].
type DeleteUserOutput struct {
	_ [0]func()

	// CleanupError is why the session or the device of an account that is gone
	// could not be removed from the store, an *Error; nil if they were. What is
	// left opens nothing: SignOut removes the session, and the next sign-in under
	// the same name the device.
	CleanupError error
}

// DeleteUser deletes the account of the person who is signed in, for good
// (Cognito operation DeleteUser). The session is signed out, and what it kept of
// the person's devices is removed. JWTs that others hold verify off-line until
// they expire.
//
// Where the service says that there is no such user any more, because a call
// whose answer was lost or an administrator was faster, that is a success. Where
// it says only that the tokens are revoked, that is [ErrSessionExpired].
//
// Errors: those of [FetchAuthSession]; [ErrMissingScope],
// [ErrPasswordResetRequired], [ErrUserNotConfirmed], [ErrTooManyRequests]. The
// account is then still there, unless [Error.MaybeProcessed] leaves a doubt.
func DeleteUser(ctx context.Context, s *Session) (*DeleteUserOutput, error) {
	if err := begin(s, opDeleteUser); err != nil {
		return nil, err
	}
	// Whom the session belongs to is asked first: a refresh can find that there
	// is no such user any more.
	gone, err := s.load(ctx)
	if err != nil {
		return nil, opError(opDeleteUser, err)
	}
	_, err = authorize(ctx, s, opDeleteUser, func(ctx context.Context, cur *signedIn) error {
		gone = cur
		return s.client.api.DeleteUser(ctx, cur.bundle.AccessToken)
	})
	if err != nil && !knowsNoUser(err) {
		return nil, err
	}
	return &DeleteUserOutput{CleanupError: opError(opDeleteUser, s.forgetUser(ctx, gone.bundle))}, nil
}

// knowsNoUser reports whether the service said that there is no such user, to
// whatever request.
func knowsNoUser(err error) bool {
	e, ok := errors.AsType[*cognito.ServiceError](err)
	return ok && ErrorCode(e.Code) == ErrUserNotFound
}

// forgetUser removes everything that the session keeps of a user who is gone,
// whether or not the caller still waits. The tokens go after what was in
// progress: as long as they are there, nobody begins anything new.
func (s *Session) forgetUser(ctx context.Context, gone tokens.Bundle) error {
	ctx, cancel := tidying(ctx)
	defer cancel()
	err := errors.Join(s.forgetRecord(ctx, recordAttempt), s.forgetRecord(ctx, recordSignUp))
	// A new account can have the old one's name, but not its sub.
	_, _, tokensErr := s.remove(ctx, func(cur *signedIn) bool { return cur.bundle.Subject == gone.Subject })
	return errors.Join(err, tokensErr, s.forgetDevicesOf(ctx, gone.Username))
}
