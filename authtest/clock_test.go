package authtest

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAdvanceClockExpires lets tokens expire without waiting.
func TestAdvanceClockExpires(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{})
	var tokens [2]string
	for i, p := range pools {
		tokens[i] = ok(t, p, "InitiateAuth", m{
			"ClientId": p.ClientID(), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": testPassword},
		}).str("AuthenticationResult", "AccessToken")
	}
	if err := s.AdvanceClock(59 * time.Minute); err != nil {
		t.Fatal(err)
	}
	for i, p := range pools {
		ok(t, p, "GetUser", m{"AccessToken": tokens[i]})
	}
	pools[0].AdvanceClock(time.Minute)
	for i, p := range pools {
		fails(t, p, "GetUser", m{"AccessToken": tokens[i]}, "NotAuthorizedException", "Access Token has expired")
	}
}

func TestAdvanceClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		steps []time.Duration
		fails bool // the last step
		want  time.Duration
	}{
		{"twice", []time.Duration{time.Hour, time.Minute}, false, 61 * time.Minute},
		{"back", []time.Duration{time.Hour, -time.Minute}, true, time.Hour},
		{"a century", []time.Duration{maxAdvance}, false, maxAdvance},
		{"beyond a century", []time.Duration{maxAdvance, 1}, true, maxAdvance},
		{"as far as numbers go", []time.Duration{1<<63 - 1}, true, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, ServerConfig{ClockSkew: time.Second})
			before := s.NewPool(Config{})
			for i, d := range tt.steps {
				err := s.AdvanceClock(d)
				if fails := tt.fails && i == len(tt.steps)-1; (err != nil) != fails {
					t.Errorf("%s: advancing by %v: got error %v", tt.name, d, err)
				}
			}
			after := s.NewPool(Config{})
			for _, now := range []time.Time{s.Clock(), before.now(), after.now()} {
				if got := time.Until(now); got != tt.want+time.Second {
					t.Errorf("%s: the clock is ahead by %v, want %v", tt.name, got, tt.want+time.Second)
				}
			}
		})
	}
}
