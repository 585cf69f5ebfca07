package auth

import (
	"context"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/tokens"
)

// ImportTokensInput is the input of [ImportTokens]: tokens of this app client
// that were issued elsewhere. AccessToken or RefreshToken is required.
type ImportTokensInput struct {
	_ [0]func()

	AccessToken  string // may have expired if there is a RefreshToken
	IDToken      string // of the same sign-in; may be left out
	RefreshToken string // without one the session ends when the access token expires

	// LoginID is what the person typed to sign in; default the username in the
	// tokens.
	LoginID string

	// Device is the remembered device that the tokens were issued to, for pools
	// that track devices: their refresh tokens are good for nothing without its
	// key. Where only the key is known it is enough, and the tokens of a sign-in
	// name it themselves.
	Device *DeviceCredentials

	ClientMetadata map[string]string // for the pre token generation trigger, should a refresh happen
}

// ImportTokens signs a session in with tokens that were issued elsewhere: by a
// sign-in with managed login, by another program, in a browser that used
// amazon-cognito-identity-js. They are verified before they are stored, as
// everything is that the service sends: signature, issuer, app client, times,
// and that they belong to one person and one sign-in.
//
// A refresh token can be checked by the service alone. With nothing but a
// RefreshToken, or beside an access token that has expired, it is used at once
// (Cognito operation GetTokensFromRefreshToken); beside a valid access token it
// is believed to belong to it.
//
// Import nothing that a browser sends unasked: whoever plants their own tokens
// in somebody's session has that person work in the wrong account.
//
// Errors: [ErrInvalidInput] for missing or malformed input, before any request;
// [ErrAlreadySignedIn]; [ErrInvalidTokens] for tokens that fail verification (the
// cause is a [tokens.Error]); [ErrSessionExpired] for a refresh token that the
// service refuses; those of [FetchAuthSession]. The session stays as it was.
func ImportTokens(ctx context.Context, s *Session, in ImportTokensInput) (*AuthSession, error) {
	if err := begin(s, opImport, importFields(in)...); err != nil {
		return nil, err
	}
	if err := s.assertSignedOut(ctx, opImport); err != nil {
		return nil, err
	}
	if err := s.client.verifier.Prepare(ctx); err != nil {
		return nil, opError(opImport, err)
	}
	cur, err := s.imported(ctx, in)
	if err != nil {
		return nil, opError(opImport, err)
	}
	if err := s.keepImported(ctx, cur, in.Device); err != nil {
		return nil, opError(opImport, err)
	}
	return cur.authSession(), nil
}

// imported returns the tokens of the input, verified and not expired.
func (s *Session) imported(ctx context.Context, in ImportTokensInput) (*signedIn, error) {
	b := tokens.Bundle{AccessToken: in.AccessToken, IDToken: in.IDToken, RefreshToken: in.RefreshToken}
	if in.Device != nil {
		b.Device = &tokens.Device{Key: in.Device.Key, GroupKey: in.Device.GroupKey}
	}
	if b.AccessToken == "" {
		return s.redeem(ctx, b, in)
	}
	verified, err := s.client.verifier.VerifyBundle(ctx, b)
	if err != nil {
		return nil, err
	}
	b.Subject, b.Username = verified.Access.Subject(), verified.Access.Username()
	if key := verified.Access.DeviceKey(); b.Device == nil && key != "" {
		b.Device = &tokens.Device{Key: key}
	}
	cur := &signedIn{bundle: b, verified: verified}
	switch {
	case !cur.expired():
	case b.RefreshToken == "":
		return nil, &Error{Code: ErrInvalidTokens, Message: "the tokens have expired and there is no refresh token", Err: tokens.ErrExpired}
	default:
		return s.redeem(ctx, b, in)
	}
	cur.bundle.SignInDetails.LoginID = importedLoginID(in, b)
	return cur, nil
}

func importedLoginID(in ImportTokensInput, b tokens.Bundle) string {
	if in.LoginID != "" {
		return in.LoginID
	}
	return b.Username
}

// redeem trades the refresh token of an import for tokens. They have to be of
// the person whom b names, if it names one.
func (s *Session) redeem(ctx context.Context, b tokens.Bundle, in ImportTokensInput) (*signedIn, error) {
	request := cognito.RefreshInput{
		RefreshToken: b.RefreshToken, HashUsername: b.Username, CallOptions: cognito.CallOptions{ClientMetadata: in.ClientMetadata},
	}
	if b.Device != nil {
		request.DeviceKey = b.Device.Key
	}
	asked := time.Now()
	r, err := s.client.api.Refresh(ctx, request)
	if err != nil {
		if refusal := rejection(err); refusal != nil {
			return nil, refusal
		}
		return nil, opError(opRefresh, err)
	}
	b.AccessToken, b.IDToken = r.AccessToken, r.IDToken
	if r.RefreshToken != "" {
		b.RefreshToken = r.RefreshToken
	}
	verified, err := s.client.verifier.VerifyBundle(ctx, b)
	if err != nil {
		return nil, err
	}
	describe(&b, verified, asked)
	b.SignInDetails.LoginID = importedLoginID(in, b)
	return &signedIn{bundle: b, verified: verified}, nil
}

// keepImported makes the tokens the session's, and the device one of those that
// the store keeps.
func (s *Session) keepImported(ctx context.Context, cur *signedIn, d *DeviceCredentials) error {
	b := cur.bundle
	if err := s.saveNew(ctx, b); err != nil {
		return err
	}
	if d == nil || d.Secret == "" {
		return nil
	}
	return s.rememberLocally(ctx, device{
		Key: d.Key, GroupKey: d.GroupKey, Secret: string(d.Secret), Username: b.Username, LoginIDs: []string{b.SignInDetails.LoginID},
	})
}

// importFields checks the form of what is imported.
func importFields(in ImportTokensInput) []field {
	access, refresh := field{name: "AccessToken"}, field{name: "RefreshToken"}
	id, login := field{name: "IDToken"}, field{name: "LoginID"}
	if in.AccessToken == "" && in.RefreshToken == "" {
		access.problem = "required, unless there is a RefreshToken"
	}
	if in.IDToken != "" && in.AccessToken == "" {
		id.problem = "not without an AccessToken"
	}
	if in.LoginID != "" {
		login = nameField(in.LoginID)
		login.name = "LoginID"
	}
	fields := []field{access, id, tokenField(refresh, in.RefreshToken), login}
	if d := in.Device; d != nil {
		key := deviceIDField(d.Key)
		if key.name = "Device.Key"; d.Key == "" {
			key.problem = "required"
		}
		group := textField("Device.GroupKey", d.GroupKey)
		if d.Secret != "" && d.GroupKey == "" {
			group.problem = "required with a Secret"
		}
		secret := textField("Device.Secret", string(d.Secret))
		if d.Secret == devicePlaceholder {
			secret.problem = "what any secret prints as; string(secret) is the secret"
		}
		fields = append(fields, key, group, secret)
	}
	return fields
}
