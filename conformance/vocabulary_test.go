package conformance

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"sync"

	"github.com/cognitokit/auth/srp"
)

// A kind is a sort of value that is different every time.
type kind struct {
	form *regexp.Regexp // that the service has been seen to give it
	same bool           // nothing is to be learned from whether two are equal
	make func() string  // for replays; nil for what only clients send
}

const uuidForm = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// kinds are the kinds of values, by the name they have in placeholders.
var kinds = sync.OnceValue(func() map[string]kind {
	form := func(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }
	uuids := kind{form: form(uuidForm), make: newUUID}
	random := func(encode func([]byte) string, n int) func() string {
		return func() string {
			b := make([]byte, n)
			rand.Read(b)
			b[0] &= 0x7f // a positive number, should it be one
			return encode(b)
		}
	}
	std, url := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	return map[string]kind{
		"access token": {form: form(`[\w-]+\.[\w-]+\.[\w-]+`)},
		"ID token":     {form: form(`[\w-]+\.[\w-]+\.[\w-]+`)},
		"refresh token": {form: form(`eyJjdHkiOiJKV1Qi[\w-]*\.[\w-]*\.[\w-]*\.[\w-]*\.[\w-]*`), make: func() string {
			return "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIn0." + rand.Text() + "." + rand.Text() + "." + rand.Text() + "." + rand.Text()
		}},
		"session":          {form: form(`[\w+/=.-]{20,}`), make: random(url, 90)},
		"id":               uuids,
		"jti":              uuids,
		"origin_jti":       uuids,
		"event_id":         uuids,
		"kid":              {form: form(`[A-Za-z0-9+/]+=*`), make: random(std, 32)},
		"salt":             {form: form(`[0-9a-f]{1,34}`), make: random(hex.EncodeToString, 16)},
		"SRP_A":            {form: form(`[0-9a-f]{1,768}`)},
		"SRP_B":            {form: form(`[0-9a-f]{700,770}`), make: newPublicValue},
		"secret block":     {form: form(`[A-Za-z0-9+/]+=*`), make: random(std, 96)},
		"TOTP secret":      {form: form(`[A-Z2-7]{16,}`), make: random(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString, 32)},
		"device key":       {form: form(`[a-z0-9-]+_` + uuidForm), make: func() string { return "eu-west-1_" + newUUID() }},
		"device group key": {form: form(`-\S+`), make: func() string { return "-" + rand.Text() }},
		"challenge":        {form: form(`[\w-]{22,}`), make: random(url, 32)},
		"credential id":    {form: form(`[\w-]+`), make: random(url, 20)},
		"request id":       {form: form(uuidForm), same: true, make: newUUID},
		"proof":            {form: form(`.*`), same: true},
		"timestamp":        {form: form(`.*`), same: true},
		"secret hash":      {form: form(`.*`), same: true},
		"credential":       {form: form(`.*`), same: true},
	}
})

// kindOf returns the kind of value that a member holds.
func kindOf(member string) (string, bool) {
	switch member {
	case "AccessToken", "accessToken":
		return "access token", true
	case "IdToken", "idToken":
		return "ID token", true
	case "RefreshToken", "REFRESH_TOKEN", "Token", "refreshToken":
		return "refresh token", true
	case "Session":
		return "session", true
	case "UserSub", "sub", "userSub", "userId", "USER_ID_FOR_SRP", "USERNAME", "Username", "username", "cognito:username":
		return "id", true
	case "jti", "origin_jti", "event_id", "kid", "SRP_A", "SRP_B", "challenge":
		return member, true
	case "SALT":
		return "salt", true
	case "SECRET_BLOCK", "PASSWORD_CLAIM_SECRET_BLOCK":
		return "secret block", true
	case "SecretCode", "sharedSecret":
		return "TOTP secret", true
	case "DeviceKey", "DEVICE_KEY", "device_key", "deviceKey":
		return "device key", true
	case "DeviceGroupKey", "deviceGroupKey":
		return "device group key", true
	case "CredentialId", "credentialId", "id":
		return "credential id", true
	case "PASSWORD_CLAIM_SIGNATURE", "PasswordVerifier", "Salt":
		return "proof", true
	case "TIMESTAMP":
		return "timestamp", true
	case "SECRET_HASH", "SecretHash":
		return "secret hash", true
	case "CREDENTIAL":
		return "credential", true
	case "X-Amzn-Requestid":
		return "request id", true
	}
	return "", false
}

// tokenKinds are the members that hold tokens which can be read.
var tokenKinds = map[string]string{
	"AccessToken": "access token", "IdToken": "ID token", "accessToken": "access token", "idToken": "ID token",
}

// embeddedJSON are the members that hold JSON in a string.
var embeddedJSON = map[string]bool{"userAttributes": true, "CREDENTIAL_REQUEST_OPTIONS": true}

// secrets are the members of requests that are hidden unless they are known.
var secrets = map[string]bool{
	"PASSWORD": true, "Password": true, "NEW_PASSWORD": true, "PreviousPassword": true, "ProposedPassword": true, "TemporaryPassword": true,
	"ClientSecret": true, "Code": true, "ConfirmationCode": true, "UserCode": true,
	"SMS_MFA_CODE": true, "SOFTWARE_TOKEN_MFA_CODE": true, "EMAIL_OTP_CODE": true, "SMS_OTP_CODE": true,
}

// publishedNumbers are the members whose numbers are kept.
var publishedNumbers = map[string]bool{"ExpiresIn": true, "alg": true, "timeout": true, "version": true}

// publishedTexts are the members that hold words and texts of the service.
// Names of people and of what belongs to them are none.
var publishedTexts = map[string]bool{
	"__type": true, "message": true, "reasonCode": true,
	"ChallengeName": true, "AvailableChallenges": true, "TokenType": true, "Status": true, "UserStatus": true, "AuthFlow": true,
	"MFAS_CAN_CHOOSE": true, "MFAS_CAN_SETUP": true, "requiredAttributes": true,
	"PreferredMfaSetting": true, "UserMFASettingList": true, "ConfiguredUserAuthFactors": true,
	"Destination": true, "DeliveryMedium": true, "AttributeName": true,
	"CODE_DELIVERY_DELIVERY_MEDIUM": true, "CODE_DELIVERY_DESTINATION": true,
	"device_status": true, "dev:device_remembered_status": true,
	"alg": true, "typ": true, "scope": true, "token_use": true,
	"type": true, "residentKey": true, "userVerification": true, "attestation": true, "transports": true,
	"FriendlyCredentialName": true, "AuthenticatorAttachment": true, "AuthenticatorTransports": true,

	// Headers.
	"Access-Control-Allow-Headers": true, "Access-Control-Allow-Methods": true, "Access-Control-Allow-Origin": true,
	"Access-Control-Expose-Headers": true, "Access-Control-Max-Age": true, "Content-Type": true, "Strict-Transport-Security": true,
	"X-Amzn-Errormessage": true, "X-Amzn-Errortype": true,

	// Outputs of package auth.
	"error": true, "signInStep": true, "signUpStep": true, "resetPasswordStep": true, "updateAttributeStep": true,
	"destination": true, "deliveryMedium": true, "attributeName": true, "allowedMFATypes": true, "missingAttributes": true,
	"challengeName": true, "availableChallenges": true, "enabled": true, "preferred": true,
}

// A leak is something that must not be in a text.
type leak struct {
	name string
	form *regexp.Regexp
}

// leaks are what texts are searched for after everything known was replaced.
var leaks = sync.OnceValue(func() []leak {
	return []leak{
		{"<arn>", regexp.MustCompile(`arn:aws[\w-]*:[^\s"',]+`)},
		{"<token>", regexp.MustCompile(`eyJ[\w-]{10,}(\.[\w-]*)*`)},
		{"<address>", regexp.MustCompile(`[\w.+%-]+@[\w-]+(\.[\w-]+)+`)},
		{"<uuid>", regexp.MustCompile(uuidForm)},
		{"<account>", regexp.MustCompile(`\b\d{12}\b`)},
		{"<phone>", regexp.MustCompile(`\+\d{7,15}\b`)},
		{"<ip>", regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`)},
		{"<string>", regexp.MustCompile(`[A-Za-z0-9+/=]{40,}`)},
	}
})

func newUUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newPublicValue returns a value that SRP clients take for SRP_B.
func newPublicValue() string {
	s, err := srp.NewServer(srp.NewVerifier("pool", "user", rand.Text()))
	if err != nil {
		panic(err)
	}
	return s.B()
}
