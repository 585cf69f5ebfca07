package control

import (
	"net/http"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func clockRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "clock", Summary: "the time on the sandbox's clock", handle: (*API).getClock},
		{Method: http.MethodPost, Path: "clock", Summary: `moves the clock: {"advance": "1h30m"}`, handle: (*API).advanceClock},
	}
}

// A Clock says what time it is in the sandbox.
type Clock struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"` // of this machine's clock, as in "1h30m0s"
}

func clockOf(s *authtest.Server) Clock {
	now := s.Clock()
	return Clock{Now: now, Ahead: time.Until(now).Round(time.Second).String()}
}

func (a *API) getClock(*http.Request) (any, error) { return clockOf(a.server), nil }

func (a *API) advanceClock(r *http.Request) (any, error) {
	var in struct {
		Advance string `json:"advance"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil || d <= 0 {
		return nil, badRequest(`advance must be a duration as in "1h30m"; time does not go back`)
	}
	if err := a.server.AdvanceClock(d); err != nil {
		return nil, badRequest(err.Error())
	}
	return clockOf(a.server), nil
}
