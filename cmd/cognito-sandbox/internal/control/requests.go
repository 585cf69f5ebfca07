package control

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func requestRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "requests", Summary: "what clients asked and got (pool, operation, after, limit)", handle: (*API).listRequests},
	}
}

// A Request is a request that the service got, with what became of it.
type Request struct {
	ID        int64     `json:"id"`
	Pool      string    `json:"pool"` // empty if it was for none
	Operation string    `json:"operation"`
	Time      time.Time `json:"time"`   // on the pool's clock
	Status    int       `json:"status"` // 0 if the connection was broken
	Code      string    `json:"code"`   // of an error
	Text      string    `json:"text"`   // the request, the values in it hidden
}

func (a *API) listRequests(r *http.Request) (any, error) {
	q := queryOf(r)
	pool, operation, after := q.text("pool"), q.text("operation"), q.number("after", 0, math.MaxInt64)
	limit := int(q.number("limit", 100, 1000))
	if err := q.done(); err != nil {
		return nil, err
	}
	var found []authtest.Request
	for _, r := range a.server.Requests() {
		if r.ID > after && (pool == "" || pool == r.UserPoolID) && (operation == "" || operation == r.Operation) {
			found = append(found, r)
		}
	}
	answer := struct {
		Requests []Request `json:"requests"`
		Last     int64     `json:"last"` // after, for what comes next
	}{Requests: []Request{}, Last: after}
	for _, r := range found[max(0, len(found)-limit):] {
		answer.Requests = append(answer.Requests, Request{
			ID: r.ID, Pool: r.UserPoolID, Operation: r.Operation, Time: r.Time, Status: r.Status, Code: r.Code, Text: fmt.Sprint(r),
		})
	}
	if len(found) > 0 {
		answer.Last = found[len(found)-1].ID
	}
	return answer, nil
}
