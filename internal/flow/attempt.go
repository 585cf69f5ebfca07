package flow

import (
	"encoding/json"
	"fmt"
)

// version is that of an Attempt's JSON. A reader refuses versions it does not
// know: an attempt lives for minutes, so after a roll-back the person simply
// starts again.
const version = 1

// An Attempt is one sign-in in progress.
type Attempt struct {
	Flow     string // the AuthFlow that began it
	LoginID  string // the name as typed
	Username string // the name the service wants in answers: typed, then USER_ID_FOR_SRP or USERNAME of a challenge
	Session  string // the service's, newest
	Device   string // device key in use, if any
	State    State

	known map[string]string // Begin's devices, until the call ends: the service may name the user only later
}

// Format implements [fmt.Formatter]; an attempt prints as the kind of its
// state, because Session and the names are not for logs.
func (a Attempt) Format(f fmt.State, _ rune) {
	kind := "none"
	if a.State != nil {
		kind = a.State.kind()
	}
	fmt.Fprintf(f, "flow.Attempt{%s}", kind)
}

var (
	_ fmt.Formatter    = Attempt{}
	_ json.Marshaler   = Attempt{}
	_ json.Unmarshaler = (*Attempt)(nil)
)

// envelope is an Attempt's JSON.
type envelope struct {
	Version  int             `json:"v"`
	Flow     string          `json:"flow"`
	LoginID  string          `json:"loginId"`
	Username string          `json:"username"`
	Session  string          `json:"session,omitempty"`
	Device   string          `json:"device,omitempty"`
	Kind     string          `json:"state"`
	State    json.RawMessage `json:"data"`
}

// MarshalJSON implements [json.Marshaler]. Only states that wait for the
// person can be written; the others exist within one call.
func (a Attempt) MarshalJSON() ([]byte, error) {
	waiting, ok := a.State.(Waiting)
	if !ok {
		return nil, fmt.Errorf("flow: state %T does not wait for an answer", a.State)
	}
	data, err := json.Marshal(waiting)
	if err != nil {
		return nil, err
	}
	return json.Marshal(envelope{
		Version: version, Flow: a.Flow, LoginID: a.LoginID, Username: a.Username,
		Session: a.Session, Device: a.Device, Kind: waiting.kind(), State: data,
	})
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *Attempt) UnmarshalJSON(data []byte) error {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("flow: attempt: %w", err)
	}
	if e.Version != version {
		return fmt.Errorf("flow: attempt: version %d is not %d", e.Version, version)
	}
	state, err := unmarshalState(e.Kind, e.State)
	if err != nil {
		return err
	}
	*a = Attempt{Flow: e.Flow, LoginID: e.LoginID, Username: e.Username, Session: e.Session, Device: e.Device, State: state}
	return nil
}
