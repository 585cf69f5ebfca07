package auth_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Hosts that read, refresh, renew, sign out of and sign in to one session, all
// at once and in every order that some hundred rounds come to. Whatever they
// are told has to be one of the few things that can be true, nobody is ever
// given the tokens of somebody who is not signed in, and whoever is signed in
// when all is quiet can go on.
func TestHostsDoingEverythingAtOnceConcurrentSafe(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate, RefreshTokenValidity: 24 * 365 * time.Hour})
			people := map[string]string{addUser(t, pool, "ana"): "ana", addUser(t, pool, "ben"): "ben"}
			hosts := newPeers(t, pool, 3)
			s := storm{t: t, rotate: rotate, people: people, hosts: hosts, id: "0", seen: make(map[string]int)}
			for round := range 150 {
				if s.round(round); t.Failed() {
					return
				}
			}
			for _, what := range []string{
				"fetch: signed in", "fetch: " + string(auth.ErrNotSignedIn), "sign in: signed in", "sign in: " + string(auth.ErrAlreadySignedIn),
				"sign out: signed in", "sign out: " + string(auth.ErrNotSignedIn), "renew: signed in", "renew: " + string(auth.ErrNotSignedIn),
			} {
				if s.seen[what] == 0 {
					t.Errorf("no round came to %q", what)
				}
			}
		})
	}
}

type storm struct {
	t      *testing.T
	rotate bool
	people map[string]string // by sub
	hosts  []*peer

	mu         sync.Mutex
	id         string   // the session's
	ids        []string // that it may have now
	everywhere bool     // somebody has signed out everywhere in this round
	signedIn   bool     // somebody has signed in in this round
	seen       map[string]int
}

// saw notes what an operation came to.
func (s *storm) saw(what string, err error, allowed ...auth.ErrorCode) {
	s.t.Helper()
	outcome := "signed in"
	if err != nil {
		code := auth.CodeOf(err)
		outcome = string(code)
		ok := false
		for _, a := range allowed {
			ok = ok || a == code
		}
		if !ok {
			s.t.Errorf("%s: got %v", what, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[what+": "+outcome]++
}

func (s *storm) round(round int) {
	const actors = 7
	for i, h := range s.hosts {
		h.store.script(func(c storeCall, do func() error) error {
			time.Sleep(jitter(40*time.Millisecond, round, i, c.n, "before"))
			err := do()
			time.Sleep(jitter(40*time.Millisecond, round, i, c.n, "after"))
			return err
		})
		h.wire.onRequest(func(op string, _ map[string]any) { time.Sleep(jitter(100*time.Millisecond, round, i, op, "to")) })
		h.wire.onAnswer(func(op string) { time.Sleep(jitter(100*time.Millisecond, round, i, op, "from")) })
	}
	s.ids, s.everywhere, s.signedIn = []string{s.id}, false, false
	var wg sync.WaitGroup
	for actor := range actors {
		wg.Go(func() {
			time.Sleep(jitter(600*time.Millisecond, round, actor, "when"))
			s.act(round, actor, int(jitter(16, round, actor, "what")), s.hosts[jitter(time.Duration(len(s.hosts)), round, actor, "where")])
		})
	}
	wg.Wait()
	time.Sleep(time.Minute)
	for _, h := range s.hosts {
		h.store.script(nil)
		h.wire.onRequest(nil)
		h.wire.onAnswer(nil)
	}
	s.settle(round)
	time.Sleep(jitter(90*time.Minute, round, "pause"))
}

// act does one of the things that can be done to a session.
func (s *storm) act(round, actor, what int, h *peer) {
	t := s.t
	ctx, session := t.Context(), h.session(t, s.id)
	switch {
	case what < 8:
		as, err := auth.FetchAuthSession(ctx, session, auth.FetchAuthSessionInput{ForceRefresh: what < 2})
		s.saw("fetch", err, auth.ErrNotSignedIn, auth.ErrSessionExpired)
		if err == nil && s.people[as.UserSub] != as.Tokens.IDClaims.Username() {
			t.Errorf("fetch: got the tokens of %q", as.Tokens.IDClaims.Username())
		}
	case what < 10:
		_, err := auth.SignOut(ctx, session, auth.SignOutInput{Global: what == 9})
		if what == 9 {
			s.mu.Lock()
			s.everywhere = true
			s.mu.Unlock()
		}
		if err == nil {
			_, err = auth.FetchAuthSession(ctx, session, auth.FetchAuthSessionInput{})
		}
		s.saw("sign out", err, auth.ErrNotSignedIn, auth.ErrSessionExpired)
	case what < 12:
		moved := fmt.Sprintf("%d.%d", round, actor)
		_, err := auth.RenewSession(ctx, session, moved)
		s.saw("renew", err, auth.ErrNotSignedIn, auth.ErrSessionExpired)
		if err == nil {
			s.mu.Lock()
			s.ids = append(s.ids, moved)
			s.mu.Unlock()
		}
	default:
		name := []string{"ana", "ben"}[what%2]
		_, err := auth.SignIn(ctx, session, auth.SignInInput{Username: name, Password: thePassword})
		s.saw("sign in", err, auth.ErrAlreadySignedIn)
		if err == nil {
			s.mu.Lock()
			s.signedIn = true
			s.mu.Unlock()
		}
	}
}

// settle checks every id that the session may have come to, and goes on with
// one. A session that is there has tokens that the service gives others for,
// unless the person has signed out everywhere.
func (s *storm) settle(round int) {
	t := s.t
	h := s.hosts[round%len(s.hosts)]
	allowed := []auth.ErrorCode{auth.ErrNotSignedIn}
	// A sign-in under an id that a session has just left covers the tracks of a
	// refresh that is still looking for it; a rotated token is lost then.
	if s.everywhere || s.rotate && s.signedIn && len(s.ids) > 1 {
		allowed = append(allowed, auth.ErrSessionExpired)
	}
	for _, id := range s.ids {
		as, err := h.fetch(t, id, auth.FetchAuthSessionInput{})
		s.saw("settle", err, allowed...)
		if err != nil {
			continue
		}
		if s.people[as.UserSub] == "" {
			t.Errorf("settle: got the tokens of %q", as.UserSub)
		}
		s.id = id
		_, err = h.fetch(t, id, forced())
		s.saw("go on", err, allowed[1:]...)
	}
}
