package authtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Export writes the state of the server as JSON, for [Server.Import] to read:
// one object with the members
//
//	format   "authtest"
//	version  1; another one would mean something else
//	region   the region of the server
//	clock    how far the clock was advanced, in nanoseconds
//	pools    the pools, oldest first
//
// A pool has its settings ("config" has the fields of [Config] by their names
// in Go, without those of the app client), the secret that it seals sessions
// and page tokens with, and lists: "clients" with their secrets, "groups",
// "users" with their factors, devices, codes, lockouts, groups and messages,
// "grants", which are what access tokens and refresh tokens were given for, and
// "sessions", which are sign-ins that wait for an answer. Members are named
// after what they are in the service; users, grants and sessions have serial
// numbers, by which they refer to each other and which give their order. Times
// are RFC 3339 in UTC, durations nanoseconds, bytes base64.
//
// There are no passwords, only salted hashes and SRP verifiers, and no refresh
// tokens, only their hashes. What is there is secret all the same.
//
// Not part of the state are requests that were received, faults, triggers,
// sign-ins at the pages of managed login, and proofs of a password that are
// under way: whoever is in the middle of one begins again.
func (s *Server) Export(w io.Writer) error {
	text, err := json.MarshalIndent(s.state(), "", "\t") //nolint:musttag // the fields of Config have their names in Go
	if err != nil {
		return fmt.Errorf("authtest: export: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// state is the state of the server at one moment.
func (s *Server) state() serverState {
	pools := s.lockAll()
	defer s.unlockAll(pools)
	state := serverState{serverRecord: s.record(), Pools: []poolState{}}
	for _, p := range pools {
		state.Pools = append(state.Pools, p.exported())
	}
	return state
}

func (s *Server) record() serverRecord {
	return serverRecord{Format: stateFormat, Version: stateVersion, Region: s.cfg.Region, Clock: s.clock.advanced()}
}

// lockAll locks all pools and the list of them, and returns it. Pools are
// locked before the list, so one that comes in between makes it begin again.
func (s *Server) lockAll() []*Pool {
	s.whole.Lock() // or two would lock the same pools in different orders
	for {
		pools := s.Pools()
		for _, p := range pools {
			p.mu.Lock()
		}
		s.mu.Lock()
		if slices.Equal(pools, s.pools) {
			return pools
		}
		s.mu.Unlock()
		for _, p := range pools {
			p.mu.Unlock()
		}
	}
}

// unlockAll unlocks what lockAll has locked.
func (s *Server) unlockAll(pools []*Pool) {
	s.mu.Unlock()
	for _, p := range pools {
		p.mu.Unlock()
	}
	s.whole.Unlock()
}

// maxState bounds what Import reads.
const maxState = 512 << 20

// Import replaces the state of the server with one that [Server.Export] wrote.
// A pool that has the same id before and after, and the same configuration as
// far as that cannot change while a pool is served, stays the same [Pool], with
// its triggers; all others of before are closed.
//
// A state that is malformed, inconsistent, of another version or of another
// region is an error that says where, and changes nothing. A request that is
// being served meanwhile may be answered with InternalErrorException.
func (s *Server) Import(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, maxState+1))
	switch {
	case err != nil:
		return fmt.Errorf("authtest: import: %w", err)
	case len(text) > maxState:
		return errors.New("authtest: import: the state is too large")
	}
	var state serverState
	if err := decodeState(text, &state); err != nil {
		return fmt.Errorf("authtest: import: %w", err)
	}
	parts, err := s.partsOf(&state)
	if err != nil {
		return fmt.Errorf("authtest: import: %w", err)
	}
	return s.replace(parts)
}

// decodeState reads JSON that has nothing but what value has.
func decodeState(text []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is more than one value")
	}
	return nil
}

// Reset makes the server as it was made: without pools, requests and faults,
// and with its clock where it was. An error says that the storage failed.
func (s *Server) Reset() error {
	err := s.replace(&serverParts{})
	s.front.faults.clear()
	s.front.history.clear()
	return err
}

// replace puts a state in the place of the one that the server has.
func (s *Server) replace(parts *serverParts) error {
	gone, ticket := s.exchange(parts)
	for _, p := range gone {
		p.Close()
	}
	return s.commit(ticket)
}

// exchange is replace until the state is in force, though not stored. It
// returns the pools that are no more.
func (s *Server) exchange(parts *serverParts) (gone []*Pool, ticket uint64) {
	old := s.lockAll()
	defer s.unlockAll(old)
	if s.journal == nil {
		return s.install(old, parts), 0
	}
	changes := make(map[string][]byte)
	for _, p := range old {
		p.unstore(changes)
	}
	gone = s.install(old, parts)
	s.saveWhole(changes)
	return gone, s.journal.addPools(changes, s.pools)
}
