package authtest

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// TestOneExchangeConcurrentSafe exchanges one code from many sides at once.
// Exactly one of them may get tokens.
func TestOneExchangeConcurrentSafe(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	values := exchanging(codeFor(t, p, asking()))
	var succeeded atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if form(t, p, pathToken, "", "", values).status == http.StatusOK {
				succeeded.Add(1)
			}
		})
	}
	wg.Wait()
	if n := succeeded.Load(); n != 1 {
		t.Errorf("%d exchanges succeeded, want 1", n)
	}
}

// TestManagedLoginConcurrentSafe lets browsers go everywhere while an
// administrator changes what the pages depend on.
func TestManagedLoginConcurrentSafe(t *testing.T) {
	t.Parallel()
	p := federatedPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP}})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			name := fmt.Sprintf("user%d", i)
			b := visit(t, p).signUp("username", name, "attribute.email", name+"@example.com")
			b.submit(pathConfirm, "code", p.Code(name)).gone(p, name)
			code := b.open(pathAuthorize, asking("scope", "openid email")).goneTo(testCallback).Get("code")
			if a := form(t, p, pathToken, "", "", exchanging(code)); a.status != http.StatusOK {
				t.Errorf("%s: got %d", name, a.status)
			}
			b.open(pathForgot, asking()).on("Forgot your password?", "")
			b.open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", name).gone(p, "Google_"+name)
		})
	}
	wg.Go(func() {
		for i := range 10 {
			admin(t, p, "UpdateUserPool", fmt.Sprintf(`"PoolName":"pool%d","AutoVerifiedAttributes":["email"]}`, i))
			admin(t, p, "UpdateUserPoolClient", `"ClientId":"client1","CallbackURLs":["`+testCallback+`"],"AllowedOAuthFlows":["code"],
				"AllowedOAuthScopes":["openid","email"],"AllowedOAuthFlowsUserPoolClient":true,
				"SupportedIdentityProviders":["COGNITO","Google"]}`)
			admin(t, p, "UpdateIdentityProvider", `"ProviderName":"Google","AttributeMapping":{"email":"email"}}`)
		}
	})
	wg.Wait()
}
