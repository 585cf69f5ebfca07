package control

import (
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
}

func (p *problem) Error() string { return p.Message }

func badRequest(message string) *problem {
	return &problem{http.StatusBadRequest, "BadRequest", message}
}

func notFound(what string) *problem {
	return &problem{http.StatusNotFound, "NotFound", "there is no such " + what}
}

// notFoundCodes are the service's codes for what does not exist.
var notFoundCodes = map[string]bool{"UserNotFoundException": true, "ResourceNotFoundException": true}

// answer writes what a route returned: a body, or nothing for nil.
func answer(w http.ResponseWriter, body any, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	status := http.StatusOK
	switch refused, why := (*authtest.Error)(nil), (*problem)(nil); {
	case errors.As(err, &refused):
		status = http.StatusBadRequest
		if notFoundCodes[refused.Code] {
			status = http.StatusNotFound
		}
		body = &problem{Code: refused.Code, Message: refused.Message}
	case errors.As(err, &why):
		status, body = why.status, why
	case err != nil:
		status, body = http.StatusInternalServerError, &problem{Code: "Internal", Message: "the sandbox failed; its log says more"}
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic("control: encoding an answer: " + err.Error())
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}
