package auth

import (
	"cmp"
	"context"
	"time"

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
// is believed to belong to it. A refresh token that the service rotates is spent
// by that: if what came for it cannot be stored, it is revoked, and the person
// has to sign in. An answer that never arrives can cost the sign-in too;
// [Error.MaybeProcessed] then says so.
//
// A sign-in that was in progress in the session ends.
//
// Import nothing that a browser sends unasked: whoever plants their own tokens
// in somebody's session has that person work in the wrong account.
//
// Errors: [ErrInvalidInput] for missing or malformed input, before any request;
// [ErrAlreadySignedIn]; [ErrInvalidTokens] for tokens that fail verification, that
// have expired without a refresh token beside them, or that were issued to
// another device (the cause is a [tokens.Error]); [ErrSessionExpired] for a
// refresh token that the service refuses; those of [FetchAuthSession]. The
// session stays as it was.
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
	return cur.authSession(), nil
}

// imported makes the tokens of the input the session's, or those that its
// refresh token brings.
func (s *Session) imported(ctx context.Context, in ImportTokensInput) (*signedIn, error) {
	b := tokens.Bundle{
		AccessToken: in.AccessToken, IDToken: in.IDToken, RefreshToken: in.RefreshToken,
		SignInDetails: tokens.SignInDetails{LoginID: in.LoginID},
	}
	if in.Device != nil {
		b.Device = &tokens.Device{Key: in.Device.Key, GroupKey: in.Device.GroupKey}
	}
	if b.AccessToken == "" {
		return s.redeem(ctx, b, in)
	}
	cur, err := s.verifyImport(ctx, b)
	switch {
	case err != nil:
		return nil, err
	case !cur.expired():
		return cur, s.keepImport(ctx, cur.bundle, in.Device)
	case b.RefreshToken == "":
		expired := &tokens.Error{Op: "bundle", Code: tokens.ErrExpired}
		return nil, &Error{Code: ErrInvalidTokens, Message: "the tokens have expired and there is no refresh token", Err: expired}
	default:
		return s.redeem(ctx, cur.bundle, in)
	}
}

// verifyImport verifies b and completes it with what the tokens say. When they
// were issued says nothing about the clocks, as that can be long ago.
func (s *Session) verifyImport(ctx context.Context, b tokens.Bundle) (*signedIn, error) {
	verified, err := s.client.verifier.VerifyBundle(ctx, b)
	if err != nil {
		return nil, err
	}
	b.Subject, b.Username = verified.Access.Subject(), verified.Access.Username()
	b.SignInDetails.LoginID = cmp.Or(b.SignInDetails.LoginID, b.Username)
	switch key := verified.Access.DeviceKey(); {
	case key == "":
	case b.Device == nil:
		b.Device = &tokens.Device{Key: key}
	case b.Device.Key != key:
		mixed := &tokens.Error{Op: "bundle", Code: tokens.ErrMixed}
		return nil, &Error{Code: ErrInvalidTokens, Field: "Device.Key", Message: "the tokens were issued to another device", Err: mixed}
	}
	return &signedIn{bundle: b, verified: verified}, nil
}

// redeem trades the refresh token of an import for tokens and makes those the
// session's. They have to be of the person whom b names, if it names one.
func (s *Session) redeem(ctx context.Context, b tokens.Bundle, in ImportTokensInput) (*signedIn, error) {
	asked := time.Now()
	r, err := s.client.api.Refresh(ctx, refreshInput(b, in.ClientMetadata))
	if err != nil {
		if refusal := rejection(err); refusal != nil {
			return nil, refusal
		}
		return nil, opError(opRefresh, err)
	}
	b.AccessToken, b.IDToken = r.AccessToken, r.IDToken
	rotated := r.RefreshToken != ""
	if rotated {
		// The token that was given is spent. From here on neither a caller who
		// leaves nor a store that fails for a moment may cost the person the
		// sign-in.
		b.RefreshToken = r.RefreshToken
		var cancel context.CancelFunc
		ctx, cancel = tidying(ctx)
		defer cancel()
	}
	cur, err := s.verifyImport(ctx, b)
	if err == nil {
		describe(&cur.bundle, cur.verified, asked)
		err = insist(ctx, rotated, func() error { return s.keepImport(ctx, cur.bundle, in.Device) })
	}
	if err != nil {
		s.revokeQuietly(ctx, r.RefreshToken) // nobody will ever hold it
		return nil, err
	}
	return cur, nil
}

// keepImport makes b the session's tokens and the device one of those that the
// store keeps. The tokens go last: as long as there is something to fail, nobody
// is signed in.
func (s *Session) keepImport(ctx context.Context, b tokens.Bundle, d *DeviceCredentials) error {
	if d != nil && d.Secret != "" {
		if err := s.rememberLocally(ctx, device{
			Key: d.Key, GroupKey: d.GroupKey, Secret: string(d.Secret), Username: b.Username, LoginIDs: []string{b.SignInDetails.LoginID},
		}); err != nil {
			return err
		}
	}
	if err := s.saveNew(ctx, b); err != nil {
		return err
	}
	// A sign-in that was in progress could replace the tokens.
	for _, kind := range []string{recordAttempt, recordSignUp} {
		if err := s.forgetRecord(ctx, kind); err != nil {
			s.client.log.WarnContext(ctx, "auth: sign-in in progress not forgotten", "op", opImport, "error", err)
		}
	}
	return nil
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
