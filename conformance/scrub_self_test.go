package conformance

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tokenOf is an unsigned token with claims.
func tokenOf(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256","kid":"AAAA"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

func TestScrubber(t *testing.T) {
	t.Parallel()
	const session, sub = "AYABeAAAAAAAAAAAAAAA", "11111111-2222-3333-4444-555555555555"
	access := tokenOf(`{"sub":"` + sub + `","iat":100,"exp":3700,"auth_time":90,"origin_jti":"` + sub + `","scope":"aws.cognito.signin.user.admin","secret":"hush"}`)
	later := tokenOf(`{"iat":200,"exp":500,"auth_time":90,"origin_jti":"` + sub + `"}`)
	tests := []struct {
		name      string
		direction direction
		json      string
		want      string
	}{
		{"equal values", inAnswer, `{"Session":"` + session + `","a":{"Session":"` + session + `"}}`, `{"Session":"<session 1>","a":{"Session":"<session 1>"}}`},
		{"different values", inAnswer, `{"a":{"Session":"` + session + `"},"b":{"Session":"` + session + `x"}}`, `{"a":{"Session":"<session 1>"},"b":{"Session":"<session 2>"}}`},
		{"an unusual value", inAnswer, `{"SecretCode":"lower"}`, `{"SecretCode":"<TOTP secret 1, unusual>"}`},
		{"unknown members", inAnswer, `{"New":"secret","N":17,"B":true,"Z":null,"a b":1}`, `{"<string>":"<number>","B":true,"N":"<number>","New":"<string>","Z":null}`},
		{"empty and absent", inAnswer, `{"a":{},"b":[],"c":""}`, `{"a":{},"b":[],"c":""}`},
		{"what is known", inAnswer, `{"Username":"ana-of-this-run","message":"no ana-of-this-run here"}`, `{"Username":"<user ana>","message":"no <user ana> here"}`},
		{"what was seen", inAnswer, `{"UserSub":"` + sub + `","message":"no ` + sub + ` here"}`, `{"UserSub":"<id 1>","message":"no <id 1> here"}`},
		{"dates and numbers", inAnswer, `{"UserCreateDate":1477662772.246,"ExpiresIn":3600}`, `{"UserCreateDate":"<date>","ExpiresIn":3600}`},
		{"attributes in any order", inAnswer, `{"UserAttributes":[{"Name":"sub","Value":"` + sub + `"},{"Name":"email","Value":"ana@example.com"},{"Name":"email_verified","Value":"true"}]}`,
			`{"UserAttributes":{"<attributes>":{"email":"<string>","email_verified":"true","sub":"<id 1>"}}}`},
		{"JSON in a string", inAnswer, `{"userAttributes":"{\"email\":\"ana@example.com\"}","requiredAttributes":"[]"}`, `{"userAttributes":{"<json>":{"email":"<string>"}},"requiredAttributes":"[]"}`},
		{"a token", inAnswer, `{"AccessToken":"` + access + `"}`,
			`{"AccessToken":{"<jwt>":"<access token 1>","header":{"alg":"RS256","kid":"<kid 1>"},"claims":{"sub":"<origin_jti 1>","iat":"<time>","exp":"<iat>+3600","auth_time":"<time>",` +
				`"origin_jti":"<origin_jti 1>","scope":"aws.cognito.signin.user.admin","secret":"<string>"}}}`},
		{"a token that was seen", inAnswer, `{"AccessToken":"` + later + `","x":{"AccessToken":"` + later + `"}}`,
			`{"AccessToken":{"<jwt>":"<access token 1>","header":{"alg":"RS256","kid":"<kid 1>"},"claims":{"iat":"<time>","exp":"<iat>+300","auth_time":"<time>","origin_jti":"<origin_jti 1>"}},` +
				`"x":{"AccessToken":"<access token 1>"}}`},
		{"a token in a request", inRequest, `{"AccessToken":"` + access + `"}`, `{"AccessToken":"<access token 1>"}`},
		{"a token that is none", inAnswer, `{"AccessToken":"x"}`, `{"AccessToken":"<access token 1, unusual>"}`},
		{"a password", inRequest, `{"Password":"hush","PASSWORD":"the password","AuthFlow":"USER_AUTH"}`, `{"Password":"<string>","PASSWORD":"<password>","AuthFlow":"USER_AUTH"}`},
		{"proofs", inRequest, `{"TIMESTAMP":"Sat Jan 1 00:00:00 UTC 2000","PASSWORD_CLAIM_SIGNATURE":"AAAA"}`, `{"TIMESTAMP":"<timestamp>","PASSWORD_CLAIM_SIGNATURE":"<proof>"}`},
		{"a credential", inRequest, `{"Credential":{"id":"AAAA","response":{"attestationObject":"BBBB"}}}`, `{"Credential":{"id":"<credential id 1>"}}`},
		{"whose account it is", inAnswer, `{"message":"User: arn:aws:iam::123456789012:user/ana is not authorized, 123456789012"}`, `{"message":"User: <arn> is not authorized, <account>"}`},
		{"addresses", inAnswer, `{"message":"sent to ana@example.com, +12065550100, 10.0.0.1"}`, `{"message":"sent to <address>, <phone>, <ip>"}`},
		{"what looks like a secret", inAnswer, `{"message":"token eyJhbGciOiJSUzI1NiJ9.e30.x, ` + strings.Repeat("k", 50) + `"}`, `{"message":"token <token>, <string>"}`},
		{"a masked address", inAnswer, `{"Destination":"a***@e***"}`, `{"Destination":"a***@e***"}`},
		{"an output", inOutcome, `{"isSignedIn":false,"nextStep":{"signInStep":"DONE","totpSetupDetails":{"sharedSecret":"ABCDEFGHIJKLMNOP"}}}`,
			`{"isSignedIn":false,"nextStep":{"signInStep":"DONE","totpSetupDetails":{"sharedSecret":"<TOTP secret 1>"}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScrubber()
			s.know("ana-of-this-run", "user ana")
			s.know("the password", "password")
			var in, want any
			if err := errorsOf(json.Unmarshal([]byte(tt.json), &in), json.Unmarshal([]byte(tt.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, s.value(tt.direction, "", in)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestScrubberAcrossAnswers relates what was seen in one answer to the next.
func TestScrubberAcrossAnswers(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	times := func(authTime string) any {
		claims := `{"iat":100,"auth_time":` + authTime + `,"origin_jti":"11111111-2222-3333-4444-555555555555"}`
		return s.value(inAnswer, "AccessToken", tokenOf(claims)).(m)["claims"].(m)["auth_time"]
	}
	if first, same, other := times("100"), times("100.0"), times("101"); first != placeTime || same != placeKept || other != placeTime {
		t.Errorf("auth_time: got %v, then %v for the same and %v for another", first, same, other)
	}
	s.made = true
	if got := s.value(inAnswer, "Destination", "q***@p***"); got != "?***@?***" {
		t.Errorf("a destination that is made up: got %v", got)
	}
}

// TestTranscriptsHoldNoSecrets searches what is in the repository.
func TestTranscriptsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			return err
		}
		for _, text := range stringsIn(value) {
			for _, leak := range leaks() {
				if leak.form.MatchString(text) && !strings.Contains(text, "0000000000000000000000000x") {
					t.Errorf("%s: %q looks like %s", path, text, leak.name)
				}
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatal(files, err)
	}
}

// stringsIn returns all strings of a JSON value, names of members too.
func stringsIn(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, item := range v {
			list = append(list, stringsIn(item)...)
		}
		return list
	case m:
		var list []string
		for name, member := range v {
			list = append(append(list, name), stringsIn(member)...)
		}
		return list
	}
	return nil
}

// FuzzScrubber lets nothing through that is not known to be a word of the
// service, and nothing that looks like a secret even then.
func FuzzScrubber(f *testing.F) {
	for _, seed := range [][2]string{
		{"message", "User: arn:aws:iam::123456789012:user/ana"}, {"Session", "AYABeAAAAAAAAAAAAAAA"}, {"New", "a secret of somebody"},
		{"AccessToken", tokenOf(`{"sub":"1234567890","iat":1}`)}, {"userAttributes", `{"email":"ana@example.com"}`}, {"Destination", "a***@e***"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, member, secret string) {
		for _, d := range []direction{inAnswer, inOutcome} {
			found := stringsIn(newScrubber().value(d, "", m{member: secret}))
			for _, text := range found {
				for _, leak := range leaks() {
					if leak.form.MatchString(text) {
						t.Fatalf("%q in %q looks like %s", text, member, leak.name)
					}
				}
			}
			short := len(secret) < 6 || strings.ContainsAny(secret, "<>")
			if !short && !publishedTexts[member] && !embeddedJSON[member] && member != secret && slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, secret) }) {
				t.Fatalf("%q of the member %q is in %q", secret, member, found)
			}
		}
	})
}
