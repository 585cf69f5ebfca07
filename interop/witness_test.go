// Package interop runs clients that nobody here wrote against the pool of
// package authtest: they are the proof that both halves of ours speak
// Cognito's protocol and not merely each other's.
//
// It needs Node 20 or newer, the packages of js/package-lock.json (npm ci, in
// js) and the AWS CLI.
package interop

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func TestAmplify(t *testing.T) {
	t.Parallel()
	runWitness(t, "amplify.test.mjs", configs())
}

func TestIdentityJS(t *testing.T) {
	t.Parallel()
	runWitness(t, "identity.test.mjs", configs())
}

// configs are the pools that the scripts may ask for, by name.
func configs() map[string]authtest.Config {
	passwords := []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowRefreshToken}
	choice := []authtest.AuthFlow{authtest.AllowUser, authtest.AllowUserSRP, authtest.AllowRefreshToken}
	messages := []authtest.MFAFactor{authtest.MFAFactorSMS, authtest.MFAFactorEmail}
	return map[string]authtest.Config{
		"plain":    {ExplicitAuthFlows: passwords},
		"hiding":   {PreventUserExistenceErrors: true},
		"alias":    {AliasAttributes: []string{"email"}},
		"choice":   {ExplicitAuthFlows: choice},
		"mfa":      {MFA: authtest.MFAOptional},
		"required": {MFA: authtest.MFARequired},
		"codes":    {MFA: authtest.MFAOptional, MFAFactors: messages},
		"rotating": {RotateRefreshTokens: true},
		"linked":   {Domain: "linked", DefaultEmailOption: authtest.ConfirmWithLink},
	}
}

// served is what a script is told about a pool.
type served struct {
	Endpoint string `json:"endpoint"`
	PoolID   string `json:"poolId"`
	ClientID string `json:"clientId"`
	Issuer   string `json:"issuer"`
}

// runWitness starts pools on loopback, each at an endpoint of its own, and runs
// one script against them. A request that a pool does not know fails the test
// as well.
func runWitness(t *testing.T, script string, configs map[string]authtest.Config) {
	t.Helper()
	pools := make(map[string]*authtest.Pool)
	told := make(map[string]served)
	for name, cfg := range configs {
		p := authtest.NewPool(t, cfg)
		pools[name] = p
		told[name] = served{Endpoint: p.Start() + "/", PoolID: p.PoolID(), ClientID: p.ClientID(), Issuer: p.Issuer()}
	}
	find := func(name string) (*authtest.Pool, bool) { p, ok := pools[name]; return p, ok }
	runScript(t, script, find, map[string]any{"pools": told})
}

// runAtServer starts pools on loopback, all at one endpoint where the script
// can make more, and runs one script against them.
func runAtServer(t *testing.T, script string, configs map[string]authtest.Config) {
	t.Helper()
	server := authtest.NewServer(t, authtest.ServerConfig{})
	endpoint := server.Start() + "/"
	pools := make(map[string]*authtest.Pool)
	told := make(map[string]served)
	for name, cfg := range configs {
		p := server.NewPool(cfg)
		pools[name] = p
		told[name] = served{Endpoint: endpoint, PoolID: p.PoolID(), ClientID: p.ClientID(), Issuer: p.Issuer()}
	}
	find := func(name string) (*authtest.Pool, bool) {
		if p, ok := pools[name]; ok {
			return p, true
		}
		return server.Pool(name)
	}
	runScript(t, script, find, map[string]any{"pools": told, "endpoint": endpoint})
}

// runScript runs a script that is told something, and where pools can be
// controlled.
func runScript(t *testing.T, script string, find func(name string) (*authtest.Pool, bool), told map[string]any) {
	t.Helper()
	if _, err := os.Stat("js/node_modules/.package-lock.json"); err != nil {
		t.Fatalf("the JavaScript clients are not installed: run npm ci in interop/js (%v)", err)
	}
	control := httptest.NewServer(controlHandler(find))
	t.Cleanup(control.Close)
	told["control"] = control.URL
	env, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}

	// aws-amplify leaves a timer of three minutes behind after a sign-up;
	// --test-force-exit does not wait for it.
	cmd := exec.CommandContext(t.Context(), "node", "--test", "--test-force-exit", "--test-reporter=spec", script)
	cmd.Dir = "js"
	cmd.Env = append(os.Environ(), "COGNITO_POOLS="+string(env))
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	t.Logf("%s\n%s", script, out)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}
