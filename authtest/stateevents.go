package authtest

import "time"

// An eventState is an authentication event of a user.
type eventState struct {
	Serial     uint64             `json:"serial"` // its place in the order of the user's events
	ID         string             `json:"id"`
	Kind       eventKind          `json:"kind"`
	Created    time.Time          `json:"created"`
	Response   eventResponse      `json:"response"`
	Challenges []challengeOutcome `json:"challenges,omitempty"`
	Context    eventContext       `json:"context,omitzero"`
	Risk       eventRisk          `json:"risk"`
	Feedback   *feedbackState     `json:"feedback,omitempty"`
}

type feedbackState struct {
	Value    string    `json:"value"`
	Provider string    `json:"provider"`
	Date     time.Time `json:"date"`
}

func (e *authEvent) state() eventState {
	s := eventState{
		Serial: e.serial, ID: e.id, Kind: e.kind, Created: e.created.UTC(), Response: e.response,
		Challenges: e.challenges, Context: e.context, Risk: e.risk,
	}
	if f := e.feedback; f != nil {
		s.Feedback = &feedbackState{f.value, f.provider, f.date.UTC()}
	}
	return s
}

func (s *eventState) restored() *authEvent {
	e := &authEvent{
		serial: s.Serial, id: s.ID, kind: s.Kind, created: s.Created, response: s.Response,
		challenges: s.Challenges, context: s.Context, risk: s.Risk,
	}
	if f := s.Feedback; f != nil {
		e.feedback = &eventFeedback{value: f.Value, provider: f.Provider, date: f.Date}
	}
	return e
}

func (r *riskConfiguration) state() *riskConfiguration {
	if r == nil {
		return nil
	}
	return &riskConfiguration{r.riskMembers, r.Modified.UTC()}
}
