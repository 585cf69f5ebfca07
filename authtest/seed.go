package authtest

import (
	"errors"
	"fmt"
	"io"
)

// A Seed is what a server begins with: pools, with the groups and the users in
// them. [ParseSeed] reads one from a file. It prints without secrets.
type Seed struct {
	Pools []PoolSeed // in the order in which they are made
}

// Format prints how many pools there are.
func (s Seed) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "seed of %d pools", len(s.Pools)) }

// A PoolSeed describes a pool and what is in it. It prints without secrets.
type PoolSeed struct {
	// Config describes the pool. If there are Clients, the first of them takes
	// the place of the app client that Config describes.
	Config  Config
	Clients []AppClient

	// Groups and Users are put into the pool, Users as by [Pool.AddUser]. A
	// group that only users name is made too.
	Groups []Group
	Users  []User
}

// Format prints the pool's id and how much there is in it.
func (s PoolSeed) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "seed of pool %s with %d groups and %d users", s.Config.PoolID, len(s.Groups), len(s.Users))
}

// config is the pool's configuration with all app clients.
func (s *PoolSeed) config() Config {
	cfg := s.Config
	if len(s.Clients) > 0 {
		cfg.setFirstClient(s.Clients[0])
		cfg.Clients = append(s.Clients[1:len(s.Clients):len(s.Clients)], cfg.Clients...)
	}
	return cfg
}

// setFirstClient makes an app client the one that the configuration's own
// fields describe. They have no place for its name.
func (c *Config) setFirstClient(first AppClient) {
	c.ClientID, c.ClientSecret, c.ExplicitAuthFlows = first.ClientID, first.ClientSecret, first.ExplicitAuthFlows
	c.RotateRefreshTokens, c.RefreshGracePeriod = first.RotateRefreshTokens, first.RefreshGracePeriod
	c.AccessTokenValidity, c.IDTokenValidity = first.AccessTokenValidity, first.IDTokenValidity
	c.RefreshTokenValidity, c.AuthSessionValidity = first.RefreshTokenValidity, first.AuthSessionValidity
	c.DisableTokenRevocation, c.PreventUserExistenceErrors = first.DisableTokenRevocation, first.PreventUserExistenceErrors
	c.ReadAttributes, c.WriteAttributes, c.OAuth = first.ReadAttributes, first.WriteAttributes, first.OAuth
}

// Seed puts the pools of a seed into the server, all or none. An error says
// what the server cannot have: an id that it has already, for instance, or
// anything else that [ParseSeed] would have told of a file.
func (s *Server) Seed(seed *Seed) error {
	pools := make([]*Pool, 0, len(seed.Pools))
	made := newIndex()
	for i := range seed.Pools {
		p, err := s.sow(&seed.Pools[i])
		if err == nil && made.has(p) {
			err = errors.New("the seed has a pool or a client with the id already")
		}
		if err != nil {
			return fmt.Errorf("authtest: seed: pools[%d]: %w", i, err)
		}
		made.put(p)
		pools = append(pools, p)
	}
	ticket, added := s.add(pools...)
	if !added {
		return fmt.Errorf("authtest: seed: %s", msgNameTaken)
	}
	return s.commit(ticket)
}

// sow makes a pool of its description.
func (s *Server) sow(seed *PoolSeed) (*Pool, error) {
	p, err := s.build(seed.config())
	if err != nil {
		return nil, err
	}
	if len(seed.Clients) > 0 && seed.Clients[0].ClientName != "" {
		p.clients[p.cfg.ClientID].name = seed.Clients[0].ClientName
	}
	for i, g := range seed.Groups {
		if err := p.addGroup(g, p.now()); err != nil {
			return nil, fmt.Errorf("groups[%d]: %s", i, err.message)
		}
	}
	for i, u := range seed.Users {
		if _, err := p.addUser(u); err != nil {
			return nil, fmt.Errorf("users[%d]: %s", i, err.message)
		}
	}
	return p, nil
}

// maxSeed bounds what ParseSeed reads.
const maxSeed = 64 << 20

// A SeedError is a problem of a seed file.
type SeedError struct {
	Line    int    // where it is, beginning with 1
	Field   string // as in "pools[0].users[2].email"; empty for the file as a whole
	Message string // what is wrong, without values that are secret
}

func (e *SeedError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("authtest: seed: line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("authtest: seed: line %d: %s: %s", e.Line, e.Field, e.Message)
}

// ParseSeed reads a seed file. It is JSON:
//
//	{
//	  "pools": [
//	    {
//	      "poolId": "eu-west-1_sandbox01",
//	      "mfa": "OPTIONAL",
//	      "mfaFactors": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
//	      "autoVerifiedAttributes": ["email"],
//	      "passwordPolicy": {"minimumLength": 8, "requireNumbers": true},
//	      "clients": [
//	        {
//	          "clientId": "webapp",
//	          "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
//	          "accessTokenValidity": "15m",
//	          "refreshTokenValidity": "7d"
//	        }
//	      ],
//	      "groups": [{"name": "admins", "precedence": 1}],
//	      "users": [
//	        {"name": "ana", "password": "correct horse", "email": "ana@example.com", "groups": ["admins"]},
//	        {"name": "bob", "password": "Temporary1", "status": "FORCE_CHANGE_PASSWORD", "phone": "+15555550123"},
//	        {"name": "carla", "password": "battery staple", "totp": true, "attributes": {"given_name": "Carla"}}
//	      ]
//	    }
//	  ]
//	}
//
// A pool has the fields of [Config], except those of app clients, triggers and
// ExpectUnknown. Its clients have the fields of [AppClient]; a pool that names
// none has one with a made-up id. Groups have the fields of [Group], users those
// of [User]. Names begin with a small letter and have capitals where words
// begin: PoolID is "poolId", SMSMFA "smsMfa", OAuth "oauth". Nothing is
// mandatory. Durations are texts such as "90s", "1h30m" and "30d".
//
// The error joins a [*SeedError] for every problem, as far as they do not hide
// each other: what is in a pool is looked at when the pool itself has none.
// Whatever is accepted a new server of the pools' region can have.
func ParseSeed(r io.Reader) (*Seed, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSeed+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("authtest: seed: %w", err)
	case len(text) > maxSeed:
		return nil, &SeedError{Line: 1, Message: "the file is too large"}
	}
	root, problem := parseLines(text)
	if problem != nil {
		return nil, problem
	}
	reader := &seedReader{lines: make(map[string]int)}
	seed := &Seed{}
	reader.seed(root, seed)
	reader.check(seed)
	if err := reader.err(); err != nil {
		return nil, err
	}
	return seed, nil
}
