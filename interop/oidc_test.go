package interop

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cognitokit/auth/authtest"
)

// TestOpenIDClient runs a client that knows nothing of Cognito: it finds
// everything by the issuer, which is where the pool is.
func TestOpenIDClient(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const id = "eu-west-1_OpenIDcon"
	url := "http://" + listener.Addr().String()
	pool := authtest.NewPool(t, authtest.Config{PoolID: id, Issuer: url + "/" + id, Domain: "people", CustomAttributes: []string{"team"}})
	server := httptest.NewUnstartedServer(http.Handler(pool))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)

	find := func(string) (*authtest.Pool, bool) { return pool, true }
	runScript(t, "openid-client.test.mjs", find, map[string]any{
		"pools": map[string]served{"people": {Endpoint: url + "/", PoolID: id, ClientID: pool.ClientID(), Issuer: pool.Issuer()}},
	})
}
