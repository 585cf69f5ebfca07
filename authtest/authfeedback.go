package authtest

import (
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"slices"
)

type listAuthEventsRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Username   string `aws:"Username,Username,required"`
	MaxResults int    `aws:"MaxResults,QueryLimit"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listAuthEventsResponse struct {
	AuthEvents []eventDescription
	NextToken  string `json:",omitempty"`
}

type eventDescription struct {
	EventID            string `json:"EventId"`
	EventType          eventKind
	CreationDate       epoch
	EventResponse      eventResponse
	EventRisk          eventRisk
	ChallengeResponses []challengeOutcome
	EventContextData   eventContext
	EventFeedback      *feedbackDescription `json:",omitempty"`
}

type feedbackDescription struct {
	FeedbackValue string
	Provider      string
	FeedbackDate  epoch
}

func (e *authEvent) describe() eventDescription {
	d := eventDescription{
		EventID: e.id, EventType: e.kind, CreationDate: epoch(e.created), EventResponse: e.response, EventRisk: e.risk,
		ChallengeResponses: append([]challengeOutcome{}, e.challenges...), EventContextData: e.context,
	}
	if f := e.feedback; f != nil {
		d.EventFeedback = &feedbackDescription{f.value, f.provider, epoch(f.date)}
	}
	return d
}

// adminListUserAuthEvents lists a user's events, newest first.
func adminListUserAuthEvents(c *call, r *listAuthEventsRequest) (*listAuthEventsResponse, *apiError) {
	u, err := c.targetProtected(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	newest := slices.Clone(u.events)
	slices.Reverse(newest)
	page, next, err := paginate(c, "auth events of "+u.sub, r.NextToken, r.MaxResults, newest, func(e *authEvent) string {
		return fmt.Sprintf("%016x", ^e.serial)
	})
	if err != nil {
		return nil, err
	}
	response := &listAuthEventsResponse{AuthEvents: []eventDescription{}, NextToken: next}
	for _, e := range page {
		response.AuthEvents = append(response.AuthEvents, e.describe())
	}
	return response, nil
}

// targetProtected is target where there is threat protection.
func (c *call) targetProtected(poolID, username string) (*user, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	if err := c.checkProtected(); err != nil {
		return nil, err
	}
	return c.target(poolID, username)
}

type adminFeedbackRequest struct {
	UserPoolID    string `aws:"UserPoolId,UserPoolId,required"`
	Username      string `aws:"Username,Username,required"`
	EventID       string `aws:"EventId,EventId,required"`
	FeedbackValue string `aws:"FeedbackValue,FeedbackValue,required"`
}

func adminUpdateAuthEventFeedback(c *call, r *adminFeedbackRequest) (*empty, *apiError) {
	u, err := c.targetProtected(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.giveFeedback(u, r.EventID, r.FeedbackValue, feedbackByAdmin)
}

type feedbackRequest struct {
	UserPoolID    string `aws:"UserPoolId,UserPoolId,required"`
	Username      string `aws:"Username,Username,required"`
	EventID       string `aws:"EventId,EventId,required"`
	FeedbackToken string `aws:"FeedbackToken,AccessToken,required"`
	FeedbackValue string `aws:"FeedbackValue,FeedbackValue,required"`
}

func updateAuthEventFeedback(c *call, r *feedbackRequest) (*empty, *apiError) {
	u, err := c.targetProtected(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal([]byte(r.FeedbackToken), []byte(c.pool.feedbackToken(u, r.EventID))) {
		return nil, notAuthorized(msgFeedbackToken)
	}
	return c.giveFeedback(u, r.EventID, r.FeedbackValue, feedbackByPerson)
}

// giveFeedback puts feedback in the place of any that was given before.
func (c *call) giveFeedback(u *user, eventID, value, provider string) (*empty, *apiError) {
	e := u.event(eventID)
	if e == nil {
		return nil, resourceNotFound(msgEventNotFound)
	}
	e.feedback = &eventFeedback{value: value, provider: provider, date: c.now}
	return &empty{}, nil
}

// feedbackToken makes the token by which a user may give feedback to an event.
// It follows from the event, so it need not be kept, and does not expire.
func (p *Pool) feedbackToken(u *user, eventID string) string {
	return base64.RawURLEncoding.EncodeToString(p.mac(fmt.Sprintf("feedback %q %q", u.sub, eventID)))
}

// FeedbackToken returns the token by which a user, named by username, alias or
// sub, gives feedback to an authentication event with UpdateAuthEventFeedback.
// The service sends it with its notifications alone; here every event has one.
// A test fails, and a program panics, if there is no such event.
func (p *Pool) FeedbackToken(user, eventID string) string {
	p.mu.Lock()
	var token string
	if u := p.users.findAny(user); u != nil && u.event(eventID) != nil {
		token = p.feedbackToken(u, eventID)
	}
	p.mu.Unlock()
	if token == "" {
		if p.tb != nil {
			p.tb.Helper()
		}
		p.misuse("FeedbackToken: no such event")
	}
	return token
}
