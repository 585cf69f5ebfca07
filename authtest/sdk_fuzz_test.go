package authtest

import (
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// FuzzSDKRequests takes random walks of what the AWS SDK can send. Requests use
// values that answers to others had, so the walks go far: they make pools and
// delete them, sign in, and answer challenges. Whatever is asked for, the SDK
// understands the answer, and it is no server error.
func FuzzSDKRequests(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		s, err := NewStandaloneServer(ServerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		w := newSDKWalk(t, s, seed)
		for range 60 {
			w.step()
		}
	})
}

// TestSDKRequestsConcurrentSafe takes several walks at the same time, over the
// same pools.
func TestSDKRequestsConcurrentSafe(t *testing.T) {
	t.Parallel()
	s, err := NewStandaloneServer(ServerConfig{Storage: &memoryStorage{}})
	if err != nil {
		t.Fatal(err)
	}
	first := newSDKWalk(t, s, 1)
	var wg sync.WaitGroup
	for i := range uint64(4) {
		w := *first
		w.random, w.seen = rand.New(rand.NewPCG(1, i)), maps.Clone(first.seen)
		wg.Go(func() {
			for range 400 {
				w.step()
			}
		})
	}
	wg.Wait()
}

// An sdkWalk is a random walk over the operations that are served.
type sdkWalk struct {
	t          *testing.T
	random     *rand.Rand
	client     reflect.Value
	operations []reflect.Method
	server     *Server
	seen       map[string][]string // values, by the names of members that have them
	done       []string
	density    float64 // how likely a request has a member
}

func newSDKWalk(t *testing.T, s *Server, seed uint64) *sdkWalk {
	p := s.NewPool(Config{
		ClientID: "client1", MFA: MFAOptional, Devices: &DeviceTracking{},
		ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser, AllowRefreshToken, AllowAdminUserPassword},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "bob", Password: testPassword, TOTP: true, Groups: []string{"admins"}})
	w := &sdkWalk{t: t, random: rand.New(rand.NewPCG(seed, seed)), client: reflect.ValueOf(sdk(s.Transport())), server: s}
	for m := range w.client.Type().Methods() {
		if _, ok := operations[m.Name]; ok {
			w.operations = append(w.operations, m)
		}
	}
	w.seen = map[string][]string{
		"UserPoolId": {p.PoolID()}, "ClientId": {p.ClientID()}, "Username": {"ana", "bob"}, "GroupName": {"admins"},
		"Password": {testPassword}, "AuthFlow": {"USER_PASSWORD_AUTH"}, "Name": {"email", "email_verified", "custom:tier"}, "ResourceArn": {p.arn()},
		"PreviousPassword": {testPassword}, "ProposedPassword": {testPassword + "2"}, "PhoneNumber": {"+15550100"},
	}
	access, _, refresh := signIn(t, p)
	w.seen["AccessToken"], w.seen["RefreshToken"], w.seen["Token"] = []string{access}, []string{refresh}, []string{refresh}
	return w
}

// step makes a request.
func (w *sdkWalk) step() {
	operation := w.operations[w.random.IntN(len(w.operations))]
	if strings.Contains(operation.Name, "Delete") && w.random.IntN(4) > 0 {
		return // or there would soon be nothing left
	}
	w.density = []float64{0.02, 0.2, 0.9}[w.random.IntN(3)]
	input := reflect.New(inputOf(operation))
	w.fill(input.Elem(), "", 0)
	w.done = append(w.done, operation.Name)
	out, err := w.call(operation, input)
	for range 3 {
		incomplete, ok := errors.AsType[smithy.InvalidParamsError](err)
		if !ok {
			break
		}
		w.complete(input.Elem(), incomplete.Error())
		out, err = w.call(operation, input)
	}
	if err == nil {
		w.learn(out, "")
		for _, message := range w.server.Messages(MessageFilter{}) {
			w.note("ConfirmationCode", message.Code)
			w.note("Code", message.Code)
		}
		return
	}
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok { // the SDK has not sent it
		return
	}
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || response.HTTPStatusCode() >= http.StatusInternalServerError {
		w.t.Errorf("after %v: %v", w.done, err)
	}
	if _, ok := errors.AsType[smithy.APIError](err); !ok {
		w.t.Errorf("after %v: %v", w.done, err)
	}
}

func (w *sdkWalk) call(operation reflect.Method, input reflect.Value) (out reflect.Value, err error) {
	results := operation.Func.Call([]reflect.Value{w.client, reflect.ValueOf(w.t.Context()), input})
	err, _ = reflect.TypeAssert[error](results[1])
	return results[0], err
}

// complete fills the members that are missing, according to the SDK.
func (w *sdkWalk) complete(input reflect.Value, missing string) {
	w.density = 1
	for field, member := range input.Fields() {
		if strings.Contains(missing, "Input."+field.Name) {
			w.fill(member, field.Name, 1)
		}
	}
}

// fill gives a member of a request some value, or none.
func (w *sdkWalk) fill(v reflect.Value, name string, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for field, member := range v.Fields() {
			if field.IsExported() {
				w.fill(member, field.Name, depth+1)
			}
		}
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*time.Time]() {
			return
		}
		if depth < 6 && w.random.Float64() < w.density {
			v.Set(reflect.New(v.Type().Elem()))
			w.fill(v.Elem(), name, depth)
		}
	case reflect.Slice:
		for range w.length() {
			item := reflect.New(v.Type().Elem()).Elem()
			w.fill(item, name, depth+1)
			v.Set(reflect.Append(v, item))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		var keys []string
		for range 2 * w.length() {
			keys = append(keys, w.word("", mapKeys))
		}
		if name == "AuthParameters" || name == "ChallengeResponses" {
			keys = append(keys, "USERNAME", "PASSWORD")
		}
		for _, key := range keys {
			value := reflect.New(v.Type().Elem()).Elem()
			w.fill(value, memberOf(key), depth+1)
			v.SetMapIndex(reflect.ValueOf(key), value)
		}
	case reflect.String:
		v.SetString(w.text(v, name))
	case reflect.Bool:
		v.SetBool(w.random.IntN(2) == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(w.random.IntN(70) - 2))
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[document.Interface]() {
			v.Set(reflect.ValueOf(document.NewLazyDocument(map[string]any{"id": w.word("", nil), "type": "public-key", "response": map[string]any{"clientDataJSON": "AA"}})))
		}
	}
}

// length makes up how many values a list has.
func (w *sdkWalk) length() int {
	if w.random.Float64() < w.density {
		return 1 + w.random.IntN(2)
	}
	return 0
}

// mapKeys are keys of maps in requests that mean something.
var mapKeys = []string{
	"USERNAME", "PASSWORD", "REFRESH_TOKEN", "SRP_A", "NEW_PASSWORD", "ANSWER", "SMS_MFA_CODE", "SOFTWARE_TOKEN_MFA_CODE", "EMAIL_OTP_CODE", "DEVICE_KEY",
	"PREFERRED_CHALLENGE", "SECRET_HASH", "userAttributes.email", "email", "client_id", "MetadataURL", "key",
}

// memberOf is the member that has values such as a key of a map wants.
func memberOf(key string) string {
	members := map[string]string{
		"USERNAME": "Username", "PASSWORD": "Password", "NEW_PASSWORD": "Password", "REFRESH_TOKEN": "RefreshToken", "DEVICE_KEY": "DeviceKey", "ANSWER": "ChallengeName",
	}
	if member := members[key]; member != "" {
		return member
	}
	return key
}

// text makes up the value of a string.
func (w *sdkWalk) text(v reflect.Value, name string) string {
	if values := v.MethodByName("Values"); values.IsValid() && w.random.IntN(20) > 0 {
		if w.random.Float64() > w.density {
			return "" // is not sent
		}
		if known := w.seen[name]; len(known) > 0 && w.random.IntN(2) == 0 {
			return known[w.random.IntN(len(known))]
		}
		enum := values.Call(nil)[0]
		return enum.Index(w.random.IntN(enum.Len())).String()
	}
	return w.word(name, w.seen[name])
}

// word is most often one of those known.
func (w *sdkWalk) word(name string, known []string) string {
	if len(known) > 0 && w.random.IntN(10) > 0 {
		return known[w.random.IntN(len(known))]
	}
	if w.random.IntN(2) == 0 { // what another member has
		if all := w.seen[slices.Sorted(maps.Keys(w.seen))[w.random.IntN(len(w.seen))]]; len(all) > 0 {
			return all[w.random.IntN(len(all))]
		}
	}
	words := []string{
		"", "x", "0", "-1", name, "ana@example.com", "+15550100", "true", "custom:" + name, "https://example.com/" + name, "arn:aws:lambda:eu-west-1:123456789012:function:f",
		"1.0.0", "A-1_b", "é́ 😀", "a.b.c", "{####}", "{username} {####}", "username ^= \"a\"", "openid", "code", "email",
	}
	return words[w.random.IntN(len(words))]
}

// learn takes the values in from an answer.
func (w *sdkWalk) learn(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.learn(v.Elem(), name)
		}
	case reflect.Struct:
		for field, member := range v.Fields() {
			if field.IsExported() && field.Name != "ResultMetadata" {
				w.learn(member, field.Name)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.learn(v.Index(i), name)
		}
	case reflect.String:
		if text := v.String(); text != "" {
			switch name {
			case "Id":
				name = "UserPoolId"
			case "Arn":
				name = "ResourceArn"
			}
			w.note(name, text)
		}
	}
}

// note remembers a value of a member.
func (w *sdkWalk) note(name, value string) {
	const most = 8
	if values := w.seen[name]; !slices.Contains(values, value) {
		w.seen[name] = append(values[max(0, len(values)+1-most):], value)
	}
}
