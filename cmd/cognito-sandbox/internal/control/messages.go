package control

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func messageRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "messages", Summary: "messages that were sent (pool, user, kind, after, limit; wait=10s for the next one)", handle: (*API).listMessages},
	}
}

// A Message is what a pool sent to a user.
type Message struct {
	ID          int64                `json:"id"`
	Pool        string               `json:"pool"`
	Username    string               `json:"username"`
	Sub         string               `json:"sub"`
	Kind        authtest.MessageKind `json:"kind"`
	Medium      authtest.Medium      `json:"medium"`
	Destination string               `json:"destination"`
	Attribute   string               `json:"attribute"`
	Code        string               `json:"code"`           // or a temporary password
	Link        string               `json:"link,omitempty"` // that confirms the account, where links are sent
	Subject     string               `json:"subject,omitempty"`
	Body        string               `json:"body"`
	Time        time.Time            `json:"time"` // on the pool's clock
}

func describeMessage(d authtest.Delivery) Message {
	return Message{
		ID: d.ID, Pool: d.UserPoolID, Username: d.Username, Sub: d.Sub, Kind: d.Kind, Medium: d.Medium,
		Destination: d.Destination, Attribute: d.Attribute, Code: d.Code, Link: d.Link,
		Subject: d.Subject, Body: d.Body, Time: d.Time,
	}
}

func messageKinds() []authtest.MessageKind {
	return []authtest.MessageKind{
		authtest.MessageSignUp, authtest.MessageResendCode, authtest.MessageForgotPassword, authtest.MessageAuthentication,
		authtest.MessageInvitation, authtest.MessageUpdateUserAttribute, authtest.MessageVerifyUserAttribute,
	}
}

// maxWait bounds how long a request waits for a message.
const maxWait = time.Minute

// listMessages lists the messages behind the one that after names, oldest
// first; the newest of them if limit leaves some out. If there are none it
// waits for one, as long as it is told to.
func (a *API) listMessages(r *http.Request) (any, error) {
	q := queryOf(r)
	filter := authtest.MessageFilter{
		UserPoolID: q.text("pool"), User: q.text("user"), Kind: authtest.MessageKind(q.text("kind")),
		After: q.number("after", 0, math.MaxInt64),
	}
	limit := int(q.number("limit", 100, 1000))
	wait := q.duration("wait", maxWait)
	if err := q.done(); err != nil {
		return nil, err
	}
	if filter.Kind != "" && !slices.Contains(messageKinds(), filter.Kind) {
		return nil, badRequest(fmt.Sprintf("there are no messages of the kind %.100q; there are: %s", filter.Kind, strings.Trim(fmt.Sprint(messageKinds()), "[]")))
	}
	if _, ok := a.server.Pool(filter.UserPoolID); filter.UserPoolID != "" && !ok {
		return nil, notFound("pool")
	}
	if wait > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), wait)
		defer cancel()
		// Having waited in vain is no error: there are no messages then.
		_, _ = a.server.WaitMessage(ctx, filter)
	}
	found := a.server.Messages(filter)
	answer := struct {
		Messages []Message `json:"messages"`
		Last     int64     `json:"last"` // after, for what comes next
	}{Messages: []Message{}, Last: filter.After}
	for _, d := range found[max(0, len(found)-limit):] {
		answer.Messages = append(answer.Messages, describeMessage(d))
	}
	if len(found) > 0 {
		answer.Last = found[len(found)-1].ID
	}
	return answer, nil
}
