package authtest

import "encoding/json"

// Trigger sources of CUSTOM_AUTH.
const (
	sourceDefine = "DefineAuthChallenge_Authentication"
	sourceCreate = "CreateAuthChallenge_Authentication"
	sourceVerify = "VerifyAuthChallengeResponse_Authentication"
)

// A ChallengeResult is one step of a custom sign-in that is done: the
// challenge, whether it was met, and what CreateAuthChallenge noted of it.
type ChallengeResult struct {
	ChallengeName     string `json:"challengeName"`     // as in "CUSTOM_CHALLENGE"
	ChallengeResult   bool   `json:"challengeResult"`   // whether it was met
	ChallengeMetadata string `json:"challengeMetadata"` // CreateAuthChallenge's note
}

// MarshalJSON marshals the step, with null for a note that was not made.
func (r ChallengeResult) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ChallengeName     string  `json:"challengeName"`
		ChallengeResult   bool    `json:"challengeResult"`
		ChallengeMetadata *string `json:"challengeMetadata"`
	}{r.ChallengeName, r.ChallengeResult, null(r.ChallengeMetadata)})
}

// A DefineAuthChallengeEvent asks what comes next.
type DefineAuthChallengeEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string `json:"userAttributes"`
		Session        []ChallengeResult `json:"session"`
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
		UserNotFound   bool              `json:"userNotFound"`
	} `json:"request"`

	// Response is what the function decides.
	Response struct {
		ChallengeName      string `json:"challengeName"`
		IssueTokens        bool   `json:"issueTokens"`
		FailAuthentication bool   `json:"failAuthentication"`
	} `json:"response"`
}

// MarshalJSON marshals the event as the service sends it.
func (e DefineAuthChallengeEvent) MarshalJSON() ([]byte, error) {
	return marshalEvent(e.TriggerEvent, e.Request, e.Response)
}

// A CreateAuthChallengeEvent asks for a challenge.
type CreateAuthChallengeEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string `json:"userAttributes"`
		ChallengeName  string            `json:"challengeName"`
		Session        []ChallengeResult `json:"session"`
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
		UserNotFound   bool              `json:"userNotFound"`
	} `json:"request"`

	// Response is what the function decides.
	Response struct {
		PublicChallengeParameters  map[string]string `json:"publicChallengeParameters"`  // for the client
		PrivateChallengeParameters map[string]string `json:"privateChallengeParameters"` // for VerifyAuthChallenge
		ChallengeMetadata          string            `json:"challengeMetadata"`
	} `json:"response"`
}

// MarshalJSON marshals the event as the service sends it.
func (e CreateAuthChallengeEvent) MarshalJSON() ([]byte, error) {
	return marshalEvent(e.TriggerEvent, e.Request, e.Response)
}

// A VerifyAuthChallengeEvent asks whether an answer is right.
type VerifyAuthChallengeEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes             map[string]string `json:"userAttributes"`
		PrivateChallengeParameters map[string]string `json:"privateChallengeParameters"`
		ChallengeAnswer            string            `json:"challengeAnswer"`
		ClientMetadata             map[string]string `json:"clientMetadata,omitempty"`
		UserNotFound               bool              `json:"userNotFound"`
	} `json:"request"`

	// Response is what the function decides.
	Response struct {
		AnswerCorrect bool `json:"answerCorrect"`
	} `json:"response"`
}

// MarshalJSON marshals the event as the service sends it.
func (e VerifyAuthChallengeEvent) MarshalJSON() ([]byte, error) {
	return marshalEvent(e.TriggerEvent, e.Request, e.Response)
}
