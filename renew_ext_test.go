package auth_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// renewed is a session that was signed in under one id and given another.
func renewed(t testing.TB, s *auth.Session, newID string) *auth.Session {
	t.Helper()
	moved, err := auth.RenewSession(t.Context(), s, newID)
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

func TestRenewSession(t *testing.T) {
	t.Parallel()
	for _, age := range []time.Duration{0, 2 * time.Hour} { // expired tokens move as they are
		bubble(t, age.String(), func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{}), newFaultyStore()
			sub := addUser(t, pool, "ana")
			c := newClient(t, pool, store.on())
			old := sessionOf(t, c, "old")
			signIn(t, old, "ana")
			before := fetch(t, old).Tokens.AccessToken
			time.Sleep(age)
			asked := len(operations(pool))
			moved := renewed(t, old, "new")
			if ops := operations(pool)[asked:]; len(ops) != 0 {
				t.Errorf("requests: %v", ops)
			}
			for name, s := range map[string]*auth.Session{"the returned session": moved, "another handle": sessionOf(t, c, "new")} {
				as := fetch(t, s)
				if as.UserSub != sub || (age == 0) != (as.Tokens.AccessToken == before) {
					t.Errorf("%s: got the tokens of %q, the same %t", name, as.UserSub, as.Tokens.AccessToken == before)
				}
			}
			// The old id is worth nothing, for whatever it is used.
			asked = len(operations(pool))
			_, err := auth.FetchAuthSession(t.Context(), old, auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrNotSignedIn)
			_, err = auth.FetchAuthSession(t.Context(), old, forced())
			wantCode(t, err, auth.ErrNotSignedIn)
			_, err = auth.GetCurrentUser(t.Context(), old)
			wantCode(t, err, auth.ErrNotSignedIn)
			_, err = auth.RenewSession(t.Context(), old, "third")
			wantCode(t, err, auth.ErrNotSignedIn)
			out, err := auth.SignOut(t.Context(), old, auth.SignOutInput{Global: true})
			wantSignOut(t, out, err, auth.SignOutOutput{}, "", "")
			if ops := operations(pool)[asked:]; len(ops) != 0 {
				t.Errorf("requests for the old id: %v", ops)
			}
			fetch(t, moved)
			if _, err := auth.FetchAuthSession(t.Context(), moved, forced()); err != nil {
				t.Errorf("refresh under the new id: %v", err)
			}
			// What led there is gone after a while.
			time.Sleep(2 * time.Minute)
			if n := len(store.records()); n != 1 {
				t.Errorf("the store holds %d records, want 1", n)
			}
		})
	}
}

// Session fixation: somebody plants an id of theirs in another person's browser,
// and waits for that person to sign in with it.
func TestRenewSessionDefeatsFixation(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	victim := addUser(t, pool, "victim")
	c := newClient(t, pool)
	attacker := sessionOf(t, c, "planted")
	victims := sessionOf(t, c, "planted")
	signIn(t, victims, "victim")
	victims = renewed(t, victims, "random, known to the victim alone")
	for name, err := range map[string]error{
		"fetch":   func() error { _, err := auth.FetchAuthSession(t.Context(), attacker, forced()); return err }(),
		"current": func() error { _, err := auth.GetCurrentUser(t.Context(), attacker); return err }(),
	} {
		if auth.CodeOf(err) != auth.ErrNotSignedIn {
			t.Errorf("%s: got %v, want ErrNotSignedIn", name, err)
		}
	}
	// The attacker's own sign-in under the planted id stays their own.
	mallory := addUser(t, pool, "mallory")
	signIn(t, attacker, "mallory")
	if got := fetch(t, attacker).UserSub; got != mallory {
		t.Errorf("the attacker's sub: got %q", got)
	}
	if got := fetch(t, victims).UserSub; got != victim {
		t.Errorf("the victim's sub: got %q", got)
	}
}

func TestRenewSessionRefusesAnIDInUse(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	ana, ben := addUser(t, pool, "ana"), addUser(t, pool, "ben")
	c := newClient(t, pool)
	s, other := sessionOf(t, c, "1"), sessionOf(t, c, "2")
	signIn(t, s, "ana")
	signIn(t, other, "ben")
	for _, id := range []string{"2", "1", ""} {
		moved, err := auth.RenewSession(t.Context(), s, id)
		wantCode(t, err, auth.ErrInvalidInput)
		if e, _ := errors.AsType[*auth.Error](err); e.Field != "newID" || moved != nil {
			t.Errorf("id %q: got %v and field %q, want newID", id, moved, e.Field)
		}
	}
	if got := fetch(t, s).UserSub; got != ana {
		t.Errorf("sub: got %q, want %q", got, ana)
	}
	if got := fetch(t, other).UserSub; got != ben {
		t.Errorf("sub of the other: got %q, want %q", got, ben)
	}
}

func TestRenewSessionOfNobody(t *testing.T) {
	t.Parallel()
	pool, store := newPool(t, authtest.Config{}), newFaultyStore()
	s := sessionOf(t, newClient(t, pool, store.on()), "1")
	_, err := auth.RenewSession(t.Context(), s, "2")
	wantCode(t, err, auth.ErrNotSignedIn)
	if n := len(store.records()); n != 0 {
		t.Errorf("%d records were made", n)
	}
}

// Whatever call of the store fails, before or after it did its work, the old id
// goes on and the new one is worth nothing, or the other way round; never both
// and never neither.
func TestRenewSessionWithABrokenStore(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{false, true} {
		for n := 1; ; n++ {
			pool, store := newPool(t, authtest.Config{}), newFaultyStore()
			sub := addUser(t, pool, "ana")
			c := newClient(t, pool, store.on())
			old := sessionOf(t, c, "old")
			signIn(t, old, "ana")
			failed := false
			store.script(func(c storeCall, do func() error) error {
				if c.n != n {
					return do()
				}
				failed = true
				if done {
					do()
				}
				return errStore
			})
			moved, err := auth.RenewSession(t.Context(), old, "new")
			store.script(nil)
			if !failed {
				break
			}
			name := fmt.Sprintf("call %d fails, done %t", n, done)
			works, dead := old, sessionOf(t, c, "new")
			if err == nil {
				works, dead = moved, old
			} else if auth.CodeOf(err) != auth.ErrInternal || !errors.Is(err, errStore) {
				t.Errorf("%s: got %v", name, err)
			}
			as, err := auth.FetchAuthSession(t.Context(), works, forced())
			if err != nil || as.UserSub != sub {
				t.Errorf("%s: the session that should work: got %v, %v", name, as, err)
			}
			if _, err := auth.FetchAuthSession(t.Context(), dead, auth.FetchAuthSessionInput{}); auth.CodeOf(err) != auth.ErrNotSignedIn {
				t.Errorf("%s: the id that should not: got %v", name, err)
			}
		}
	}
}

// Devices are the device id's and do not move.
func TestRenewSessionKeepsTheDeviceID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		sub := addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool), "1").OnDevice("laptop")
		signIn(t, s, "ana")
		moved := renewed(t, s, "2")
		time.Sleep(time.Hour)
		if got := fetch(t, moved).UserSub; got != sub {
			t.Errorf("sub: got %q, want %q", got, sub)
		}
	})
}
