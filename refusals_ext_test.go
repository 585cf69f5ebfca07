package auth_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// People whose forgotten password cannot be reset learn which action helps.
func TestDeadEndsOfAPasswordReset(t *testing.T) {
	t.Parallel()
	reset := func(t *testing.T, s *auth.Session) error {
		t.Helper()
		_, err := auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: "ana"})
		return err
	}
	tests := []struct {
		name         string
		config       authtest.Config
		user         authtest.User
		call         func(*testing.T, *auth.Session) error
		want, coarse auth.ErrorCode
	}{
		{
			"no verified contact", authtest.Config{}, authtest.User{Password: thePassword},
			reset, auth.ErrNoVerifiedContact, auth.ErrInvalidParameter,
		},
		{
			"temporary password", authtest.Config{}, authtest.User{Password: "temporary", Email: "ana@example.com", Status: authtest.StatusForceChangePassword},
			reset, auth.ErrPasswordNotResettable, auth.ErrNotAuthorized,
		},
		{
			"administrators only", authtest.Config{AccountRecovery: []authtest.RecoveryOption{authtest.RecoveryAdminOnly}},
			authtest.User{Password: thePassword, Email: "ana@example.com"},
			reset, auth.ErrAdminRecoveryOnly, auth.ErrNotAuthorized,
		},
		{
			"expired temporary password", authtest.Config{}, authtest.User{Password: "temporary", Email: "ana@example.com", Status: authtest.StatusForceChangePassword},
			func(t *testing.T, s *auth.Session) error {
				t.Helper()
				time.Sleep(8 * 24 * time.Hour)
				_, err := begin(t, s, "ana", "temporary", "")
				return err
			},
			auth.ErrTemporaryPasswordExpired, auth.ErrNotAuthorized,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pool := newPool(t, tt.config)
				tt.user.Name = "ana"
				pool.AddUser(tt.user)
				err := tt.call(t, newSession(t, pool, "s"))
				wantCode(t, err, tt.want)
				if !errors.Is(err, tt.coarse) {
					t.Errorf("%v is not also %s", err, tt.coarse)
				}
				if tt.want.RecoverySuggestion() == "" {
					t.Errorf("nothing says what helps after %s", tt.want)
				}
			})
		})
	}
}

// What the service refuses about an account has a code of its own where a
// program or a person can do something about it.
func TestRefusalsOfAccountChanges(t *testing.T) {
	t.Parallel()
	update := func(attributes map[string]string) func(*testing.T, *auth.Session) error {
		return func(t *testing.T, s *auth.Session) error {
			t.Helper()
			_, err := auth.UpdateUserAttributes(t.Context(), s, auth.UpdateUserAttributesInput{UserAttributes: attributes})
			return err
		}
	}
	prefer := func(in auth.UpdateMFAPreferenceInput) func(*testing.T, *auth.Session) error {
		return func(t *testing.T, s *auth.Session) error {
			t.Helper()
			_, err := auth.UpdateMFAPreference(t.Context(), s, in)
			return err
		}
	}
	tests := []struct {
		name   string
		config authtest.Config
		call   func(*testing.T, *auth.Session) error
		want   auth.ErrorCode
	}{
		{
			"no authenticator app", authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
			prefer(auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceEnabled}), auth.ErrMFANotSetUp,
		},
		{
			"no phone", authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
			prefer(auth.UpdateMFAPreferenceInput{SMS: auth.MFAPreferenceEnabled}), auth.ErrMFANotSetUp,
		},
		{
			"attribute of others", authtest.Config{WriteAttributes: []string{"email"}},
			update(map[string]string{"nickname": "Ana"}), auth.ErrAttributeNotWritable,
		},
		{"immutable attribute", authtest.Config{}, update(map[string]string{"sub": "1"}), auth.ErrAttributeImmutable},
		{"malformed address", authtest.Config{}, update(map[string]string{"email": "ana"}), auth.ErrInvalidAttribute},
		{
			"required attribute", authtest.Config{RequiredAttributes: []string{"email"}},
			func(t *testing.T, s *auth.Session) error {
				t.Helper()
				_, err := auth.DeleteUserAttributes(t.Context(), s, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"email"}})
				return err
			},
			auth.ErrAttributeRequired,
		},
		{
			"new password too short for any pool", authtest.Config{},
			func(t *testing.T, s *auth.Session) error {
				t.Helper()
				_, err := auth.UpdatePassword(t.Context(), s, auth.UpdatePasswordInput{OldPassword: thePassword, NewPassword: "five5"})
				return err
			},
			auth.ErrInvalidPassword,
		},
		{
			"wrong old password", authtest.Config{},
			func(t *testing.T, s *auth.Session) error {
				t.Helper()
				_, err := auth.UpdatePassword(t.Context(), s, auth.UpdatePasswordInput{OldPassword: "Wrong-horse-1", NewPassword: "Another-horse-2"})
				return err
			},
			auth.ErrNotAuthorized,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, tt.config)
			addUser(t, pool, "ana")
			s := newSession(t, pool, "s")
			signIn(t, s, "ana")
			wantCode(t, tt.call(t, s), tt.want)
		})
	}
}
