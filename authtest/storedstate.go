package authtest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// load makes the server's state what the storage has.
func (s *Server) load() error {
	if err := s.loadState(); err != nil {
		return fmt.Errorf("authtest: storage: %w", err)
	}
	return nil
}

func (s *Server) loadState() error {
	s.journal = newJournal(s.cfg.Storage)
	stored := make(storedRecords)
	if err := s.cfg.Storage.Load(stored.add); err != nil {
		return err
	}
	state, err := stored.state()
	if err != nil {
		return err
	}
	if state == nil {
		state = &serverState{serverRecord: s.record()}
	}
	parts, err := s.partsOf(state)
	if err != nil {
		return err
	}
	changes := make(map[string][]byte)
	s.install(nil, parts)
	s.saveWhole(changes)
	for key := range stored {
		if _, ok := changes[key]; !ok {
			changes[key] = nil // a grant too many, for instance
		}
	}
	maps.DeleteFunc(changes, func(key string, value []byte) bool {
		was, ok := stored[key]
		return ok && value != nil && bytes.Equal(was, value)
	})
	return s.journal.wait(s.journal.add(changes))
}

// storedRecords are the records of a storage, by their keys.
type storedRecords map[string][]byte

// add takes a record in. The value may be the storage's own.
func (r storedRecords) add(key string, value []byte) error {
	r[key] = bytes.Clone(value)
	return nil
}

// state puts records together, nil if there are none.
func (r storedRecords) state() (*serverState, error) {
	if len(r) == 0 {
		return nil, nil
	}
	state := &serverState{}
	if err := r.decode(kindServer, &state.serverRecord); err != nil {
		return nil, err
	}
	pools := make(map[string]*storedPool)
	for _, key := range slices.Sorted(maps.Keys(r)) {
		kind, rest, _ := strings.Cut(key, "/")
		id, name, _ := strings.Cut(rest, "/")
		if kind == kindServer {
			continue
		}
		p := pools[id]
		if p == nil {
			p = &storedPool{users: make(map[string]int)}
			pools[id] = p
		}
		if err := p.add(r, key, kind, name); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(pools)) {
		if pools[id].Config.PoolID != id {
			return nil, fmt.Errorf("the pool %q is missing", id)
		}
		state.Pools = append(state.Pools, pools[id].poolState)
	}
	return state, nil
}

func (r storedRecords) decode(key string, value any) error {
	text, ok := r[key]
	if !ok {
		return fmt.Errorf("there is no %s", key)
	}
	if err := decodeState(text, value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// A storedPool is a pool that is being put together.
type storedPool struct {
	poolState
	users map[string]int // where a user is in Users, by the name in keys
}

// add takes a record of the pool in. Users come after their messages: that is
// the order of the keys.
func (p *storedPool) add(r storedRecords, key, kind, name string) error {
	switch kind {
	case kindPool:
		return r.decode(key, &p.poolRecord)
	case kindClient:
		return appendRecord(r, key, &p.Clients)
	case kindGroup:
		return appendRecord(r, key, &p.Groups)
	case kindImport:
		return appendRecord(r, key, &p.Imports)
	case kindGrant:
		return appendRecord(r, key, &p.Grants)
	case kindSession:
		return appendRecord(r, key, &p.Sessions)
	case kindUser:
		return r.decode(key, &p.user(name).userRecord)
	case kindMessage:
		owner, number, _ := strings.Cut(name, "/")
		n, err := strconv.ParseUint(number, 16, 64)
		if err != nil {
			return fmt.Errorf("%s: the number is none", key)
		}
		u := p.user(owner)
		u.delivered = n + 1
		return appendRecord(r, key, &u.Inbox)
	default:
		return errors.New("there are records of an unknown kind: " + kind)
	}
}

func appendRecord[T any](r storedRecords, key string, list *[]T) error {
	var value T
	if err := r.decode(key, &value); err != nil {
		return err
	}
	*list = append(*list, value)
	return nil
}

func (p *storedPool) user(name string) *userEntry {
	i, ok := p.users[name]
	if !ok {
		i = len(p.Users)
		p.users[name] = i
		p.Users = append(p.Users, userEntry{})
	}
	return &p.Users[i]
}
