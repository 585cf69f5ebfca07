package cognito

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

// FuzzAnswer lets a client read any answer: it comes back as a usable result or
// as a typed error that is safe to print.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "", "", fullAnswer)
	f.Add(200, "", "", tokensAnswer)
	f.Add(200, "", "", `{"ChallengeName":"SMS_MFA","Session":"s","ChallengeParameters":{"a":"b"}}`)
	f.Add(200, "", "", `{"AuthenticationResult":{"AccessToken":"at","ExpiresIn":1e400}}`)
	f.Add(200, "", "", `{"AuthenticationResult":null,"ChallengeName":null}`)
	f.Add(400, "UserNotFoundException:http://x", "m", `{"__type":"a#B","message":"m"}`)
	f.Add(400, "", "", `{"__type":"com.amazonaws#CodeMismatchException","Message":"m","reasonCode":7}`)
	f.Add(400, "NotAuthorizedException", "", `{"message":7}`)
	f.Add(403, "", "", `<html><body>secret-password <script>x</script></body></html>`)
	f.Add(503, "", "", ``)
	f.Add(301, "", "", `[[[`)
	name := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	f.Fuzz(func(t *testing.T, status int, errorType, errorMessage, body string) {
		if status < 200 || status > 599 {
			t.Skip("not a status that net/http hands on")
		}
		c := newOneAttemptClient(t, reply(status, body, "x-amzn-errortype", errorType, "x-amzn-errormessage", errorMessage))
		out, err := c.RespondToAuthChallenge(t.Context(), AuthRequest{
			Challenge: wire.ChallengeNewPasswordRequired,
			Params:    map[string]string{"USERNAME": "ana", "NEW_PASSWORD": "secret-password"},
		})
		if err == nil {
			if !isSuccess(status) {
				t.Errorf("status %d is no error", status)
			}
			if out.Challenge == "" && (out.Result == nil || out.Result.AccessToken == "") {
				t.Errorf("neither challenge nor tokens of %q", body)
			}
			return
		}
		e := serviceError(t, err)
		if !name.MatchString(e.Code) {
			t.Errorf("code = %q", e.Code)
		}
		if want := "cognito: RespondToAuthChallenge: " + e.Code; err.Error() != want {
			t.Errorf("text = %q, want %q", err, want)
		}
		if e.Status != status {
			t.Errorf("status = %d, want %d", e.Status, status)
		}
		if !utf8.ValidString(e.Body) || utf8.RuneCountInString(e.Body) > snippetLen || strings.Contains(e.Body, "secret-password") {
			t.Errorf("body = %q", e.Body)
		}
		if out.Challenge != "" || out.Result != nil {
			t.Error("output beside the error")
		}
	})
}

// FuzzParseError reads any error twice: a code that passed once passes again
// unchanged.
func FuzzParseError(f *testing.F) {
	for _, raw := range []string{"UserNotFoundException:", "a#b:c", "a.b.C", "x,y", " A ", "", ":", "ünïcode", strings.Repeat("A", 200)} {
		f.Add(raw, `{"__type":"CodeMismatchException","message":"m"}`)
		f.Add("", `{"code":`+string(must(json.Marshal(raw)))+`}`)
	}
	f.Fuzz(func(t *testing.T, errorType, body string) {
		code, message := parseError(http.Header{"X-Amzn-Errortype": {errorType}}, []byte(body))
		again, sameMessage := parseError(http.Header{"X-Amzn-Errortype": {code}}, []byte(body))
		if again != code || sameMessage != message {
			t.Errorf("parsed to %q, %q and then to %q, %q", code, message, again, sameMessage)
		}
		if len(code) > 128 {
			t.Errorf("code of %d bytes", len(code))
		}
	})
}

// FuzzSnippet hides a value of the request in any page.
func FuzzSnippet(f *testing.F) {
	f.Add("before ", " after", `a<b&"c" d`)
	f.Add("<p title='", "'>after<script>", "123456")
	f.Add("&#49;<b>", "</b>\n", "1  2")
	f.Add("<!--", "--><scRIPT>x</ScRiPt >y", "abc")
	f.Add("x", "x", "xxx")
	f.Fuzz(func(t *testing.T, before, after, value string) {
		if len(value) < shortValue || !utf8.ValidString(value) || strings.Contains(value, omission) {
			t.Skip("no value to hide")
		}
		got := snippet([]byte(before+value+after), must(json.Marshal(map[string]string{"Password": value})))
		if strings.Contains(got, value) {
			t.Errorf("snippet %q holds %q", got, value)
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > snippetLen {
			t.Errorf("snippet %q of %d characters", got, utf8.RuneCountInString(got))
		}
	})
}

// FuzzCredential registers a passkey with any text: it arrives at the service
// as the value that it is and in its place, or, if it is no JSON, not at all.
func FuzzCredential(f *testing.F) {
	for _, text := range []string{
		browserCredential, `{}`, ` {"a":[],"b":"","c":null,"d":-7,"e":1e2} `, `{"a":"\u00eb<&>\u2028"}`, `{"a":1,"a":2}`, `null`,
		``, `{`, `{}}`, `{},"AccessToken":"other"`, "\xff", "\"\xff\"", "\ufeff{}", `{} {}`, `[[[[]]]]`, `01`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := &service{answers: []answerFunc{reply(http.StatusOK, `{}`)}}
		c := mustNew(t, Config{AWS: once, HTTPClient: &http.Client{Transport: s}})
		err := c.CompleteWebAuthnRegistration(t.Context(), CompleteWebAuthnRegistrationInput{AccessToken: "at", Credential: text})
		if err != nil {
			if e := serviceError(t, err); e.Code != CodeNotSent || len(s.requests) != 0 {
				t.Errorf("error = %v after %d requests, want %s", e, len(s.requests), CodeNotSent)
			}
			if json.Valid(text) && utf8.Valid(text) {
				t.Errorf("%q is refused", text)
			}
			return
		}
		got := s.requests[0]
		if !utf8.ValidString(got.raw) {
			t.Errorf("request %q is not UTF-8", got.raw)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(got.raw), &members); err != nil {
			t.Fatal(err)
		}
		if len(members) != 2 || string(members["AccessToken"]) != `"at"` || !bytes.Equal(members["Credential"], bytes.TrimSpace(text)) {
			t.Errorf("request = %s, want %s in its place", got.raw, text)
		}
	})
}

// FuzzCreationOptions reads any options for a passkey: an object arrives as the
// value that it is, and nothing else arrives.
func FuzzCreationOptions(f *testing.F) {
	for _, text := range []string{
		`{"challenge":"Y2g","timeout":60000,"pubKeyCredParams":[{"alg":-7}]}`, `{}`, ` { } `, `{"a":[],"b":"","c":null,"d":1e400}`,
		`{"a":"\ud800<&>"}`, `{"a":1,"a":2}`, `null`, `"{}"`, `[]`, `0`, ``, `{`, `{},"CredentialCreationOptions":7`, "{\"\xff\":1}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		answer := `{"CredentialCreationOptions":` + string(text) + `}`
		got, err := newOneAttemptClient(t, reply(http.StatusOK, answer)).StartWebAuthnRegistration(t.Context(), "at")
		object := bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
		switch {
		case err != nil:
			if e := serviceError(t, err); e.Code != CodeMalformed && e.Code != CodeTooLarge {
				t.Errorf("error = %v", e)
			}
			if json.Valid(text) && object && len(answer) <= maxAnswer {
				t.Errorf("%q is refused", text)
			}
		case !bytes.HasPrefix(got, []byte("{")):
			t.Errorf("options = %s of %q", got, text)
		case json.Valid(text):
			if diff := cmp.Diff(jsonValue(t, text), jsonValue(t, got)); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
