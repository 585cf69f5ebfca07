package authtest

import (
	"fmt"
	"maps"

	"github.com/cognitokit/auth/internal/wire"
)

// Triggers are the pool's Lambda triggers as Go functions. Each gets an event
// as the service sends it and fills in its Response. An error is what an
// exception is in a Lambda function: the operation is refused with the error's
// text. Functions run without any lock of the pool held, so they may use its
// methods; they are called from whatever goroutine serves the request.
type Triggers struct {
	// PreSignUp runs before SignUp creates an account.
	PreSignUp func(*PreSignUpEvent) error

	// DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallenge
	// make CUSTOM_AUTH: which challenge comes next, what it is, and whether an
	// answer to it is right.
	DefineAuthChallenge func(*DefineAuthChallengeEvent) error
	CreateAuthChallenge func(*CreateAuthChallengeEvent) error
	VerifyAuthChallenge func(*VerifyAuthChallengeEvent) error
}

// A TriggerEvent is what all events have in common.
type TriggerEvent struct {
	TriggerSource string // as in "DefineAuthChallenge_Authentication"
	Region        string // of the pool's id
	UserPoolID    string // the pool
	ClientID      string // the app client
	UserName      string // what the pool calls the user; made up for one who does not exist
}

// A PreSignUpEvent is the event of the pre sign-up trigger.
type PreSignUpEvent struct {
	TriggerEvent
	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string
		ValidationData map[string]string
		ClientMetadata map[string]string
	}
	// Response is what the function decides.
	Response struct {
		AutoConfirmUser bool
		AutoVerifyEmail bool
		AutoVerifyPhone bool
	}
}

// A ChallengeResult is one step of a custom sign-in that is done: the
// challenge, whether it was met, and what CreateAuthChallenge noted of it.
type ChallengeResult struct {
	ChallengeName     string // as in "CUSTOM_CHALLENGE"
	ChallengeResult   bool   // whether it was met
	ChallengeMetadata string // CreateAuthChallenge's note
}

// A DefineAuthChallengeEvent asks what comes next.
type DefineAuthChallengeEvent struct {
	TriggerEvent
	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string
		Session        []ChallengeResult
		ClientMetadata map[string]string
		UserNotFound   bool
	}
	// Response is what the function decides.
	Response struct {
		ChallengeName      string
		IssueTokens        bool
		FailAuthentication bool
	}
}

// A CreateAuthChallengeEvent asks for a challenge.
type CreateAuthChallengeEvent struct {
	TriggerEvent
	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string
		ChallengeName  string
		Session        []ChallengeResult
		ClientMetadata map[string]string
		UserNotFound   bool
	}
	// Response is what the function decides.
	Response struct {
		PublicChallengeParameters  map[string]string // for the client
		PrivateChallengeParameters map[string]string // for VerifyAuthChallenge
		ChallengeMetadata          string
	}
}

// A VerifyAuthChallengeEvent asks whether an answer is right.
type VerifyAuthChallengeEvent struct {
	TriggerEvent
	// Request is what the service tells the function.
	Request struct {
		UserAttributes             map[string]string
		PrivateChallengeParameters map[string]string
		ChallengeAnswer            string
		ClientMetadata             map[string]string
		UserNotFound               bool
	}
	// Response is what the function decides.
	Response struct {
		AnswerCorrect bool
	}
}

func (c *call) triggerEvent(source, clientID, username string) TriggerEvent {
	return TriggerEvent{
		TriggerSource: source, Region: c.pool.region(), UserPoolID: c.pool.cfg.PoolID, ClientID: clientID, UserName: username,
	}
}

// triggerAttributes are a user's attributes as triggers see them.
func (u *user) triggerAttributes() map[string]string {
	if u == nil {
		return map[string]string{}
	}
	attributes := maps.Clone(u.attributes)
	attributes[attrSub] = u.sub
	attributes["cognito:user_status"] = string(u.status)
	return attributes
}

// run calls a trigger without the pool's lock. The service adds a full stop to
// whatever the function's error says.
func run[Event any](c *call, name string, trigger func(*Event) error, event *Event) *apiError {
	var err error
	c.unlocked(func() { err = trigger(event) })
	if err != nil {
		return fail(wire.ExceptionUserLambdaValidation, fmt.Sprintf(msgTriggerFailed, name, err))
	}
	return nil
}

// runPreSignUp asks the pre sign-up trigger about a new user and does what it
// says. The account is not in the pool yet.
func (c *call) runPreSignUp(client *appClient, u *user, r *signUpRequest) *apiError {
	trigger := c.pool.cfg.Triggers.PreSignUp
	if trigger == nil {
		return nil
	}
	event := &PreSignUpEvent{TriggerEvent: c.triggerEvent("PreSignUp_SignUp", client.id, u.username)}
	event.Request.UserAttributes = maps.Clone(u.attributes)
	event.Request.ValidationData = attributeMap(r.ValidationData)
	event.Request.ClientMetadata = maps.Clone(r.ClientMetadata)
	if err := run(c, "PreSignUp", trigger, event); err != nil {
		return err
	}
	if event.Response.AutoConfirmUser {
		u.status = StatusConfirmed
	}
	for _, verify := range []struct {
		wanted    bool
		attribute string
	}{{event.Response.AutoVerifyEmail, attrEmail}, {event.Response.AutoVerifyPhone, attrPhone}} {
		switch {
		case !verify.wanted:
		case u.attributes[verify.attribute] == "":
			return fail(wire.ExceptionInvalidLambdaResponse, msgLambdaOutput)
		default:
			u.setVerified(verify.attribute)
		}
	}
	return nil
}
