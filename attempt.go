package auth

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/srp"
	"github.com/cognitokit/auth/tokens"
)

// An attemptRun drives the state machine through one call of SignIn or
// ConfirmSignIn. The person's secrets live here and end with the call.
type attemptRun struct {
	s          *Session
	op         string
	opts       cognito.CallOptions
	password   string // what a password proof is made of: the password, as given to this call
	deviceName string // for a device that the sign-in registers

	client  *srp.Client         // of the last SRP_A
	sent    time.Time           // when the last request was
	result  *cognito.AuthResult // set by the answer that carried tokens
	refusal error               // the last one
	offset  time.Duration       // service clock minus ours, by its last answer
}

func newAttemptRun(s *Session, op, password string, metadata map[string]string, c ClientContext) *attemptRun {
	return &attemptRun{s: s, op: op, opts: callOptions(metadata, c), password: password, deviceName: c.DeviceName}
}

// maxRounds bounds the requests of one call. The longest chain that exists is
// SRP_A, proof, device SRP_A, device proof, with one repetition.
const maxRounds = 12

// drive performs effects until one ends the call.
func (r *attemptRun) drive(ctx context.Context, a flow.Attempt, effect flow.Effect) (flow.Attempt, flow.Effect) {
	for range maxRounds {
		var event flow.Event
		switch e := effect.(type) {
		case flow.Send:
			event = r.send(ctx, e)
		case flow.Prove:
			event = r.prove(ctx, e)
		case flow.Associate:
			event = r.associate(ctx, e)
		case flow.Verify:
			event = r.verify(ctx, e)
		case flow.ForgetDevice:
			if err := r.s.forgetLocally(ctx, e.Key); err != nil {
				r.s.client.log.WarnContext(ctx, "auth: forgotten device not removed", "error", err)
			}
			effect = e.Next
			continue
		case flow.Ask, flow.Finish, flow.Divert, flow.Refuse, flow.Fail:
			return a, effect
		}
		a, effect = flow.Step(a, event)
	}
	a.State = flow.Over{}
	return a, flow.Fail{Err: &flow.Error{Reason: flow.ReasonProtocol, Detail: "the service keeps asking"}}
}

func (r *attemptRun) send(ctx context.Context, e flow.Send) flow.Event {
	params := e.Params
	if e.SRPA {
		r.client = srp.NewClient()
		params = with(params, wire.ParamSRPA, r.client.A())
	}
	request := cognito.AuthRequest{Flow: e.Flow, Challenge: e.Challenge, Session: e.Session, Params: params, CallOptions: r.opts}
	call := r.s.client.api.RespondToAuthChallenge
	if e.Flow != "" {
		call = r.s.client.api.InitiateAuth
	}
	r.sent = time.Now()
	answer, err := call(ctx, request)
	if err != nil {
		return r.refused(err)
	}
	if !answer.ServerTime.IsZero() {
		r.offset = clockOffset(answer.ServerTime, time.Now())
	}
	r.result = answer.Result
	return flow.Reply{
		Done: answer.Result != nil, Challenge: answer.Challenge, Session: answer.Session,
		Params: answer.Params, Available: answer.Available,
	}
}

func (r *attemptRun) prove(ctx context.Context, e flow.Prove) flow.Event {
	if r.client == nil {
		return r.refused(&flow.Error{Reason: flow.ReasonProtocol, Detail: "a password proof was asked for without SRP_A"})
	}
	challenge := srp.Challenge{ID: e.ID, Salt: e.Salt, B: e.B, SecretBlock: e.Block}
	secret := r.password
	if e.Device {
		d, err := r.s.findDevice(ctx, func(d device) bool { return d.Key == e.ID })
		if err != nil {
			return r.refused(err)
		}
		if d == nil {
			return r.refused(&Error{Code: ErrDeviceUnknown, Message: "the device's record is gone from the store"})
		}
		challenge.Group, secret = d.GroupKey, d.Secret
	} else {
		var err error
		if challenge.Group, err = srp.PoolName(r.s.client.cfg.UserPoolID); err != nil {
			return r.refused(err)
		}
	}
	// The service compares TIMESTAMP with its own clock, so ours is corrected
	// by what its last answer told.
	proof, err := r.client.Prove(challenge, secret, time.Now().Add(r.offset))
	if err != nil {
		return r.refused(&Error{Op: r.op, Code: ErrUnexpectedResponse, Err: err})
	}
	e.Send.Params = with(e.Send.Params,
		wire.ParamClaimSignature, proof.Signature,
		wire.ParamClaimSecretBlock, proof.SecretBlock,
		wire.ParamTimestamp, proof.Timestamp)
	return r.send(ctx, e.Send)
}

func (r *attemptRun) associate(ctx context.Context, e flow.Associate) flow.Event {
	out, err := r.s.client.api.AssociateSoftwareToken(ctx, cognito.AssociateSoftwareTokenInput{Session: e.Session})
	if err != nil {
		return r.refused(err)
	}
	return flow.SecretIssued{Secret: out.SecretCode, Session: out.Session}
}

func (r *attemptRun) verify(ctx context.Context, e flow.Verify) flow.Event {
	out, err := r.s.client.api.VerifySoftwareToken(ctx, cognito.VerifySoftwareTokenInput{
		Session: e.Session, Code: e.Code, FriendlyDeviceName: e.FriendlyDeviceName,
	})
	if err != nil {
		return r.refused(err)
	}
	return flow.SecretVerified{Session: out.Session}
}

func (r *attemptRun) refused(err error) flow.Event {
	r.refusal = err
	if se, ok := errors.AsType[*cognito.ServiceError](err); ok {
		return flow.Refused{Code: se.Code, Message: se.Message}
	}
	return flow.Refused{}
}

// conclude turns the effect that ended the call into its outcome.
func (r *attemptRun) conclude(ctx context.Context, a flow.Attempt, effect flow.Effect) (*SignInOutput, error) {
	switch e := effect.(type) {
	case flow.Ask:
		return &SignInOutput{NextStep: nextStep(a.State, e)}, nil
	case flow.Finish:
		b, err := r.s.saveTokens(ctx, r.op, a, r.result, r.sent)
		if err != nil {
			return nil, err
		}
		out := &SignInOutput{IsSignedIn: true, NextStep: SignInNextStep{Step: SignInStepDone}}
		if r.result.NewDevice != nil {
			out.Device = r.s.confirmDevice(ctx, r.op, b, r.deviceName)
		}
		return out, nil
	case flow.Divert:
		step := SignInStepConfirmSignUp
		if e.To == flow.ResetPassword {
			step = SignInStepResetPassword
		}
		return &SignInOutput{NextStep: SignInNextStep{Step: step}}, nil
	case flow.Refuse:
		return nil, r.refusal
	case flow.Fail:
		return nil, e.Err
	}
	return nil, &Error{Op: r.op, Code: ErrUnexpectedResponse}
}

// nextStep names the step for a state that waits for the person.
func nextStep(state flow.State, ask flow.Ask) SignInNextStep {
	switch st := state.(type) {
	case flow.AwaitCode:
		switch st.Challenge {
		case wire.ChallengeSoftwareTokenMFA:
			return SignInNextStep{Step: SignInStepConfirmWithTOTPCode}
		case wire.ChallengeEmailOTP:
			return SignInNextStep{Step: SignInStepConfirmWithEmailCode, CodeDeliveryDetails: sentTo(ask.Delivery)}
		}
		return SignInNextStep{Step: SignInStepConfirmWithSMSCode, CodeDeliveryDetails: sentTo(ask.Delivery)}
	case flow.AwaitNewPassword:
		return SignInNextStep{Step: SignInStepConfirmWithNewPassword, MissingAttributes: st.Missing}
	case flow.AwaitMFAChoice:
		return SignInNextStep{Step: SignInStepContinueWithMFASelection, AllowedMFATypes: mfaTypes(st.Options)}
	case flow.AwaitSetupChoice:
		return SignInNextStep{Step: SignInStepContinueWithMFASetupChoice, AllowedMFATypes: mfaTypes(st.Options)}
	case flow.AwaitTOTPSetup:
		return SignInNextStep{Step: SignInStepContinueWithTOTPSetup, TOTPSetupDetails: &TOTPSetupDetails{SharedSecret: ask.Secret}}
	case flow.AwaitEmailSetup:
		return SignInNextStep{Step: SignInStepContinueWithEmailSetup}
	case flow.AwaitFactorChoice:
		return SignInNextStep{Step: SignInStepContinueWithFirstFactor, AvailableChallenges: st.Options}
	case flow.AwaitPassword:
		return SignInNextStep{Step: SignInStepConfirmWithPassword}
	case flow.AwaitWebAuthn:
		return SignInNextStep{Step: SignInStepConfirmWithWebAuthn, WebAuthnOptions: json.RawMessage(ask.WebAuthnOptions)}
	case flow.AwaitCustom:
		return SignInNextStep{Step: SignInStepConfirmWithCustomChallenge, AdditionalInfo: ask.Info}
	case flow.AwaitUnknown:
		return SignInNextStep{Step: SignInStepConfirmWithUnknownChallenge, ChallengeName: st.Challenge, AdditionalInfo: ask.Info}
	}
	return SignInNextStep{}
}

func sentTo(d *flow.Delivery) *CodeDeliveryDetails {
	if d == nil {
		return nil
	}
	return &CodeDeliveryDetails{Destination: d.Destination, DeliveryMedium: d.Medium}
}

func mfaTypes(names []string) []MFAType {
	types := make([]MFAType, len(names))
	for i, name := range names {
		types[i] = MFAType(flow.MFAType(name))
	}
	return types
}

// with returns a copy of params with pairs of keys and values added.
func with(params map[string]string, pairs ...string) map[string]string {
	out := make(map[string]string, len(params)+len(pairs)/2)
	maps.Copy(out, params)
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// clockOffset is the difference that a time of the service's shows. Its
// resolution is a second and requests and answers are on their way for a while,
// so small differences mean nothing.
func clockOffset(server, local time.Time) time.Duration {
	d := server.Sub(local)
	if d.Abs() < 2*time.Second {
		return 0
	}
	return d
}

// attemptRecord is a sign-in in progress, as the store keeps it.
type attemptRecord struct {
	Since   time.Time    `json:"since"` // of the service's newest session
	Attempt flow.Attempt `json:"attempt"`
}

// The service's sessions live for 3 to 15 minutes, as the app client says; the
// SDK cannot know how long and lets the service decide. Past the longest, the
// answer is known. The record stays a while longer so that the person is told
// "expired" and not "nothing in progress".
const (
	attemptLife  = 15 * time.Minute
	attemptTrace = time.Hour
)

func (s *Session) loadAttempt(ctx context.Context) (flow.Attempt, tokens.Revision, error) {
	rec, rev, err := s.client.cfg.Store.Load(ctx, s.key(recordAttempt))
	if errors.Is(err, tokens.ErrNotFound) {
		return flow.Attempt{}, "", &Error{Code: ErrNoSignIn, Message: "no sign-in is in progress in this session", Err: err}
	}
	if err != nil {
		return flow.Attempt{}, "", err
	}
	var r attemptRecord
	if err := json.Unmarshal(rec.Data, &r); err != nil {
		return flow.Attempt{}, "", &Error{Code: ErrSignInExpired, Message: "the attempt is not of this version", Err: err}
	}
	if time.Since(r.Since) > attemptLife {
		return flow.Attempt{}, "", &Error{Code: ErrSignInExpired, Message: "the attempt is older than any the service accepts"}
	}
	return r.Attempt, rev, nil
}

// storeAttempt writes the attempt if the record is still at rev.
func (s *Session) storeAttempt(ctx context.Context, a flow.Attempt, rev tokens.Revision) error {
	now := time.Now()
	data, err := json.Marshal(attemptRecord{Since: now, Attempt: a})
	if err != nil {
		return err
	}
	_, err = s.client.cfg.Store.Save(ctx, s.key(recordAttempt), tokens.Record{Data: data, Expires: now.Add(attemptTrace)}, rev)
	return err
}

// overwriteAttempt replaces whatever attempt was in progress.
func (s *Session) overwriteAttempt(ctx context.Context, a flow.Attempt) error {
	return s.overwrite(ctx, recordAttempt, func(rev tokens.Revision) error { return s.storeAttempt(ctx, a, rev) })
}

// settleAttempt brings the record up to date after an answer. Where the record
// has changed meanwhile, the person has started again or answered twice: the
// newer attempt stays.
func (s *Session) settleAttempt(ctx context.Context, before, after flow.Attempt, effect flow.Effect, rev tokens.Revision) error {
	var err error
	_, asked := effect.(flow.Ask)
	_, waits := after.State.(flow.Waiting)
	switch {
	case asked:
		err = s.storeAttempt(ctx, after, rev)
		if errors.Is(err, tokens.ErrConflict) {
			return &Error{Code: ErrSignInExpired, Message: "another sign-in took the attempt's place", Err: err}
		}
	case waits && after.Device != before.Device:
		err = s.storeAttempt(ctx, after, rev)
	case waits: // as it was
	default:
		err = s.client.cfg.Store.Delete(ctx, s.key(recordAttempt), rev)
	}
	if errors.Is(err, tokens.ErrConflict) {
		return nil
	}
	return err
}
