package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/http"

	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

// benchPool measures what a pool costs a test, beside the key that a pool
// without embedded ones would generate.
func benchPool(ctx context.Context, s *suite) ([]row, error) {
	const (
		pool     = "authtest pool, start and stop"
		first    = "the same and reading two keys"
		generate = "rsa.GenerateKey(2048)"
	)
	startStop := func() error {
		p, err := authtest.New(authtest.Config{})
		if err != nil {
			return err
		}
		p.Start()
		p.Close()
		return nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der := x509.MarshalPKCS1PrivateKey(key)
	if err := checkPool(ctx); err != nil {
		return nil, err
	}
	r, err := s.work(ctx,
		measure.Candidate{Name: pool, Run: measure.Each(startStop)},
		// A process reads the embedded keys when its first pool signs.
		measure.Candidate{Name: first, Run: measure.Each(func() error {
			for range 2 {
				if _, err := x509.ParsePKCS1PrivateKey(der); err != nil {
					return err
				}
			}
			return startStop()
		})},
		measure.Candidate{Name: generate, Run: measure.Each(func() error {
			_, err := rsa.GenerateKey(rand.Reader, 2048)
			return err
		})},
	)
	if err != nil {
		return nil, err
	}
	return []row{
		r.row(pool, generate, 0.02),
		r.row(first, generate, 0.02),
	}, nil
}

// checkPool has a pool serve.
func checkPool(ctx context.Context) error {
	p, err := authtest.New(authtest.Config{})
	if err != nil {
		return err
	}
	defer p.Close() //nolint:contextcheck // it has no use for one
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Start()+"/"+p.PoolID()+"/.well-known/jwks.json", http.NoBody)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("key set: %s", res.Status)
	}
	return nil
}
