package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/cmd/cognito-sandbox/internal/boltstore"
)

// A state is a server with what keeps it.
type state struct {
	server *authtest.Server
	where  string         // it is kept, for people
	seed   *authtest.Seed // what a sandbox without state begins with; nil for the default pool
	store  *boltstore.Store

	unseeded bool // whether there was a state, and so no use for the seed
}

// open opens the state, which has a pool in any case.
func (o *options) open(about about) (_ *state, err error) {
	s := &state{where: "memory, until the sandbox stops"}
	if s.seed, err = o.parseSeed(); err != nil {
		return nil, err
	}
	cfg := authtest.ServerConfig{Region: o.region, IssuerBase: o.issuer, LambdaEndpoint: o.lambda}
	if o.issuer == "self" {
		cfg.IssuerBase = about.endpoint
	}
	if !o.memory {
		if s.store, err = openStore(o.data); err != nil {
			return nil, err
		}
		cfg.Storage, s.where = s.store, o.data
	}
	if s.server, err = authtest.NewStandaloneServer(cfg); err == nil {
		if s.unseeded = s.seed != nil && len(s.server.Pools()) > 0; len(s.server.Pools()) == 0 {
			err = s.begin()
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// openStore opens the store in a directory. What is in there is nobody else's:
// version control is told to leave it alone.
func openStore(dir string) (*boltstore.Store, error) {
	store, err := boltstore.Open(dir)
	if errors.Is(err, boltstore.ErrLocked) {
		return nil, fmt.Errorf("another sandbox has its state in %s; stop it, or start this one with -data or -memory", dir)
	}
	if err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600) //nolint:gosec // whoever starts the sandbox names the directory
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// parseSeed reads the seed file, if there is one.
func (o *options) parseSeed() (*authtest.Seed, error) {
	if o.seed == "" {
		return nil, nil
	}
	text, err := os.ReadFile(o.seed) //nolint:gosec // whoever starts the sandbox may read the file
	if err != nil {
		return nil, err
	}
	seed, err := authtest.ParseSeed(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", o.seed, err)
	}
	return seed, nil
}

// begin gives a server without pools those that it begins with.
func (s *state) begin() error {
	if s.seed != nil {
		return s.server.Seed(s.seed)
	}
	return addDefaultPool(s.server)
}

// close lets go of what keeps the state, after the last request.
func (s *state) close() error {
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}
