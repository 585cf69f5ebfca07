package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth/authtest"
)

// trusting returns a client that trusts a certificate and nothing else.
func trusting(t *testing.T, pem []byte) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("no certificate in %q", pem)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// signInEndpointAt returns where the discovery document that a client gets at a URL
// says that people sign in.
func signInEndpointAt(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	res, err := client.Get(url + "/eu-west-1_sandbox01/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var document struct {
		Endpoint string `json:"authorization_endpoint"`
	}
	if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	return document.Endpoint
}

// TestTLS reaches a sandbox with TLS and without, at one port, and finds its
// certificate the same after a start.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var first []byte
	for _, start := range []string{"first", "second"} {
		p := launch(t, "-data", dir, "-host", "sandbox.test")
		pem, err := os.ReadFile(filepath.Join(dir, certificateFile))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = pem
		} else if !bytes.Equal(pem, first) {
			t.Error("the certificate has changed")
		}
		plain, secure := p.endpoint, "https"+strings.TrimPrefix(p.endpoint, "http")
		if got, want := signInEndpointAt(t, http.DefaultClient, plain), plain+"/oauth2/authorize"; got != want {
			t.Errorf("%s start: without TLS, people sign in at %s, want %s", start, got, want)
		}
		if got, want := signInEndpointAt(t, trusting(t, pem), secure), secure+"/oauth2/authorize"; got != want {
			t.Errorf("%s start: with TLS, people sign in at %s, want %s", start, got, want)
		}
		if res, err := http.Get(secure); err == nil {
			res.Body.Close()
			t.Error("a client that does not know the certificate trusts it")
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := addDefaultPool(server); err != nil {
		t.Fatal(err)
	}
	o := &options{data: t.TempDir(), hosts: []string{"sandbox.test"}}
	names := o.certificateNames(about{address: "192.0.2.7"}, server.Pools())
	first, err := o.certificate(names)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "sandbox.localhost", "192.0.2.7", "sandbox.test"} {
		if err := first.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	for _, tt := range []struct {
		name   string
		names  []string
		before func() error
		kept   bool
	}{
		{"the same names", names, func() error { return nil }, true},
		{"fewer names", names[:1], func() error { return nil }, true},
		{"a further name", append(names, "other.localhost"), func() error { return nil }, false},
		{"no key", names, func() error { return os.Remove(filepath.Join(o.data, keyFile)) }, false},
		{"half a certificate", names, func() error { return os.Truncate(filepath.Join(o.data, certificateFile), 100) }, false},
	} {
		before, err := o.certificate(names)
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.before(); err != nil {
			t.Fatal(err)
		}
		after, err := o.certificate(tt.names)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if kept := before.Leaf.Equal(after.Leaf); kept != tt.kept {
			t.Errorf("%s: kept is %t", tt.name, kept)
		}
	}
	if stillGood(first.Leaf, names, first.Leaf.NotAfter.Add(-certificateReserve)) {
		t.Error("it is good to the end")
	}
	given := &options{memory: true, cert: filepath.Join(o.data, certificateFile), key: filepath.Join(o.data, keyFile)}
	last, err := o.certificate(names)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := given.certificate(nil); err != nil || !got.Leaf.Equal(last.Leaf) {
		t.Errorf("a given certificate is not taken: error %v", err)
	}
}

// TestTLSFails begins to speak TLS and does not go on: nobody else is held up,
// and the connection ends.
func TestTLSFails(t *testing.T) {
	t.Parallel()
	p := launch(t, "-memory")
	address := strings.TrimPrefix(p.endpoint, "http://")
	for _, tt := range []struct{ name, said string }{
		{"silence", ""},
		{"a record that does not end", "\x16\x03\x01\x40\x00\x01"},
		{"no handshake", "\x16GET / HTTP/1.1\r\n\r\n"},
		{"another protocol", "\x15\x03\x01\x00\x02\x01\x00"},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, tt.said); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if res, err := http.Get(p.endpoint + "/_sandbox/health"); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: got %v, error %v", tt.name, res, err)
		} else {
			res.Body.Close()
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("%s: the connection does not end: %v", tt.name, err)
		}
		conn.Close()
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}
