package authtest

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// goldenEvents is the file of the events that the pool sends to Lambda
// functions, by trigger source; those of later versions of PreTokenGeneration
// have the version after it. They have the members, values and nulls of the
// events that the service documents and that others published.
const goldenEvents = "testdata/trigger-events.json"

func readGoldenEvents(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	b, err := os.ReadFile(goldenEvents)
	if err != nil {
		t.Fatal(err)
	}
	var events map[string]json.RawMessage
	if err := json.Unmarshal(b, &events); err != nil {
		t.Fatal(err)
	}
	return events
}

// TestTriggerEventJSON makes the pool send every event that it has, and
// compares the first of each source with the golden file.
func TestTriggerEventJSON(t *testing.T) {
	t.Parallel()
	const sub = "5c5d8d8c-a4ae-4bfc-b4a9-aa6d0cb44e0d"
	got := make(map[string]any)
	// take notes what a pool has sent, with ana's sub and codes made alike.
	take := func(p *Pool, tr *trace) {
		u, _ := p.User("ana")
		for _, event := range tr.take() {
			source := event["triggerSource"].(string)
			if version := event["version"].(string); version != "1" {
				source += " " + version
			}
			if request := event["request"].(map[string]any); request["code"] != nil {
				request["code"] = "123456"
			}
			text := jsonText(event)
			if u.Sub != "" {
				text = strings.ReplaceAll(text, u.Sub, sub)
			}
			if _, seen := got[source]; !seen {
				got[source] = decodeJSON(t, text)
			}
		}
	}
	named := m{"ClientId": "client1", "Username": "ana"}
	contacts := map[string][]string{"email": {"ana@example.com", "ana@example.org"}, "phone_number": {"+15555550123", "+15555550124"}}
	for _, send := range []string{"", "email", "phone_number"} {
		contact := send
		if send == "" {
			contact = "email"
		}
		value, other := contacts[contact][0], contacts[contact][1]
		var code string
		var triggers Triggers
		if send != "" {
			sender := func(e *CustomSenderEvent) error { code = e.Request.Code; return nil }
			triggers = Triggers{CustomEmailSender: sender, CustomSMSSender: sender}
		}
		last := func(p *Pool) string {
			if send != "" {
				return code
			}
			return p.Code("ana")
		}

		// With an alias, metadata and validation data.
		p, tr := tracedPool(t, Config{AliasAttributes: []string{contact}, AutoVerifiedAttributes: []string{contact}, Triggers: triggers})
		body := withMetadata(signUpWith("ana", m{"Name": contact, "Value": value}, m{"Name": "name", "Value": "Ana"}), "app")
		body["ValidationData"] = []m{{"Name": "from", "Value": "form"}}
		ok(t, p, "SignUp", body)
		ok(t, p, "ResendConfirmationCode", named)
		ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": last(p)})
		ok(t, p, "ForgotPassword", named)
		ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": last(p), "Password": testPassword})
		a := ok(t, p, "InitiateAuth", withMetadata(withPassword("ana", testPassword), "app"))
		ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", result(t, a, "RefreshToken")))
		access := result(t, a, "AccessToken")
		ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": contact})
		ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": contact, "Value": other}}})
		take(p, tr)

		// Without them, by an administrator, and with a second factor.
		medium, factor := MediumEmail, "EMAIL_OTP"
		if contact == "phone_number" {
			medium, factor = MediumSMS, "SMS_MFA"
		}
		p, tr = tracedPool(t, Config{MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactor(factor)}, Triggers: triggers})
		admin(t, p, "AdminCreateUser", `"Username":"ana","DesiredDeliveryMediums":["`+string(medium)+`"],
			"UserAttributes":[{"Name":"`+contact+`","Value":"`+value+`"},{"Name":"`+contact+`_verified","Value":"true"}]}`)
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", last(p))), "NEW_PASSWORD_REQUIRED")
		a = ok(t, p, "RespondToAuthChallenge", respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "ana", "NEW_PASSWORD": testPassword}))
		ok(t, p, "RespondToAuthChallenge", respond(factor, wantChallenge(t, a, factor),
			m{"USERNAME": "ana", "EMAIL_OTP_CODE": last(p), "SMS_MFA_CODE": last(p)}))
		take(p, tr)
	}

	ana := User{Name: "ana", Password: testPassword, Email: "ana@example.com", Sub: sub}
	p, tr := tracedPool(t, Config{Triggers: riddle()})
	p.AddUser(ana)
	for _, answer := range []string{"no", "yes"} {
		tr.take()
		a := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": m{"USERNAME": "ana"}})
		take(p, tr)
		post(t, p, "RespondToAuthChallenge", withMetadata(
			respond("CUSTOM_CHALLENGE", a.str("Session"), m{"USERNAME": "ana", "ANSWER": answer}), "app"))
		events := tr.take()
		if answer == "no" {
			got["DefineAuthChallenge_Authentication, again"] = events[1]
			tr.events = events[:1]
		}
		take(p, tr)
	}

	p, tr = tracedPool(t, Config{Devices: &DeviceTracking{}})
	p.AddUser(ana)
	signInByDevice(t, p)
	take(p, tr)

	p, tr = tracedPool(t, Config{Triggers: found(nil)})
	ok(t, p, "InitiateAuth", withMetadata(withPassword("ana", testPassword), "app"))
	take(p, tr)
	p, tr = tracedPool(t, Config{Triggers: found(nil)})
	ok(t, p, "ForgotPassword", withMetadata(named, "app"))
	take(p, tr)

	for _, version := range []string{"2", "3"} {
		p, tr = tracedPool(t, Config{Triggers: Triggers{PreTokenGenerationV2: func(*PreTokenGenerationV2Event) error { return nil }}})
		p.cfg.Triggers.PreTokenGenerationV2 = asVersion(version, p.cfg.Triggers.PreTokenGenerationV2)
		p.AddUser(ana)
		ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
		take(p, tr)
	}

	for _, cfg := range []Config{{}, {Triggers: Triggers{PreTokenGenerationV2: func(*PreTokenGenerationV2Event) error { return nil }}}} {
		cfg.PoolID, cfg.Clients = "eu-west-1_AbC123def", []AppClient{machine()}
		p, tr = hostedTrace(t, cfg)
		p.AddUser(ana)
		visit(t, p).login("ana", testPassword)
		visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "1", "claim.email", "ana@example.com")
		machineToken(t, p)
		take(p, tr)
	}

	want := make(map[string]any)
	for source, event := range readGoldenEvents(t) {
		want[source] = decodeJSON(t, string(event))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// newEvent returns an empty event of the type that a source has.
func newEvent(source string) any {
	name, _, _ := strings.Cut(source, "_")
	switch {
	case strings.HasPrefix(source, "TokenGeneration") && strings.ContainsAny(source, "23"):
		return new(PreTokenGenerationV2Event)
	case name == "TokenGeneration":
		return new(PreTokenGenerationEvent)
	case name == "CustomEmailSender", name == "CustomSMSSender":
		return new(CustomSenderEvent)
	}
	return map[string]any{
		"PreSignUp": new(PreSignUpEvent), "PostConfirmation": new(PostConfirmationEvent),
		"PreAuthentication": new(PreAuthenticationEvent), "PostAuthentication": new(PostAuthenticationEvent),
		"UserMigration": new(UserMigrationEvent), "CustomMessage": new(CustomMessageEvent),
		"DefineAuthChallenge": new(DefineAuthChallengeEvent), "CreateAuthChallenge": new(CreateAuthChallengeEvent),
		"VerifyAuthChallengeResponse": new(VerifyAuthChallengeEvent),
	}[name]
}

// TestTriggerEventsRoundTrip reads every event, and writes it as it was.
func TestTriggerEventsRoundTrip(t *testing.T) {
	t.Parallel()
	for source, text := range readGoldenEvents(t) {
		event := newEvent(source)
		if err := json.Unmarshal(text, event); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if diff := cmp.Diff(decodeJSON(t, string(text)), decodeJSON(t, jsonText(event))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// TestTriggerResponsesRoundTrip reads answers with every member of the
// response.
func TestTriggerResponsesRoundTrip(t *testing.T) {
	t.Parallel()
	golden := readGoldenEvents(t)
	for source, response := range map[string]string{
		"PreSignUp_SignUp":                           `{"autoConfirmUser":true,"autoVerifyEmail":true,"autoVerifyPhone":true}`,
		"PostConfirmation_ConfirmSignUp":             `{}`,
		"PreAuthentication_Authentication":           `{}`,
		"PostAuthentication_Authentication":          `{}`,
		"DefineAuthChallenge_Authentication":         `{"challengeName":"CUSTOM_CHALLENGE","issueTokens":true,"failAuthentication":true}`,
		"CreateAuthChallenge_Authentication":         `{"publicChallengeParameters":{"a":"b"},"privateChallengeParameters":{"c":"d"},"challengeMetadata":"e"}`,
		"VerifyAuthChallengeResponse_Authentication": `{"answerCorrect":true}`,
		"UserMigration_Authentication": `{"userAttributes":{"email":"a@example.com"},"finalUserStatus":"CONFIRMED","messageAction":"SUPPRESS",
			"desiredDeliveryMediums":["EMAIL"],"forceAliasCreation":true,"enableSMSMFA":true}`,
		"CustomMessage_SignUp": `{"smsMessage":"a","emailMessage":"b","emailSubject":"c"}`,
		"TokenGeneration_Authentication": `{"claimsOverrideDetails":{"claimsToAddOrOverride":{"a":"b"},"claimsToSuppress":["c"],
			"groupOverrideDetails":{"groupsToOverride":["d"],"iamRolesToOverride":["e"],"preferredRole":"f"}}}`,
		"TokenGeneration_Authentication 2": `{"claimsAndScopeOverrideDetails":{
			"idTokenGeneration":{"claimsToAddOrOverride":{"a":{"b":1}},"claimsToSuppress":["c"]},
			"accessTokenGeneration":{"claimsToAddOrOverride":{"a":[1,"x"]},"claimsToSuppress":["c"],"scopesToAdd":["d"],"scopesToSuppress":["e"]},
			"groupOverrideDetails":{"groupsToOverride":["d"],"iamRolesToOverride":["e"],"preferredRole":"f"}}}`,
	} {
		want := decodeJSON(t, string(golden[source]))
		want["response"] = decodeJSON(t, response)
		event := newEvent(source)
		if err := json.Unmarshal([]byte(jsonText(want)), event); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if diff := cmp.Diff(want, decodeJSON(t, jsonText(event))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// Groups that are null or empty take the user's away; groups that are not
// there leave them.
func TestGroupOverrideJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*GroupConfiguration{
		`{}`:                            nil,
		`{"groupOverrideDetails":null}`: {},
		`{"groupOverrideDetails":{}}`:   {},
		`{"groupOverrideDetails":{"groupsToOverride":["a"],"preferredRole":null}}`: {GroupsToOverride: []string{"a"}},
	} {
		var v1 ClaimsOverrideDetails
		var v2 ClaimsAndScopeOverrideDetails
		if err := json.Unmarshal([]byte(text), &v1); err != nil {
			t.Error(err)
		}
		if err := json.Unmarshal([]byte(text), &v2); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]*GroupConfiguration{want, want}, []*GroupConfiguration{v1.GroupOverrideDetails, v2.GroupOverrideDetails}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
