package interop

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cognitokit/auth/authtest"
)

// TestOpenIDClient runs a client that knows nothing of Cognito.
func TestOpenIDClient(t *testing.T) {
	t.Parallel()
	runAtIssuer(t, "openid-client.test.mjs", "eu-west-1_OpenIDcon")
}

// TestAuthJS runs a client for servers that knows no more of Cognito than its
// name.
func TestAuthJS(t *testing.T) {
	t.Parallel()
	runAtIssuer(t, "auth-core.test.mjs", "eu-west-1_AuthJS")
}

// runAtIssuer runs a script that finds everything by the issuer, which is where
// the pool is.
func runAtIssuer(t *testing.T, script, id string) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	pool := authtest.NewPool(t, authtest.Config{PoolID: id, Issuer: url + "/" + id, Domain: "people", CustomAttributes: []string{"team"}})
	server := httptest.NewUnstartedServer(http.Handler(pool))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)

	find := func(string) (*authtest.Pool, bool) { return pool, true }
	runScript(t, script, find, map[string]any{
		"pools": map[string]served{"people": {Endpoint: url + "/", PoolID: id, ClientID: pool.ClientID(), Issuer: pool.Issuer()}},
	})
}
