package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// controlHandler lets a script do what the owner of a pool can: put a user in,
// look at it, read its messages and authenticator app, and see what clients
// sent.
//
// It finds pools by the names that scripts know them by, or by their ids.
func controlHandler(find func(name string) (*authtest.Pool, bool)) http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, handle func(p *authtest.Pool, w http.ResponseWriter, r *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			p, ok := find(r.PathValue("pool"))
			if !ok {
				http.NotFound(w, r)
				return
			}
			handle(p, w, r)
		})
	}
	on("POST /{pool}/users", func(p *authtest.Pool, w http.ResponseWriter, r *http.Request) {
		var user authtest.User
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		if err := dec.Decode(&user); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.AddUser(user)
	})
	on("GET /{pool}/users/{name}", func(p *authtest.Pool, w http.ResponseWriter, r *http.Request) {
		user, ok := p.User(r.PathValue("name"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		json.NewEncoder(w).Encode(user)
	})
	on("GET /{pool}/users/{name}/messages", func(p *authtest.Pool, w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(p.Inbox(r.PathValue("name")))
	})
	on("POST /{pool}/users/{name}/devices", addDevices)
	on("GET /{pool}/users/{name}/code", func(p *authtest.Pool, w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, p.Code(r.PathValue("name")))
	})
	on("GET /{pool}/users/{name}/totp", func(p *authtest.Pool, w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, p.TOTP(r.PathValue("name")))
	})
	on("GET /{pool}/steps", writeSteps)
	on("GET /{pool}/requests", writeRequests)
	return mux
}

// addDevices signs a user in from other devices, which the pool remembers. The
// scripts' clients take a second for a few of them.
func addDevices(p *authtest.Pool, w http.ResponseWriter, r *http.Request) {
	var in struct {
		Password string
		Count    int
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for n := range in.Count {
		s := p.NewSession(fmt.Sprintf("%s on device %d", r.PathValue("name"), n)) //nolint:contextcheck // it has no use for one
		out, err := auth.SignIn(r.Context(), s, auth.SignInInput{
			Username: r.PathValue("name"), Password: in.Password,
			ClientContext: auth.ClientContext{DeviceName: fmt.Sprintf("device %d", n)},
		})
		if err == nil && out.Device == nil {
			err = errors.New("the pool did not register a device")
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
}

// writeRequests writes what clients have sent, a line each: the operation and
// the error that it got.
func writeRequests(p *authtest.Pool, w http.ResponseWriter, _ *http.Request) {
	for _, r := range p.Requests() {
		io.WriteString(w, r.Operation)
		if r.Code != "" {
			io.WriteString(w, ": "+r.Code)
		}
		io.WriteString(w, "\n")
	}
}

// writeSteps writes what clients have sent to get or renew tokens, a line
// each: the operation, the flow or challenge, whether the client named its
// device, and the error that it got.
func writeSteps(p *authtest.Pool, w http.ResponseWriter, _ *http.Request) {
	for _, r := range p.Requests() {
		var name string
		var key any
		switch r.Operation {
		case "InitiateAuth":
			parameters, _ := r.Body["AuthParameters"].(map[string]any)
			name, key = fmt.Sprint(" ", r.Body["AuthFlow"]), parameters["DEVICE_KEY"]
			if preferred, ok := parameters["PREFERRED_CHALLENGE"]; ok {
				name += fmt.Sprint(" ", preferred)
			}
		case "RespondToAuthChallenge":
			responses, _ := r.Body["ChallengeResponses"].(map[string]any)
			name, key = fmt.Sprint(" ", r.Body["ChallengeName"]), responses["DEVICE_KEY"]
		case "GetTokensFromRefreshToken":
			key = r.Body["DeviceKey"]
		case "ConfirmDevice", "AssociateSoftwareToken", "VerifySoftwareToken":
		default:
			continue
		}
		io.WriteString(w, r.Operation+name)
		if key != nil {
			io.WriteString(w, " with device")
		}
		if r.Code != "" {
			io.WriteString(w, ": "+r.Code)
		}
		io.WriteString(w, "\n")
	}
}
