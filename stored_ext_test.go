package auth_test

import (
	"context"
	"net/http"
	"regexp"
	"sync"
	"testing"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/tokens"
)

// A keeper is a store that keeps all that was ever saved.
type keeper struct {
	tokens.Store

	mu    sync.Mutex
	saved []string // keys and records
}

func (k *keeper) Save(ctx context.Context, key string, rec tokens.Record, prev tokens.Revision) (tokens.Revision, error) {
	k.mu.Lock()
	k.saved = append(k.saved, key+" "+string(rec.Data))
	k.mu.Unlock()
	return k.Store.Save(ctx, key, rec, prev)
}

// neverStored are the members of requests and answers that hold what a person
// typed or was shown, and what proves it.
var neverStored = map[string]bool{
	"Password": true, "PASSWORD": true, "NEW_PASSWORD": true, "ConfirmationCode": true, "UserCode": true, "SMS_MFA_CODE": true,
	"EMAIL_OTP_CODE": true, "SOFTWARE_TOKEN_MFA_CODE": true, "ClientSecret": true, "SECRET_HASH": true, "SecretHash": true,
	"SRP_A": true, "PASSWORD_CLAIM_SIGNATURE": true, "SecretCode": true,
}

// secretsIn returns the values that must not be stored.
func secretsIn(value any) []string {
	var found []string
	if members, ok := value.(object); ok {
		for name, v := range members {
			if text, ok := v.(string); ok && neverStored[name] {
				found = append(found, text)
			}
			found = append(found, secretsIn(v)...)
		}
	}
	return found
}

// Passwords, codes and the secrets of authenticator apps never reach the store,
// whatever the journey; neither does a session's id.
func TestSecretsAreNotStored(t *testing.T) {
	t.Parallel()
	for _, j := range journeys {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			pool := j.pool(t, anotherSecret)
			wire, store := &recorder{pool: pool.Transport()}, &keeper{Store: tokens.NewMemoryStore(0)}
			s := sessionOf(t, newClient(t, pool, func(cfg *auth.Config) {
				cfg.Store, cfg.HTTPClient = store, &http.Client{Transport: wire}
			}), "ana's browser")
			j.run(t, pool, func() *auth.Session { return s }, options{})

			secrets := []string{thePassword, "temporary", "ana's browser", pool.ClientSecret()}
			for _, x := range wire.exchanges() {
				secrets = append(append(secrets, secretsIn(x.sent)...), secretsIn(x.got)...)
			}
			if len(store.saved) == 0 || len(secrets) < 5 {
				t.Fatalf("%d records and %d secrets show nothing", len(store.saved), len(secrets))
			}
			for _, saved := range store.saved {
				for _, secret := range secrets {
					// A code must not be mistaken for a part of some other number.
					if regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(secret) + `(\W|$)`).MatchString(saved) {
						t.Errorf("%q was stored", secret)
					}
				}
			}
		})
	}
}
