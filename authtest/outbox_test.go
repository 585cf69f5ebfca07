package authtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func signUpIn(t testing.TB, p *Pool, name string) {
	t.Helper()
	ok(t, p, "SignUp", m{
		"ClientId": p.ClientID(), "Username": name, "Password": testPassword,
		"UserAttributes": []m{{"Name": "email", "Value": name + "@example.com"}},
	})
}

func TestMessageFilter(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	a, b := s.NewPool(Config{}), s.NewPool(Config{})
	signUpIn(t, a, "ana")
	signUpIn(t, b, "ana")
	signUpIn(t, a, "ben")
	ok(t, a, "ResendConfirmationCode", m{"ClientId": a.ClientID(), "Username": "ana"})
	all := s.Messages(MessageFilter{})
	if len(all) != 4 {
		t.Fatalf("got %d messages", len(all))
	}
	sub := all[0].Sub
	for _, tt := range []struct {
		name   string
		filter MessageFilter
		want   []int // indexes in all
	}{
		{"all", MessageFilter{}, []int{0, 1, 2, 3}},
		{"pool", MessageFilter{UserPoolID: a.PoolID()}, []int{0, 2, 3}},
		{"username", MessageFilter{User: "ANA"}, []int{0, 1, 3}},
		{"sub", MessageFilter{User: sub}, []int{0, 3}},
		{"destination", MessageFilter{User: "ben@Example.com"}, []int{2}},
		{"kind", MessageFilter{Kind: MessageResendCode}, []int{3}},
		{"after", MessageFilter{After: all[1].ID}, []int{2, 3}},
		{"together", MessageFilter{UserPoolID: a.PoolID(), User: "ana", Kind: MessageSignUp, After: all[0].ID}, nil},
		{"nobody", MessageFilter{User: "eve"}, nil},
	} {
		var got []int
		for _, d := range s.Messages(tt.filter) {
			got = append(got, slices.IndexFunc(all, func(o Delivery) bool { return o.ID == d.ID }))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if diff := cmp.Diff([]Delivery{all[0], all[2], all[3]}, a.Messages(MessageFilter{}), cmp.Transformer("", Message.fields)); diff != "" {
		t.Errorf("messages of the pool (-server +pool):\n%s", diff)
	}
	if diff := cmp.Diff([]Message{all[0].Message, all[3].Message}, a.Inbox("ana"), cmp.Transformer("", Message.fields)); diff != "" {
		t.Errorf("messages of the inbox (-server +inbox):\n%s", diff)
	}
	if text := fmt.Sprintf("%v %+v", all, all); strings.Contains(text, all[0].Code) {
		t.Error("deliveries print with the code")
	}
}

// fields are a message without the method that prints it.
func (m Message) fields() any {
	type plain Message
	return plain(m)
}

func TestWaitMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ServerConfig{})
		p := s.NewPool(Config{})
		signUpIn(t, p, "ana")
		wanted := MessageFilter{User: "ben", Kind: MessageSignUp}
		got := make(chan Delivery, 2)
		for _, wait := range []func(context.Context, MessageFilter) (Delivery, error){p.WaitMessage, s.WaitMessage} {
			go func() {
				d, err := wait(t.Context(), wanted)
				if err != nil {
					t.Error(err)
				}
				got <- d
			}()
		}
		synctest.Wait()
		signUpIn(t, p, "eve")
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("the wait ended with another user's message")
		}
		signUpIn(t, p, "ben")
		for range 2 {
			if d := <-got; d.Username != "ben" || d.Code != p.Code("ben") {
				t.Errorf("got %v to %s", d, d.Username)
			}
		}
		if d, err := s.WaitMessage(t.Context(), wanted); err != nil || d.Username != "ben" {
			t.Errorf("did not get what is there already: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, err := p.WaitMessage(ctx, MessageFilter{User: "eve", Kind: MessageForgotPassword}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

// TestOutboxIsBounded also sees that ids stay apart when the clock stands.
func TestOutboxIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{})
		u := &user{username: "ana"}
		for i := range maxOutbox + 10 {
			p.receive(u, Message{Code: strconv.Itoa(i)})
		}
		got := p.Messages(MessageFilter{})
		if len(got) != maxOutbox || got[0].Code != "10" || len(u.inbox) != maxInbox {
			t.Errorf("got %d messages, the first %s; %d in the inbox", len(got), got[0].Code, len(u.inbox))
		}
		if !slices.IsSortedFunc(got, func(a, b Delivery) int {
			if a.ID < b.ID {
				return -1
			}
			return 1
		}) {
			t.Error("ids do not grow")
		}
	})
}

// TestInboxesAreBounded sends more messages to many users than the pool keeps:
// the oldest go, whomever they went to, from the storage too, and none comes
// back with a restart.
func TestInboxesAreBounded(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	const each = 40
	users := make([]string, maxPosted/each+2)
	for i := range users {
		users[i] = fmt.Sprint("user", i)
		p.AddUser(User{Name: users[i]})
	}
	send := func(user string, messages int) {
		p.change(func(*call) *apiError {
			for range messages {
				p.receive(p.users.find(user), Message{Code: "1"})
			}
			return nil
		})
	}
	lengths := func() (first, second, last, all int) {
		for _, user := range users {
			all += len(p.Inbox(user))
		}
		return len(p.Inbox(users[0])), len(p.Inbox(users[1])), len(p.Inbox(users[len(users)-1])), all
	}
	check := func(when string, wantFirst, wantSecond, wantAll int) {
		t.Helper()
		if first, second, last, all := lengths(); first != wantFirst || second != wantSecond || last != each || all != wantAll {
			t.Errorf("%s: inboxes of %d, %d, … %d messages, %d in all", when, first, second, last, all)
		}
		audit(t, p)
	}
	for _, user := range users {
		send(user, each)
	}
	check("full", 0, 0, maxPosted)
	send(users[0], 10)
	check("more for the first", 10, 0, maxPosted)
	send(users[0], maxInbox) // ten of which take the place of the ten
	p.change(func(*call) *apiError { p.repost(); return nil })
	check("as after a restart", maxInbox, 0, maxPosted-10)
	send(users[1], 1)
	check("more for the second", maxInbox, 1, maxPosted-9)
}
