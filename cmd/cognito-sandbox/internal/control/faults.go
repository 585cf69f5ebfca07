package control

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func faultRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "faults", Summary: "the failures that are still to come", handle: (*API).listFaults},
		{Method: http.MethodPost, Path: "faults", Summary: "scripts a failure", handle: (*API).addFault},
		{Method: http.MethodDelete, Path: "faults", Summary: "removes all scripted failures", handle: (*API).clearFaults},
		{Method: http.MethodDelete, Path: "faults/{id}", Summary: "removes a scripted failure", handle: (*API).removeFault},
	}
}

// A Fault is a failure to script; see [authtest.Fault].
type Fault struct {
	Operation    string `json:"operation,omitempty"` // all if empty
	Pool         string `json:"pool,omitempty"`
	ClientID     string `json:"clientId,omitempty"`
	Username     string `json:"username,omitempty"`
	Times        int    `json:"times,omitempty"` // 0 for once, negative for always
	Delay        string `json:"delay,omitempty"` // as in "1.5s"
	Code         string `json:"code,omitempty"`
	Message      string `json:"message,omitempty"`
	Status       int    `json:"status,omitempty"`
	HTML         bool   `json:"html,omitempty"`
	DropRequest  bool   `json:"dropRequest,omitempty"`
	DropResponse bool   `json:"dropResponse,omitempty"`
}

const maxDelay = 10 * time.Minute

var codePattern = regexp.MustCompile(`\A[\w.#:/-]{1,128}\z`)

// fault returns the fault that is described, or what is wrong with it.
func (f Fault) fault() (authtest.Fault, error) {
	var delay time.Duration
	if f.Delay != "" {
		var err error
		if delay, err = time.ParseDuration(f.Delay); err != nil || delay < 0 || delay > maxDelay {
			return authtest.Fault{}, badRequest("delay must be a duration as in 1.5s, at most " + maxDelay.String())
		}
	}
	does := 0
	for _, ends := range []bool{f.Code != "", f.HTML, f.DropRequest} {
		if ends {
			does++
		}
	}
	switch {
	case does > 1 || does == 1 && f.DropResponse:
		return authtest.Fault{}, badRequest("only one of code, html, dropRequest and dropResponse can happen to a request")
	case does == 0 && !f.DropResponse && delay == 0:
		return authtest.Fault{}, badRequest("one of code, html, dropRequest, dropResponse and delay must say what happens")
	case f.Code != "" && !codePattern.MatchString(f.Code):
		return authtest.Fault{}, badRequest("code must be like TooManyRequestsException")
	case f.Message != "" && f.Code == "":
		return authtest.Fault{}, badRequest("message goes with code")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599 || f.Code == "" && !f.HTML):
		return authtest.Fault{}, badRequest("status must be from 400 to 599, and goes with code or html")
	}
	return authtest.Fault{
		Operation: f.Operation, UserPoolID: f.Pool, ClientID: f.ClientID, Username: f.Username, Times: f.Times, Delay: delay, Code: f.Code, Message: f.Message,
		Status: f.Status, HTML: f.HTML, DropRequest: f.DropRequest, DropResponse: f.DropResponse,
	}, nil
}

// A ScriptedFault is a fault still to come. Times is how often.
type ScriptedFault struct {
	ID   int64 `json:"id"`
	Hits int   `json:"hits"` // how many requests it has hit
	Fault
}

func describeFault(f authtest.ScriptedFault) ScriptedFault {
	described := ScriptedFault{ID: f.ID, Hits: f.Hits, Fault: Fault{
		Operation: f.Operation, Pool: f.UserPoolID, ClientID: f.ClientID, Username: f.Username, Times: f.Times,
		Code: f.Code, Message: f.Message, Status: f.Status, HTML: f.HTML, DropRequest: f.DropRequest, DropResponse: f.DropResponse,
	}}
	if f.Delay > 0 {
		described.Delay = f.Delay.String()
	}
	return described
}

func (a *API) listFaults(*http.Request) (any, error) {
	faults := []ScriptedFault{}
	for _, f := range a.server.Faults() {
		faults = append(faults, describeFault(f))
	}
	return struct {
		Faults []ScriptedFault `json:"faults"`
	}{faults}, nil
}

// maxFaults bounds the script.
const maxFaults = 1000

func (a *API) addFault(r *http.Request) (any, error) {
	var in Fault
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	f, err := in.fault()
	if err != nil {
		return nil, err
	}
	if len(a.server.Faults()) >= maxFaults {
		return nil, badRequest("there are " + strconv.Itoa(maxFaults) + " faults already")
	}
	return describeFault(a.server.AddFault(f)), nil
}

func (a *API) clearFaults(r *http.Request) (any, error) {
	if err := empty(r); err != nil {
		return nil, err
	}
	for _, f := range a.server.Faults() {
		a.server.RemoveFault(f.ID)
	}
	return nil, nil
}

func (a *API) removeFault(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || !a.server.RemoveFault(id) {
		return nil, notFound("fault")
	}
	return nil, nil
}
