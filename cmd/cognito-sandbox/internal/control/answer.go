package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/cognitokit/auth/authtest"
)

// A problem is why a request is refused.
type problem struct {
	status  int
	Code    string `json:"code"`    // ours, as in "BadRequest", or the service's, as in "UserNotFoundException"
	Message string `json:"message"` // for people

	Problems []SeedProblem `json:"problems,omitempty"` // of a seed file
}

func (p *problem) Error() string { return p.Message }

func badRequest(message string) *problem {
	return &problem{status: http.StatusBadRequest, Code: "BadRequest", Message: message}
}

func notFound(what string) *problem {
	return &problem{status: http.StatusNotFound, Code: "NotFound", Message: "there is no such " + what}
}

// statuses are the statuses of the service's codes that are not the client's
// fault, or are a fault of their own.
var statuses = map[string]int{
	"UserNotFoundException": http.StatusNotFound, "ResourceNotFoundException": http.StatusNotFound,
	"InternalErrorException": http.StatusInternalServerError, // as when the storage fails
}

// failing is an answer that says that the sandbox cannot serve.
type failing struct{ body any }

// answer writes what a route returned: a body, or nothing for nil.
func answer(w http.ResponseWriter, body any, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	status := http.StatusOK
	switch refused, why := (*authtest.Error)(nil), (*problem)(nil); {
	case errors.As(err, &refused):
		status = cmp.Or(statuses[refused.Code], http.StatusBadRequest)
		body = &problem{Code: refused.Code, Message: refused.Message}
	case errors.As(err, &why):
		status, body = why.status, why
	case err != nil:
		status, body = http.StatusInternalServerError, &problem{Code: "Internal", Message: "the sandbox failed; its log says more"}
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if f, ok := body.(failing); ok {
		status, body = http.StatusServiceUnavailable, f.body
	}
	text, ok := body.(raw)
	if !ok {
		if text, err = json.Marshal(body); err != nil {
			panic("control: encoding an answer: " + err.Error())
		}
		text = append(text, '\n')
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}
