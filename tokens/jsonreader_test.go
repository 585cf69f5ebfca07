package tokens

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// skipAll reads a text as one JSON value.
func skipAll(text string) error {
	r := newJSONReader(text)
	r.skip()
	return r.end()
}

func TestJSONReader(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	members := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%d":0`, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	for _, tt := range []struct {
		text string
		want error
	}{
		{`{}`, nil},
		{" [ ] ", nil},
		{"\t{ \"a\" :\r\n1 , \"b\" : [ 1 , 2 ] } ", nil},
		{`null`, nil},
		{`true`, nil},
		{`false`, nil},
		{`0`, nil},
		{`-0`, nil},
		{`-0.0e+00`, nil},
		{`10.5E-3`, nil},
		{`"\"\\\/\b\f\n\r\t\u0041\ud83d\udd11"`, nil},
		{`{"a":{"a":1},"A":1,"aa":1}`, nil},
		{`"` + "\u007f\u0080\U0010ffff" + `"`, nil},
		{deep(maxDepth), nil},
		{members(maxMembers), nil},

		{``, errSyntax},
		{`  `, errSyntax},
		{`{`, errSyntax},
		{`}`, errSyntax},
		{`[1,]`, errSyntax},
		{`[,1]`, errSyntax},
		{`[1 2]`, errSyntax},
		{`[1`, errSyntax},
		{`{"a"}`, errSyntax},
		{`{"a":}`, errSyntax},
		{`{"a":1,}`, errType},
		{`{,"a":1}`, errType},
		{`{a:1}`, errType},
		{`{1:1}`, errType},
		{`{"a":1 "b":1}`, errSyntax},
		{`{"a" 1}`, errSyntax},
		{`nul`, errSyntax},
		{`nulll`, errSyntax},
		{`True`, errSyntax},
		{`trux`, errSyntax},
		{`01`, errSyntax},
		{`-`, errSyntax},
		{`+1`, errSyntax},
		{`.5`, errSyntax},
		{`1.`, errSyntax},
		{`1e`, errSyntax},
		{`1e+`, errSyntax},
		{`0x1`, errSyntax},
		{`NaN`, errSyntax},
		{`1 1`, errSyntax},
		{`'a'`, errSyntax},
		{`"a`, errSyntax},
		{`"a\`, errSyntax},
		{`"a\"`, errSyntax},
		{`"\x"`, errSyntax},
		{`"\u12"`, errSyntax},
		{`"\u12g4"`, errSyntax},
		{"\"a\nb\"", errSyntax},
		{"\"\\n\x01\"", errSyntax},
		{"\"\x00\"", errSyntax},
		{"\x00", errSyntax},
		{"{}\x00", errSyntax},
		{"\uFEFF{}", errSyntax},
		{"// a\n{}", errSyntax},
		{"\"\xff\"", errUTF8},
		{"\"\xed\xa0\x80\"", errUTF8},
		{"{}\xff", errUTF8},
		{`"\ud800"`, errUTF8},
		{`"\udc00"`, errUTF8},
		{`"\ud800\ud800"`, errUTF8},
		{`"\ud800x"`, errUTF8},
		{`"\udd11\ud83d"`, errUTF8},
		{`{"a":1,"a":1}`, errDuplicate},
		{`{"a":1,"\u0061":1}`, errDuplicate},
		{`[{"x":{"a":1,"b":2,"a":3}}]`, errDuplicate},
		{members(20)[:len(members(20))-1] + `,"3":0}`, errDuplicate},
		{members(20)[:len(members(20))-1] + `,"15":0}`, errDuplicate},
		{deep(maxDepth + 1), errTooDeep},
		{strings.Repeat(`{"a":`, maxDepth+1), errTooDeep},
		{members(maxMembers + 1), errMembers},
	} {
		if got := skipAll(tt.text); !errors.Is(got, tt.want) {
			t.Errorf("%.60q: got %v, want %v", tt.text, got, tt.want)
		}
		if valid := json.Valid([]byte(tt.text)); tt.want == nil && !valid || errors.Is(tt.want, errSyntax) && valid {
			t.Errorf("%.60q: encoding/json finds it valid: %t", tt.text, valid)
		}
	}
}

func TestReadSeconds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		`0`: 0, `1`: 1, "\t1700000000\n": 1700000000, `253402300799`: maxSeconds,
		`253402300800`: -1, `9223372036854775808`: -1, `99999999999999999999999`: -1, `-1`: -1, `-0`: -1, `1.0`: -1, `1e3`: -1, `01`: -1,
		`"1"`: -1, `null`: -1, `[1]`: -1, `true`: -1, ``: -1,
	} {
		r := newJSONReader(text)
		got := r.seconds()
		if err := r.end(); err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestDecodeBase64(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "QQ": true, "QUI": true, "QUJD": true, "-_-_": true,
		"Q": false, "QR": false, "QUJ": false, "QQ==": false, "QQ\n": false, "\rQQ": false, "QQ\n\n\n": false, "+/+/": false, "QQ QQ": false, "QQ.": false, "Ä": false,
	} {
		if data, got := decodeBase64(text); got != want || got && base64.RawURLEncoding.EncodeToString(data) != text {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

// FuzzJSONReader compares the reader with encoding/json: whatever it accepts
// is valid there, and whatever encoding/json writes is accepted, up to the
// bounds on depth and number.
func FuzzJSONReader(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5e-3,{"b":null}],"c":"\ud83d\udd11","d":true}`, `"\ud800"`, `{"a":1,"\u0061":2}`, `[[[[[[]]]]]]`, "\"\xff\"", `-0.0e+0`, ` null `, `{}x`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := skipAll(text)
		var v any
		oracle := json.Unmarshal([]byte(text), &v)
		if err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("accepted, but encoding/json says %v", oracle)
		}
		if err == nil && !utf8.ValidString(text) {
			t.Fatal("accepted, but not UTF-8")
		}
		if oracle != nil {
			return
		}
		written, werr := json.Marshal(v)
		if werr != nil {
			t.Fatal(werr)
		}
		if err := skipAll(string(written)); err != nil && !errors.Is(err, errTooDeep) && !errors.Is(err, errMembers) {
			t.Fatalf("refused what encoding/json wrote: %v\n%s", err, written)
		}
	})
}

// FuzzReadClaims compares the claims with what encoding/json makes of the
// same text.
func FuzzReadClaims(f *testing.F) {
	f.Add(`{"sub":"s","iss":"i","client_id":"c","token_use":"access","exp":1,"iat":1,"scope":"a b","cognito:groups":["x","y"]}`, false)
	f.Add(`{"sub":"s","iss":"i","aud":"c","token_use":"id","exp":1,"iat":1,"email_verified":true,"cognito:username":"\u00e9"}`, true)
	f.Add(`{"sub":"s","iss":"i","aud":["c","d"],"token_use":"id","exp":253402300799,"iat":0,"nbf":7,"auth_time":8,"email_verified":"true"}`, true)
	f.Add(`{"token_use":"id"}`, false)
	f.Add(`{"sub":"a","sub":"b"}`, false)
	f.Fuzz(func(t *testing.T, payload string, id bool) {
		use := useAccess
		if id {
			use = useID
		}
		c, err := readClaims(payload, use)
		if err != nil {
			if c != nil {
				t.Fatal("claims came with an error")
			}
			return
		}
		var all map[string]any
		if err := json.Unmarshal([]byte(payload), &all); err != nil {
			if !json.Valid([]byte(payload)) {
				t.Fatalf("accepted, but encoding/json says %v", err)
			}
			return // a number that no Go type holds
		}
		text := func(name string) string { s, _ := all[name].(string); return s }
		number := func(name string) int64 { n, _ := all[name].(float64); return int64(n) }
		list := func(name string) []string {
			if s, ok := all[name].(string); ok {
				return []string{s}
			}
			var out []string
			items, _ := all[name].([]any)
			for _, item := range items {
				out = append(out, item.(string))
			}
			return out
		}
		flag := func(name string) bool { return all[name] == true || all[name] == "true" }
		type pair struct{ got, want any }
		pairs := map[string]pair{
			"iss": {c.issuer, text("iss")}, "sub": {c.subject, text("sub")}, "token_use": {c.use, text("token_use")},
			"jti": {c.jwtID, text("jti")}, "origin_jti": {c.originJTI, text("origin_jti")}, "event_id": {c.eventID, text("event_id")},
			"exp": {c.expires, number("exp")}, "iat": {c.issued, number("iat")}, "nbf": {c.notBefore, number("nbf")}, "auth_time": {c.authTime, number("auth_time")},
		}
		if !slices.Equal(c.groups, list("cognito:groups")) || !slices.Equal(c.audience, list("aud")) {
			t.Errorf("groups or audience differ")
		}
		if id {
			pairs["username"] = pair{c.username, text("cognito:username")}
			pairs["email"] = pair{c.email, text("email")}
			pairs["email_verified"] = pair{c.emailVerified, flag("email_verified")}
			pairs["phone_number"] = pair{c.phone, text("phone_number")}
			pairs["phone_number_verified"] = pair{c.phoneVerified, flag("phone_number_verified")}
			pairs["nonce"] = pair{c.nonce, text("nonce")}
			pairs["preferred_role"] = pair{c.preferredRole, text("cognito:preferred_role")}
			if !slices.Equal(c.roles, list("cognito:roles")) {
				t.Errorf("roles differ")
			}
		} else {
			pairs["username"] = pair{c.username, text("username")}
			pairs["client_id"] = pair{c.clientID, text("client_id")}
			pairs["scope"] = pair{c.scope, text("scope")}
			pairs["device_key"] = pair{c.deviceKey, text("device_key")}
		}
		for name, p := range pairs {
			if p.got != p.want {
				t.Errorf("%s: got %v, encoding/json has %v", name, p.got, p.want)
			}
		}
	})
}

// FuzzReadHeader compares the header with what encoding/json makes of it.
func FuzzReadHeader(f *testing.F) {
	f.Add(`{"alg":"RS256","kid":"k"}`)
	f.Add(`{"alg":"none"}`)
	f.Add(`{"typ":"JWT","alg":"RS256","kid":"a\/b","crit":["exp"],"jwk":{"kty":"RSA"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := readHeader(text)
		if err != nil {
			if h != (header{}) {
				t.Fatal("a header came with an error")
			}
			return
		}
		var all map[string]any
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			if !json.Valid([]byte(text)) {
				t.Fatalf("accepted, but encoding/json says %v", err)
			}
			return // a number that no Go type holds
		}
		_, critical := all["crit"]
		alg, _ := all["alg"].(string)
		kid, _ := all["kid"].(string)
		if want := (header{alg, kid, critical}); h != want {
			t.Errorf("got %v, encoding/json has %v", h, want)
		}
	})
}
