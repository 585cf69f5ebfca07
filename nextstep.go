package auth

import (
	"encoding/json"
	"net/url"
	"strings"
)

// A SignInStep says what has to happen next in a sign-in. The values are
// Amplify's. A value this version does not list passes through unchanged; the
// empty string never occurs.
type SignInStep string

// The steps of a sign-in. The comment names what SignInNextStep carries with
// the step and what ConfirmSignIn takes as ChallengeResponse.
const (
	SignInStepConfirmWithSMSCode          SignInStep = "CONFIRM_SIGN_IN_WITH_SMS_CODE"                // CodeDeliveryDetails; the code
	SignInStepConfirmWithTOTPCode         SignInStep = "CONFIRM_SIGN_IN_WITH_TOTP_CODE"               // nothing; the code of the authenticator app
	SignInStepConfirmWithEmailCode        SignInStep = "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"              // CodeDeliveryDetails; the code
	SignInStepConfirmWithCustomChallenge  SignInStep = "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"        // AdditionalInfo; what the pool's triggers expect
	SignInStepConfirmWithNewPassword      SignInStep = "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"   // MissingAttributes; the new password, and UserAttributes
	SignInStepConfirmWithPassword         SignInStep = "CONFIRM_SIGN_IN_WITH_PASSWORD"                // nothing; the password
	SignInStepConfirmWithWebAuthn         SignInStep = "CONFIRM_SIGN_IN_WITH_WEB_AUTHN"               // WebAuthnOptions; the browser's credential as JSON, or the name of another factor. Not in Amplify, which asks the browser itself
	SignInStepConfirmWithUnknownChallenge SignInStep = "CONFIRM_SIGN_IN_WITH_UNKNOWN_CHALLENGE"       // ChallengeName and AdditionalInfo; ChallengeResponses. Not in Amplify
	SignInStepContinueWithMFASelection    SignInStep = "CONTINUE_SIGN_IN_WITH_MFA_SELECTION"          // AllowedMFATypes; one of them
	SignInStepContinueWithMFASetupChoice  SignInStep = "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION"    // AllowedMFATypes; one of them
	SignInStepContinueWithEmailSetup      SignInStep = "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP"            // nothing; the e-mail address
	SignInStepContinueWithTOTPSetup       SignInStep = "CONTINUE_SIGN_IN_WITH_TOTP_SETUP"             // TOTPSetupDetails; the first code of the authenticator app
	SignInStepContinueWithFirstFactor     SignInStep = "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION" // AvailableChallenges; one of them
	SignInStepConfirmSignUp               SignInStep = "CONFIRM_SIGN_UP"                              // nothing; call ConfirmSignUp, then SignIn again
	SignInStepResetPassword               SignInStep = "RESET_PASSWORD"                               // nothing; reset the password, then SignIn again
	SignInStepDone                        SignInStep = "DONE"                                         // signed in
)

// A SignInNextStep is the step that follows, with what the person or the page
// needs for it. Only the fields that the step's constant names are set.
type SignInNextStep struct {
	_ [0]func()

	Step                SignInStep           `json:"signInStep"`
	CodeDeliveryDetails *CodeDeliveryDetails `json:"codeDeliveryDetails,omitempty"`
	AllowedMFATypes     []MFAType            `json:"allowedMFATypes,omitzero"` // what to choose from
	TOTPSetupDetails    *TOTPSetupDetails    `json:"totpSetupDetails,omitempty"`
	MissingAttributes   []string             `json:"missingAttributes,omitzero"`   // required attributes without a value, as in "given_name"
	AvailableChallenges []string             `json:"availableChallenges,omitzero"` // first factors, by their challenges' names
	AdditionalInfo      map[string]string    `json:"additionalInfo,omitzero"`      // all parameters of the challenge
	ChallengeName       string               `json:"challengeName,omitempty"`      // as the service names it
	WebAuthnOptions     json.RawMessage      `json:"webAuthnOptions,omitzero"`     // PublicKeyCredentialRequestOptionsJSON (WebAuthn Level 3, section 5.1.10)
}

// An MFAType is a second factor, as Amplify names it.
type MFAType string

// The second factors.
const (
	MFATypeSMS   MFAType = "SMS"
	MFATypeTOTP  MFAType = "TOTP"
	MFATypeEmail MFAType = "EMAIL"

	// MFATypeWebAuthn is a passkey in place of a second factor, as the service
	// names it. Amplify has no name for it.
	MFATypeWebAuthn MFAType = "WEB_AUTHN_MFA"
)

// CodeDeliveryDetails says where a code was sent. Destination is masked by the
// service ("a***@e***", "+*******8884").
type CodeDeliveryDetails struct {
	_ [0]func()

	Destination    string `json:"destination,omitempty"`
	DeliveryMedium string `json:"deliveryMedium,omitempty"` // "EMAIL" or "SMS"
	AttributeName  string `json:"attributeName,omitempty"`  // "email" or "phone_number"; not set for sign-in codes
}

// TOTPSetupDetails is the secret of an authenticator app being set up
// (AssociateSoftwareToken). It is the person's: show it once, store it nowhere.
// It prints as a placeholder; JSON carries the secret because the page must
// show it.
type TOTPSetupDetails struct {
	_ [0]func()

	SharedSecret string `json:"sharedSecret"` // base32 without padding
}

// SetupURI returns the otpauth URI that authenticator apps read from a QR code.
// The label is "app:account" or, without an account, "app"; every part is
// percent-encoded, so names such as "My App & Co" survive the trip.
//
// The format is the Key Uri Format of Google Authenticator; Cognito's
// parameters are the defaults: SHA-1, 6 digits, 30 seconds (RFC 6238).
func (d TOTPSetupDetails) SetupURI(app, account string) string {
	label := escapeLabel(app)
	if account != "" {
		label += ":" + escapeLabel(account)
	}
	return "otpauth://totp/" + label + "?secret=" + escapeLabel(d.SharedSecret) + "&issuer=" + escapeLabel(app)
}

// escapeLabel percent-encodes everything outside RFC 3986's unreserved set.
// url.QueryEscape writes a space as "+", which authenticator apps show as such.
func escapeLabel(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// A SignUpStep says what has to happen next in a sign-up. The values are
// Amplify's.
type SignUpStep string

// The steps of a sign-up.
const (
	SignUpStepConfirmSignUp      SignUpStep = "CONFIRM_SIGN_UP"       // a code was sent: call ConfirmSignUp
	SignUpStepCompleteAutoSignIn SignUpStep = "COMPLETE_AUTO_SIGN_IN" // call AutoSignIn
	SignUpStepDone               SignUpStep = "DONE"                  // confirmed: call SignIn
)

// A SignUpNextStep is the step that follows in a sign-up.
type SignUpNextStep struct {
	_ [0]func()

	Step                SignUpStep           `json:"signUpStep"`
	CodeDeliveryDetails *CodeDeliveryDetails `json:"codeDeliveryDetails,omitempty"` // where the code was sent, if one was
	PasswordRequired    bool                 `json:"passwordRequired,omitempty"`    // with SignUpStepCompleteAutoSignIn: AutoSignIn needs the password again
}

// A ResetPasswordStep says what has to happen next to reset a password. The
// values are Amplify's.
type ResetPasswordStep string

// The steps of a password reset.
const (
	ResetPasswordStepConfirmWithCode ResetPasswordStep = "CONFIRM_RESET_PASSWORD_WITH_CODE" // a code was sent: call ConfirmResetPassword
	ResetPasswordStepDone            ResetPasswordStep = "DONE"                             // part of Amplify's vocabulary; the service never gets there without a code
)

// A ResetPasswordNextStep is the step that follows in a password reset.
type ResetPasswordNextStep struct {
	_ [0]func()

	Step                ResetPasswordStep    `json:"resetPasswordStep"`
	CodeDeliveryDetails *CodeDeliveryDetails `json:"codeDeliveryDetails,omitempty"` // where the code was sent
}

// An UpdateUserAttributeStep says what has to happen next to an attribute. The
// values are Amplify's.
type UpdateUserAttributeStep string

// The steps of a change of an attribute.
const (
	UpdateUserAttributeStepConfirmWithCode UpdateUserAttributeStep = "CONFIRM_ATTRIBUTE_WITH_CODE" // a code was sent: call ConfirmUserAttribute
	UpdateUserAttributeStepDone            UpdateUserAttributeStep = "DONE"                        // the attribute is changed
)

// An UpdateUserAttributeNextStep is the step that follows a change of an
// attribute.
type UpdateUserAttributeNextStep struct {
	_ [0]func()

	Step                UpdateUserAttributeStep `json:"updateAttributeStep"`
	CodeDeliveryDetails *CodeDeliveryDetails    `json:"codeDeliveryDetails,omitempty"` // where the code was sent
}
