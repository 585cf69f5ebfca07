package auth_test

import (
	"testing"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// A list is one person's. Another who signs in to the session between two pages
// sees nothing of it, and adds nothing to it.
func TestListEndsWithItsPerson(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		page func() object
		list func(t *testing.T, s *auth.Session, each func()) error
	}{
		{
			"devices", func() object {
				return object{"Devices": []any{object{"DeviceKey": aDevice}}, "PaginationToken": "more"}
			},
			func(t *testing.T, s *auth.Session, each func()) error {
				for _, err := range auth.AllDevices(t.Context(), s) {
					if err != nil {
						return err
					}
					each()
				}
				return nil
			},
		},
		{
			"passkeys", func() object {
				return object{"Credentials": []any{object{"CredentialId": "aQ"}}, "NextToken": "more"}
			},
			func(t *testing.T, s *auth.Session, each func()) error {
				for _, err := range auth.AllWebAuthnCredentials(t.Context(), s) {
					if err != nil {
						return err
					}
					each()
				}
				return nil
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			addUser(t, pool, "ben")
			s, wire := recorded(t, pool)
			wire.answer = func(op string, _ object) (object, bool) {
				if op == "ListDevices" || op == "ListWebAuthnCredentials" {
					return tt.page(), true
				}
				return nil, false
			}
			signIn(t, s, "ana")
			shown := 0
			err := tt.list(t, s, func() {
				if shown++; shown == 1 {
					signOut(t, s, auth.SignOutInput{})
					signIn(t, s, "ben")
				}
			})
			wantCode(t, err, auth.ErrNotSignedIn)
			if shown != 1 {
				t.Errorf("%d items were shown, want the first alone", shown)
			}
		})
	}
}
