package authtest

import (
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/cognitokit/auth"
)

// A trace is the events that triggers got, as JSON.
type trace struct {
	mu     sync.Mutex
	events []map[string]any
}

func (tr *trace) add(event any) {
	b, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	var object map[string]any
	if err := json.Unmarshal(b, &object); err != nil {
		panic(err)
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.events = append(tr.events, object)
}

// take returns the events since the last take.
func (tr *trace) take() []map[string]any {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	events := tr.events
	tr.events = nil
	return events
}

// sources returns the sources since the last take, with the client metadata
// that they got after a slash and validation data after an equals sign.
func (tr *trace) sources() string {
	var sources []string
	for _, event := range tr.take() {
		source, _ := event["triggerSource"].(string)
		request, _ := event["request"].(map[string]any)
		if metadata, _ := request["clientMetadata"].(map[string]any); len(metadata) > 0 {
			source += "/" + metadata["from"].(string)
		}
		if data, _ := request["validationData"].(map[string]any); len(data) > 0 {
			source += "=" + data["from"].(string)
		}
		sources = append(sources, source)
	}
	return strings.Join(sources, " ")
}

// observed returns a function that notes its events and then does what act
// does, if it is not nil.
func observed[Event any](tr *trace, act func(*Event) error) func(*Event) error {
	return func(e *Event) error {
		tr.add(e)
		if act == nil {
			return nil
		}
		return act(e)
	}
}

// observe makes every trigger of a pool note its events before it does what it
// does. The pre token generation trigger is of version one where there is none;
// senders and migration are only there if they were.
func (tr *trace) observe(t Triggers) Triggers {
	seen := Triggers{
		PreSignUp:           observed(tr, t.PreSignUp),
		PostConfirmation:    observed(tr, t.PostConfirmation),
		PreAuthentication:   observed(tr, t.PreAuthentication),
		PostAuthentication:  observed(tr, t.PostAuthentication),
		DefineAuthChallenge: observed(tr, t.DefineAuthChallenge),
		CreateAuthChallenge: observed(tr, t.CreateAuthChallenge),
		VerifyAuthChallenge: observed(tr, t.VerifyAuthChallenge),
		CustomMessage:       observed(tr, t.CustomMessage),
	}
	if t.PreTokenGenerationV2 != nil {
		seen.PreTokenGenerationV2 = observed(tr, t.PreTokenGenerationV2)
	} else {
		seen.PreTokenGeneration = observed(tr, t.PreTokenGeneration)
	}
	if t.UserMigration != nil {
		seen.UserMigration = observed(tr, t.UserMigration)
	}
	if t.CustomEmailSender != nil {
		seen.CustomEmailSender = observed(tr, t.CustomEmailSender)
	}
	if t.CustomSMSSender != nil {
		seen.CustomSMSSender = observed(tr, t.CustomSMSSender)
	}
	return seen
}

// tracedPool returns a pool whose triggers are observed, with every flow.
func tracedPool(t testing.TB, cfg Config) (*Pool, *trace) {
	t.Helper()
	tr := &trace{}
	cfg.Triggers = tr.observe(cfg.Triggers)
	cfg.PoolID = "eu-west-1_AbC123def"
	if cfg.ExplicitAuthFlows == nil {
		cfg.ExplicitAuthFlows = []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser, AllowCustom, AllowRefreshToken, AllowAdminUserPassword}
	}
	return newPool(t, cfg), tr
}

// withMetadata returns a request with client metadata that says where it is
// from.
func withMetadata(body m, from string) m {
	with := m{"ClientMetadata": m{"from": from}}
	maps.Copy(with, body)
	return with
}

// riddle makes CUSTOM_AUTH ask once, for "yes".
func riddle() Triggers {
	return Triggers{
		DefineAuthChallenge: func(e *DefineAuthChallengeEvent) error {
			switch steps := e.Request.Session; {
			case len(steps) > 0 && steps[len(steps)-1].ChallengeName == "SRP_A":
				e.Response.ChallengeName = "PASSWORD_VERIFIER"
			case len(steps) > 0 && steps[len(steps)-1].ChallengeResult:
				e.Response.IssueTokens = true
			case len(steps) > 0:
				e.Response.FailAuthentication = true
			default:
				e.Response.ChallengeName = "CUSTOM_CHALLENGE"
			}
			return nil
		},
		CreateAuthChallenge: func(e *CreateAuthChallengeEvent) error {
			e.Response.PublicChallengeParameters = map[string]string{"question": "Is it?"}
			e.Response.PrivateChallengeParameters = map[string]string{"answer": "yes"}
			e.Response.ChallengeMetadata = "riddle"
			return nil
		},
		VerifyAuthChallenge: func(e *VerifyAuthChallengeEvent) error {
			e.Response.AnswerCorrect = e.Request.ChallengeAnswer == e.Request.PrivateChallengeParameters["answer"]
			return nil
		},
	}
}

// signInByDevice signs ana in twice from one device: it is remembered the
// first time, and proves itself the second.
func signInByDevice(t testing.TB, p *Pool) {
	t.Helper()
	client := p.Client()
	for range 2 {
		s, err := auth.NewSession(client, "device")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: testPassword}); err != nil {
			t.Fatal(err)
		}
		if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
			t.Fatal(err)
		}
	}
}
