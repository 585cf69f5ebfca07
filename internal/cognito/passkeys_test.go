package cognito

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// browserCredential is a RegistrationResponseJSON.
const browserCredential = `{"id":"AQID","rawId":"AQID","type":"public-key","authenticatorAttachment":"platform",` +
	`"response":{"clientDataJSON":"e30","attestationObject":"o2Nm","transports":["internal"],"publicKeyAlgorithm":-7},` +
	`"clientExtensionResults":{}}`

// Behavior 90: the service gets what the browser made, byte for byte.
func TestCredentialIsSentVerbatim(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, credential string
	}{
		{"of a browser", browserCredential},
		{"empty values", `{"clientExtensionResults":{},"response":{"transports":[],"userHandle":"","authenticatorData":null}}`},
		{"numbers", `{"a":-7,"b":1e2,"c":1.50,"d":-0,"e":12345678901234567890,"f":0.1E-7}`},
		{"unicode", `{"name":"Zoë 😀","escaped":"\u00eb\ud83d\ude00","separators":"  ","markup":"<&>","slash":"\/"}`},
		{"nested nulls", `{"a":[null,{"b":null,"c":[null]}],"d":false}`},
		{"order and repetition of keys", `{"z":1,"a":2,"z":3,"":4}`},
		{"spaces", " {\r\n\t\"id\" : \"AQID\" ,\"x\":[ ] }\n"},
		{"empty", `{}`},
		// The service refuses these, and says why.
		{"null", `null`},
		{"string", `"{}"`},
		{"array", `[{}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newTestClient(t, "", reply(http.StatusOK, `{}`))
			err := c.CompleteWebAuthnRegistration(t.Context(), CompleteWebAuthnRegistrationInput{
				AccessToken: "at", Credential: json.RawMessage(tt.credential),
			})
			if err != nil {
				t.Fatalf("error = %v, want none", err)
			}
			if diff := cmp.Diff(`{"AccessToken":"at","Credential":`+tt.credential+`}`, s.requests[0].raw); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// Text that is not one JSON value would make the request another one.
func TestCredentialThatIsNotSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, credential string
	}{
		{"nothing", ``},
		{"spaces", "  "},
		{"cut short", `{"id":"AQID"`},
		{"two values", `{} {}`},
		{"further members", `{},"AccessToken":"` + leakAccess + `"`},
		{"end of the request", `{}}`},
		{"no JSON", leakPasskey},
		{"byte order mark", "\ufeff{}"},
		{"Latin-1", "{\"name\":\"Zo\xeb\"}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newTestClient(t, "", reply(http.StatusOK, `{}`))
			err := c.CompleteWebAuthnRegistration(t.Context(), CompleteWebAuthnRegistrationInput{
				AccessToken: leakAccess, Credential: json.RawMessage(tt.credential),
			})
			if e := serviceError(t, err); e.Code != CodeNotSent || e.Op != "CompleteWebAuthnRegistration" || e.MaybeProcessed {
				t.Errorf("error = %v, maybe processed %t, want %s", e, e.MaybeProcessed, CodeNotSent)
			}
			if len(s.requests) != 0 {
				t.Errorf("request = %s, want none", s.requests[0].raw)
			}
			mustPrintNothing(t, err)
		})
	}
}

// Behavior 90: the browser gets the values that the service chose.
func TestCreationOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, options string
	}{
		{"of the service", `{"challenge":"Y2hhbGxlbmdl","rp":{"id":"example.com","name":"Example"},"user":{"id":"AQID","name":"ana","displayName":"Ana"},` +
			`"pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}],"timeout":60000,"excludeCredentials":[],` +
			`"authenticatorSelection":{"requireResidentKey":true,"residentKey":"required","userVerification":"preferred"}}`},
		{"empty values", `{"extensions":{},"excludeCredentials":[],"attestation":"","hints":null}`},
		{"numbers", `{"a":-7,"b":1e2,"c":1.50,"d":-0,"e":12345678901234567890,"f":1e400}`},
		{"unicode", `{"name":"Zoë 😀","escaped":"\u00eb\ud83d\ude00","separators":"  ","markup":"<&>","slash":"\/"}`},
		{"nested nulls", `{"a":[null,{"b":null,"c":[null]}],"d":false}`},
		{"empty", `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newTestClient(t, "", reply(http.StatusOK, `{"CredentialCreationOptions":`+tt.options+`}`))
			got, err := c.StartWebAuthnRegistration(t.Context(), "at")
			if err != nil {
				t.Fatalf("error = %v, want none", err)
			}
			if diff := cmp.Diff(jsonValue(t, []byte(tt.options)), jsonValue(t, got)); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

// No browser can do anything with options that are no object.
func TestCreationOptionsOfAnotherKind(t *testing.T) {
	t.Parallel()
	for _, options := range []string{`null`, `"{}"`, `[{}]`, `7`, `true`} {
		t.Run(options, func(t *testing.T) {
			t.Parallel()
			c, _ := newTestClient(t, "", reply(http.StatusOK, `{"CredentialCreationOptions":`+options+`}`))
			got, err := c.StartWebAuthnRegistration(t.Context(), "at")
			if e := serviceError(t, err); e.Code != CodeMalformed || !e.MaybeProcessed {
				t.Errorf("error = %v, maybe processed %t, want %s, true", e, e.MaybeProcessed, CodeMalformed)
			}
			if got != nil {
				t.Errorf("options %s beside the error", got)
			}
		})
	}
}

// jsonValue returns the value that text is the JSON of, with numbers as they
// are spelled.
func jsonValue(tb testing.TB, text []byte) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	if rest := strings.TrimSpace(string(text[d.InputOffset():])); rest != "" {
		tb.Fatalf("%q after %s", rest, text[:d.InputOffset()])
	}
	return v
}
