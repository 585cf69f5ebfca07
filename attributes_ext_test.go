package auth_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// attributes returns what the service has.
func attributes(t testing.TB, s *auth.Session) map[string]string {
	t.Helper()
	out, err := auth.FetchUserAttributes(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func updateAttributes(t testing.TB, s *auth.Session, values map[string]string) *auth.UpdateUserAttributesOutput {
	t.Helper()
	out, err := auth.UpdateUserAttributes(t.Context(), s, auth.UpdateUserAttributesInput{UserAttributes: values})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func deleteAttributes(t testing.TB, s *auth.Session, names ...string) *auth.DeleteUserAttributesOutput {
	t.Helper()
	out, err := auth.DeleteUserAttributes(t.Context(), s, auth.DeleteUserAttributesInput{UserAttributeKeys: names})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sendCode asks for a code that proves a contact.
func sendCode(t testing.TB, s *auth.Session, attribute string) *auth.SendUserAttributeVerificationCodeOutput {
	t.Helper()
	out, err := auth.SendUserAttributeVerificationCode(t.Context(), s, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: attribute})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func confirmAttribute(t testing.TB, s *auth.Session, attribute, code string) error {
	t.Helper()
	out, err := auth.ConfirmUserAttribute(t.Context(), s, auth.ConfirmUserAttributeInput{UserAttributeKey: attribute, ConfirmationCode: code})
	if (out == nil) != (err != nil) || out != nil && !out.ClaimsStale {
		t.Errorf("got %+v besides %v", out, err)
	}
	return err
}

// changed is what becomes of an attribute that is changed at once.
var changed = auth.UpdateUserAttributeOutput{IsUpdated: true, NextStep: auth.UpdateUserAttributeNextStep{Step: auth.UpdateUserAttributeStepDone}}

// asked is what becomes of one that has to be confirmed.
func asked(destination, medium, attribute string) auth.UpdateUserAttributeOutput {
	return auth.UpdateUserAttributeOutput{NextStep: auth.UpdateUserAttributeNextStep{
		Step:                auth.UpdateUserAttributeStepConfirmWithCode,
		CodeDeliveryDetails: &auth.CodeDeliveryDetails{Destination: destination, DeliveryMedium: medium, AttributeName: attribute},
	}}
}

// Attributes are read as they are now, as far as the app client may read them.
// Values are text, and the JSON is Amplify's.
func TestFetchUserAttributes(t *testing.T) {
	t.Parallel()
	person := authtest.User{
		Name: "ana", Sub: anaSub, Password: thePassword, Email: "ana@example.com", Phone: thePhone,
		Attributes: map[string]string{"name": "Ana", "custom:plan": "free", "phone_number_verified": "false"},
	}
	tests := []struct {
		name string
		read []string
		want string
	}{
		{
			"all", nil, `{"sub":"` + anaSub + `","email":"ana@example.com","email_verified":"true","phone_number":"` + thePhone +
				`","phone_number_verified":"false","name":"Ana","custom:plan":"free"}`,
		},
		{"some", []string{"custom:plan", "email_verified"}, `{"sub":"` + anaSub + `","email_verified":"true","custom:plan":"free"}`},
	}
	for _, tt := range tests {
		pool := newPool(t, authtest.Config{CustomAttributes: []string{"plan"}, ReadAttributes: tt.read})
		pool.AddUser(person)
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		out, err := auth.FetchUserAttributes(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		wantJSON(t, out, tt.want)

		asAdmin(t, pool, "AdminUpdateUserAttributes", object{"Username": "ana", "UserAttributes": []object{{"Name": "custom:plan", "Value": "pro"}}})
		if got := attributes(t, s)["custom:plan"]; got != "pro" {
			t.Errorf("%s: the plan after it was changed elsewhere: got %q", tt.name, got)
		}
	}
	wantJSON(t, auth.FetchUserAttributesOutput{}, `{}`)
	wantJSON(t, auth.UpdateUserAttributesOutput{}, `{}`)
}

// Behavior 88: of several attributes, the one that the service sends a code for
// has to be confirmed, and the others are done.
//
// In a pool that does not keep the original value, the new address holds at once
// and is not verified.
func TestUpdateUserAttributes(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{CustomAttributes: []string{"plan"}, AutoVerifiedAttributes: []string{"email", "phone_number"}})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	in := map[string]string{"name": "Ana", "custom:plan": "pro", "email": "ana@new.example", "phone_number": "+12065558884"}
	out := updateAttributes(t, s, in)
	want := &auth.UpdateUserAttributesOutput{
		Attributes: map[string]auth.UpdateUserAttributeOutput{
			"name": changed, "custom:plan": changed,
			"email": asked("a***@n***", "EMAIL", "email"), "phone_number": asked("+*******8884", "SMS", "phone_number"),
		},
		ClaimsStale: true,
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	wantJSON(t, out, `{
		"name": {"isUpdated":true,"nextStep":{"updateAttributeStep":"DONE"}},
		"custom:plan": {"isUpdated":true,"nextStep":{"updateAttributeStep":"DONE"}},
		"email": {"isUpdated":false,"nextStep":{"updateAttributeStep":"CONFIRM_ATTRIBUTE_WITH_CODE",
			"codeDeliveryDetails":{"destination":"a***@n***","deliveryMedium":"EMAIL","attributeName":"email"}}},
		"phone_number": {"isUpdated":false,"nextStep":{"updateAttributeStep":"CONFIRM_ATTRIBUTE_WITH_CODE",
			"codeDeliveryDetails":{"destination":"+*******8884","deliveryMedium":"SMS","attributeName":"phone_number"}}}
	}`)
	want2 := map[string]string{
		"sub": fetch(t, s).UserSub, "name": "Ana", "custom:plan": "pro",
		"email": "ana@new.example", "email_verified": "false", "phone_number": "+12065558884", "phone_number_verified": "false",
	}
	if diff := cmp.Diff(want2, attributes(t, s)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	inbox := pool.Inbox("ana")
	for i, attribute := range []string{"email", "phone_number"} {
		m := inbox[len(inbox)-2+i]
		if m.Attribute != attribute { // the pool sends in whatever order they came
			m = inbox[len(inbox)-1-i]
		}
		if err := confirmAttribute(t, s, attribute, m.Code); err != nil {
			t.Errorf("%s: %v", attribute, err)
		}
		if attributes(t, s)[attribute+"_verified"] != "true" {
			t.Errorf("%s is not verified", attribute)
		}
	}
}

// What the service says about attributes that nobody asked about is left out,
// and attributes that it says nothing about are done.
func TestUpdateUserAttributesOfDeliveries(t *testing.T) {
	t.Parallel()
	delivery := object{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***@e***"}
	tests := []struct {
		name   string
		answer object
		want   map[string]auth.UpdateUserAttributeOutput
	}{
		{"none", object{}, map[string]auth.UpdateUserAttributeOutput{"email": changed, "name": changed}},
		{
			"another's", object{"CodeDeliveryDetailsList": []any{object{"AttributeName": "phone_number"}, delivery}},
			map[string]auth.UpdateUserAttributeOutput{"email": asked("a***@e***", "EMAIL", "email"), "name": changed},
		},
		{
			"nameless", object{"CodeDeliveryDetailsList": []any{object{"DeliveryMedium": "EMAIL"}}},
			map[string]auth.UpdateUserAttributeOutput{"email": changed, "name": changed},
		},
	}
	for _, tt := range tests {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s, w := recorded(t, pool)
		signIn(t, s, "ana")
		w.answer = func(string, object) (object, bool) { return tt.answer, true }
		out := updateAttributes(t, s, map[string]string{"email": "ana@new.example", "name": "Ana"})
		if diff := cmp.Diff(tt.want, out.Attributes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// An attribute is removed by an empty value or by its name.
func TestRemoveUserAttributes(t *testing.T) {
	t.Parallel()
	for _, byName := range []bool{false, true} {
		pool := newPool(t, authtest.Config{})
		pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Phone: thePhone, Attributes: map[string]string{"name": "Ana"}})
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		if byName {
			if out := deleteAttributes(t, s, "phone_number", "name", "name"); !out.ClaimsStale {
				t.Error("the claims are not said to be stale")
			}
		} else {
			out := updateAttributes(t, s, map[string]string{"phone_number": "", "name": ""})
			want := &auth.UpdateUserAttributesOutput{
				Attributes: map[string]auth.UpdateUserAttributeOutput{"phone_number": changed, "name": changed}, ClaimsStale: true,
			}
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		}
		got := attributes(t, s)
		for _, name := range []string{"phone_number", "name"} {
			if value, exists := got[name]; exists {
				t.Errorf("by name: %t: %s is still there: %q", byName, name, value)
			}
		}
		if got["email"] != "ana@example.com" || got["email_verified"] != "true" {
			t.Errorf("the address has changed: %v", got)
		}
		if n := len(pool.Inbox("ana")); n != 0 {
			t.Errorf("%d messages were sent", n)
		}
	}
}

// A change is refused as a whole, with a code that says what was wrong with it.
func TestUserAttributesThatAreRefused(t *testing.T) {
	t.Parallel()
	const (
		update = 1 << iota
		remove
	)
	tests := []struct {
		name       string
		config     authtest.Config
		attributes map[string]string
		by         int
		want       auth.ErrorCode
	}{
		{"unknown", authtest.Config{}, map[string]string{"custom:none": "x"}, update | remove, auth.ErrInvalidAttribute},
		{"sub", authtest.Config{}, map[string]string{"sub": "x"}, update | remove, auth.ErrAttributeImmutable},
		{"verified flag", authtest.Config{}, map[string]string{"email_verified": "true"}, update | remove, auth.ErrAttributeImmutable},
		{"address", authtest.Config{}, map[string]string{"email": "nowhere"}, update, auth.ErrInvalidAttribute},
		{"number", authtest.Config{}, map[string]string{"phone_number": "0800"}, update, auth.ErrInvalidAttribute},
		{"date", authtest.Config{}, map[string]string{"birthdate": "1 May"}, update, auth.ErrInvalidAttribute},
		{"not writable", authtest.Config{WriteAttributes: []string{"name"}}, map[string]string{"nickname": "A"}, update | remove, auth.ErrAttributeNotWritable},
		{"required", authtest.Config{RequiredAttributes: []string{"email"}}, map[string]string{"email": ""}, update | remove, auth.ErrAttributeRequired},
		{"another's", authtest.Config{UsernameAttributes: []string{"email"}}, map[string]string{"email": "ben@example.com"}, update, auth.ErrAliasExists},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, tt.config)
			name := "ana"
			if tt.config.UsernameAttributes != nil {
				name = "ana@example.com"
				pool.AddUser(authtest.User{Email: "ben@example.com", Password: thePassword})
			}
			pool.AddUser(authtest.User{Name: name, Email: "ana@example.com", Password: thePassword})
			s := newSession(t, pool, "1")
			signIn(t, s, name)
			before := attributes(t, s)
			names := []string{"name"}
			values := map[string]string{"name": "Ana"}
			for key, value := range tt.attributes {
				names, values[key] = append(names, key), value
			}
			if tt.by&update != 0 {
				out, err := auth.UpdateUserAttributes(t.Context(), s, auth.UpdateUserAttributesInput{UserAttributes: values})
				wantCode(t, err, tt.want)
				if out != nil {
					t.Errorf("got %v besides the error", out)
				}
			}
			if tt.by&remove != 0 {
				_, err := auth.DeleteUserAttributes(t.Context(), s, auth.DeleteUserAttributesInput{UserAttributeKeys: names})
				wantCode(t, err, tt.want)
			}
			if diff := cmp.Diff(before, attributes(t, s)); diff != "" {
				t.Errorf("attributes (-before +after):\n%s", diff)
			}
			if n := len(pool.Inbox(name)); n != 0 {
				t.Errorf("%d messages were sent", n)
			}
		})
	}
}

// ClaimsStale says whether a refresh would change what the tokens show, and
// leans towards yes. The refresh cures it.
func TestClaimsStale(t *testing.T) {
	t.Parallel()
	update := func(values map[string]string) func(testing.TB, *auth.Session) bool {
		return func(t testing.TB, s *auth.Session) bool {
			t.Helper()
			return updateAttributes(t, s, values).ClaimsStale
		}
	}
	remove := func(names ...string) func(testing.TB, *auth.Session) bool {
		return func(t testing.TB, s *auth.Session) bool {
			t.Helper()
			return deleteAttributes(t, s, names...).ClaimsStale
		}
	}
	tests := []struct {
		name   string
		act    func(testing.TB, *auth.Session) bool
		want   bool
		noID   bool
		typed  bool // the tokens do not show it as text, so that nothing can cure it
		played bool // the pool would refuse it
	}{
		{name: "a new value", act: update(map[string]string{"name": "Ana B."}), want: true},
		{name: "a first value", act: update(map[string]string{"nickname": "A"}), want: true},
		{name: "one of two", act: update(map[string]string{"name": "Ana", "nickname": "A"}), want: true},
		{name: "a new address", act: update(map[string]string{"email": "ana@new.example"}), want: true},
		{name: "the same values", act: update(map[string]string{"name": "Ana", "email": "ana@example.com", "custom:plan": "free"})},
		{name: "an empty value", act: update(map[string]string{"name": ""}), want: true},
		{name: "an empty value for none", act: update(map[string]string{"nickname": ""})},
		{name: "removed", act: remove("name"), want: true},
		{name: "removed, and another that was not there", act: remove("nickname", "name"), want: true},
		{name: "removed without having been there", act: remove("nickname")},
		{name: "no ID token", act: update(map[string]string{"name": "Ana"}), want: true, noID: true},
		{name: "removed, no ID token", act: remove("nickname"), want: true, noID: true},
		{name: "a removed object", act: remove("address"), want: true},
		{name: "an object", act: update(map[string]string{"address": "1 Main St"}), want: true, typed: true},
		{name: "a boolean", act: update(map[string]string{"email_verified": "true"}), want: true, typed: true, played: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool, store := newPool(t, authtest.Config{CustomAttributes: []string{"plan"}}), newFaultyStore()
			pool.AddUser(authtest.User{
				Name: "ana", Password: thePassword, Email: "ana@example.com", Attributes: map[string]string{"name": "Ana", "custom:plan": "free", "address": "1 Main St"},
			})
			s, w := recorded(t, pool, store.on())
			signIn(t, s, "ana")
			if tt.noID {
				key, b := store.bundle(t)
				b.IDToken = ""
				store.putBundle(t, key, b)
			}
			if tt.played {
				w.answer = func(op string, _ object) (object, bool) { return object{}, op == "UpdateUserAttributes" }
			}
			if got := tt.act(t, s); got != tt.want {
				t.Errorf("stale: got %t, want %t", got, tt.want)
			}
			if refreshes(pool) != 0 {
				t.Error("the tokens were refreshed")
			}
			fetchForced(t, s)
			if again := tt.act(t, s); again != tt.typed {
				t.Errorf("stale after a refresh: got %t, want %t", again, tt.typed)
			}
		})
	}
}

// Tokens that were refreshed on the way are the ones that count.
func TestClaimsStaleAfterARefreshOnTheWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		asAdmin(t, pool, "AdminUpdateUserAttributes", object{"Username": "ana", "UserAttributes": []object{{"Name": "name", "Value": "Ana"}}})
		if !updateAttributes(t, s, map[string]string{"name": "Ana"}).ClaimsStale {
			t.Error("tokens from before the change are not said to be stale")
		}
		refuse(pool, "UpdateUserAttributes", refusals[0], 1)
		if updateAttributes(t, s, map[string]string{"name": "Ana"}).ClaimsStale {
			t.Error("tokens that were refreshed on the way are said to be stale")
		}
		time.Sleep(2 * time.Hour)
		if updateAttributes(t, s, map[string]string{"name": "Ana"}).ClaimsStale {
			t.Error("tokens that were refreshed because of their age are said to be stale")
		}
	})
}

// A code can be asked for at any time. Its JSON is Amplify's.
func TestSendUserAttributeVerificationCode(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Phone: thePhone, Email: "ana@example.com", Attributes: map[string]string{"phone_number_verified": "false"}})
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	wantJSON(t, sendCode(t, s, "phone_number"), `{"destination":"+*******0184","deliveryMedium":"SMS","attributeName":"phone_number"}`)
	code := pool.Code("ana")
	wantCode(t, confirmAttribute(t, s, "phone_number", wrongCode(code)), auth.ErrCodeMismatch)
	wantCode(t, confirmAttribute(t, s, "email", code), auth.ErrExpiredCode) // was never sent
	if err := confirmAttribute(t, s, "phone_number", code); err != nil {
		t.Fatal(err)
	}
	if fetch(t, s).Tokens.IDClaims.PhoneNumberVerified() {
		t.Error("the tokens know already")
	}
	if !fetchForced(t, s).Tokens.IDClaims.PhoneNumberVerified() || attributes(t, s)["phone_number_verified"] != "true" {
		t.Error("the number is not verified")
	}
	wantCode(t, confirmAttribute(t, s, "phone_number", code), auth.ErrExpiredCode)

	// Also where the contact is verified already, and not where there is none.
	wantJSON(t, sendCode(t, s, "email"), `{"destination":"a***@e***","deliveryMedium":"EMAIL","attributeName":"email"}`)
	deleteAttributes(t, s, "phone_number")
	_, err := auth.SendUserAttributeVerificationCode(t.Context(), s, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "phone_number"})
	wantCode(t, err, auth.ErrInvalidParameter)
}

// An answer without a delivery is a success that says nothing.
func TestSendUserAttributeVerificationCodeWithoutDelivery(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, w := recorded(t, pool)
	signIn(t, s, "ana")
	w.answer = func(string, object) (object, bool) { return object{}, true }
	wantJSON(t, sendCode(t, s, "email"), `{}`)
}

// Codes for contacts are valid for a day.
func TestUserAttributeCodeExpires(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]auth.ErrorCode{24*time.Hour - 1: "", 24 * time.Hour: auth.ErrExpiredCode} {
		bubble(t, age.String(), func(t *testing.T) {
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s := newSession(t, pool, "1")
			signIn(t, s, "ana")
			sendCode(t, s, "email")
			time.Sleep(age)
			err := confirmAttribute(t, s, "email", pool.Code("ana"))
			if want == "" && err != nil {
				t.Fatal(err)
			} else if want != "" {
				wantCode(t, err, want)
			}
		})
	}
}

// Codes can be asked for five times an hour and tried fifteen times.
func TestUserAttributeCodeLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		for range 5 {
			sendCode(t, s, "email")
		}
		_, err := auth.SendUserAttributeVerificationCode(t.Context(), s, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "email"})
		wantCode(t, err, auth.ErrLimitExceeded)
		code := pool.Code("ana")
		for range 15 {
			wantCode(t, confirmAttribute(t, s, "email", wrongCode(code)), auth.ErrCodeMismatch)
		}
		wantCode(t, confirmAttribute(t, s, "email", code), auth.ErrLimitExceeded)
		if n := len(operations(pool, "VerifyUserAttribute")); n != 16 {
			t.Errorf("%d requests: a limit was tried again", n)
		}
		time.Sleep(time.Hour - time.Minute) // before the tokens expire
		time.Sleep(time.Minute)
		if err := confirmAttribute(t, s, "email", code); err != nil {
			t.Error(err)
		}
		sendCode(t, s, "email")
	})
}

// An address that signs people in goes to whoever verified it last.
func TestConfirmUserAttributeTakesAnAliasOver(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{AliasAttributes: []string{"email"}})
	pool.AddUser(authtest.User{Name: "ben", Password: thePassword, Email: "shared@example.com"})
	sub := pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"})
	s := newSession(t, pool, "1")
	signIn(t, s, "ana@example.com")
	updateAttributes(t, s, map[string]string{"email": "shared@example.com"})
	if err := confirmAttribute(t, s, "email", pool.Code("ana")); err != nil {
		t.Fatal(err)
	}
	again := newSession(t, pool, "2")
	signIn(t, again, "shared@example.com")
	if got := fetch(t, again).UserSub; got != sub {
		t.Errorf("the address signs %q in, want ana", got)
	}
}

// The service's refusal to take the alias over has its code.
func TestConfirmUserAttributeAliasExists(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	pool.Inject(authtest.Fault{Operation: "VerifyUserAttribute", Code: wire.ExceptionAliasExists, Message: "An account with the email already exists."})
	wantCode(t, confirmAttribute(t, s, "email", "123456"), auth.ErrAliasExists)
}

// In a pool that keeps the original value, the old address holds, verified, until
// the code for the new one comes back. Until then no refresh shows the new one.
func TestUpdateUserAttributesThatWait(t *testing.T) {
	t.Parallel()
	for _, names := range []authtest.Config{{}, {AliasAttributes: []string{"email"}}, {UsernameAttributes: []string{"email"}}} {
		names.RequireVerificationBeforeUpdate = []string{"email"}
		pool := newPool(t, names)
		name := "ana"
		if names.UsernameAttributes != nil {
			name = "ana@example.com"
		}
		sub := pool.AddUser(authtest.User{Name: name, Password: thePassword, Email: "ana@example.com"})
		s := newSession(t, pool, "1")
		signIn(t, s, name)
		wants := func(email string) {
			t.Helper()
			got, claims := attributes(t, s), fetchForced(t, s).Tokens.IDClaims
			if got["email"] != email || got["email_verified"] != "true" || claims.Email() != email || !claims.EmailVerified() {
				t.Errorf("got %v and, in the tokens, %s, want %s verified", got, claims.Email(), email)
			}
			if names.AliasAttributes == nil && names.UsernameAttributes == nil {
				return
			}
			other := newSession(t, pool, "2")
			signIn(t, other, email)
			if fetch(t, other).UserSub != sub {
				t.Errorf("%s signs somebody else in", email)
			}
		}
		out := updateAttributes(t, s, map[string]string{"email": "ana@new.example", "name": "Ana"})
		want := &auth.UpdateUserAttributesOutput{
			Attributes:  map[string]auth.UpdateUserAttributeOutput{"email": asked("a***@n***", "EMAIL", "email"), "name": changed},
			ClaimsStale: true,
		}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("output (-want +got):\n%s", diff)
		}
		wants("ana@example.com")
		first := pool.Code(sub)
		wantJSON(t, sendCode(t, s, "email"), `{"destination":"a***@n***","deliveryMedium":"EMAIL","attributeName":"email"}`)
		second := pool.Code(sub)
		if first != second { // once in a million it is the same
			wantCode(t, confirmAttribute(t, s, "email", first), auth.ErrCodeMismatch)
		}
		wants("ana@example.com")
		if err := confirmAttribute(t, s, "email", second); err != nil {
			t.Fatal(err)
		}
		wants("ana@new.example")
	}
}
