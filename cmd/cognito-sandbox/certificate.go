package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/cognitokit/auth/authtest"
)

// Files of the sandbox's own certificate, beside its state.
const (
	certificateFile = "tls-cert.pem"
	keyFile         = "tls-key.pem"
)

// A certificate that ends within a month is made anew when a sandbox starts.
const (
	certificateValidity = 365 * 24 * time.Hour
	certificateReserve  = 30 * 24 * time.Hour
)

// certificate returns what the sandbox proves itself with to clients that
// speak TLS: what the user has given it, or a certificate of its own. That is
// the same at every start if there is a state, because browsers are told once
// to accept it.
func (o *options) certificate(names []string) (tls.Certificate, error) {
	if o.cert != "" {
		return tls.LoadX509KeyPair(o.cert, o.key)
	}
	if o.memory {
		cert, key, err := newCertificate(names, time.Now())
		if err != nil {
			return tls.Certificate{}, err
		}
		return tls.X509KeyPair(cert, key)
	}
	certPath, keyPath := filepath.Join(o.data, certificateFile), filepath.Join(o.data, keyFile)
	if kept, err := tls.LoadX509KeyPair(certPath, keyPath); err == nil && stillGood(kept.Leaf, names, time.Now()) {
		return kept, nil
	}
	cert, key, err := newCertificate(names, time.Now())
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := os.WriteFile(keyPath, key, 0o600); err != nil { //nolint:gosec // whoever starts the sandbox names the directory
		return tls.Certificate{}, err
	}
	if err := os.WriteFile(certPath, cert, 0o600); err != nil { //nolint:gosec // as above
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// certificateNames are the names and addresses by which clients may reach a
// sandbox. A wildcard does not do for the domains of pools: many clients
// accept none directly below a top-level name.
func (o *options) certificateNames(about about, pools []*authtest.Pool) []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	for _, p := range pools {
		if domain := p.Summary().Domain; domain != "" {
			names = append(names, domain+".localhost")
		}
	}
	if about.address != "" {
		names = append(names, about.address)
	}
	names = append(names, o.hosts...)
	slices.Sort(names)
	return slices.Compact(names)
}

// stillGood reports whether a certificate is for all the names and for some
// time.
func stillGood(cert *x509.Certificate, names []string, now time.Time) bool {
	unnamed := func(name string) bool { return cert.VerifyHostname(name) != nil }
	return now.Add(certificateReserve).Before(cert.NotAfter) && !slices.ContainsFunc(names, unnamed)
}

// newCertificate makes a certificate that signs itself, in PEM. It is good for
// nothing but servers: whoever trusts it trusts no other names by it.
func newCertificate(names []string, now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "cognito-sandbox, for development"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateValidity),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}
