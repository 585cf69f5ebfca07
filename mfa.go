package auth

import (
	"context"
	"slices"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/internal/flow"
)

// SetUpTOTPOutput is the output of [SetUpTOTP]: the secret, and with SetupURI
// what goes into the QR code.
type SetUpTOTPOutput struct {
	_ [0]func()

	TOTPSetupDetails
}

// SetUpTOTP begins to set up an authenticator app for the person who is signed
// in (Cognito operation AssociateSoftwareToken). Show the secret, or a QR code of
// its SetupURI, and hand the first code to [VerifyTOTPSetup]. Each call makes a
// new secret; an app that was set up before stays in use until the new one is
// verified.
//
// Errors: those of [FetchAuthSession]; [ErrSoftwareTokenMFANotFound] where the
// pool has no authenticator apps, [ErrConcurrentModification],
// [ErrMissingScope], [ErrUnexpectedResponse] for an answer without a
// secret.
func SetUpTOTP(ctx context.Context, s *Session) (*SetUpTOTPOutput, error) {
	if err := begin(s, opSetUpTOTP); err != nil {
		return nil, err
	}
	issued, _, err := authorized(ctx, s, opSetUpTOTP, func(ctx context.Context, cur *signedIn) (cognito.AssociateSoftwareTokenOutput, error) {
		return s.client.api.AssociateSoftwareToken(ctx, cognito.AssociateSoftwareTokenInput{AccessToken: cur.bundle.AccessToken})
	})
	if err != nil {
		return nil, err
	}
	return &SetUpTOTPOutput{TOTPSetupDetails: TOTPSetupDetails{SharedSecret: issued.SecretCode}}, nil
}

// VerifyTOTPSetupInput is the input of [VerifyTOTPSetup].
type VerifyTOTPSetupInput struct {
	_ [0]func()

	Code               string // required: the six digits that the app shows
	FriendlyDeviceName string // the person's name for the app
}

// VerifyTOTPSetupOutput is the output of [VerifyTOTPSetup].
type VerifyTOTPSetupOutput struct {
	_ [0]func()
}

// VerifyTOTPSetup ends the set-up of an authenticator app with a code that it
// shows (Cognito operation VerifySoftwareToken). In a pool where second factors
// are optional, [UpdateMFAPreference] then has to enable it.
//
// Errors: [ErrInvalidInput] for anything but six digits, before any request;
// those of [FetchAuthSession]; [ErrEnableSoftwareTokenMFA] and
// [ErrCodeMismatch] for a wrong code (try the next one),
// [ErrSoftwareTokenMFANotFound] where no set-up has begun,
// [ErrInvalidUserPoolConfiguration], [ErrMissingScope],
// [ErrPasswordResetRequired], [ErrUserNotConfirmed], [ErrUserNotFound],
// [ErrTooManyRequests].
func VerifyTOTPSetup(ctx context.Context, s *Session, in VerifyTOTPSetupInput) (*VerifyTOTPSetupOutput, error) {
	if err := begin(s, opVerifyTOTP, totpField("Code", in.Code), textField("FriendlyDeviceName", in.FriendlyDeviceName)); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opVerifyTOTP, func(ctx context.Context, cur *signedIn) error {
		_, err := s.client.api.VerifySoftwareToken(ctx, cognito.VerifySoftwareTokenInput{
			AccessToken: cur.bundle.AccessToken, Code: in.Code, FriendlyDeviceName: in.FriendlyDeviceName,
		})
		return err
	}); err != nil {
		return nil, err
	}
	return &VerifyTOTPSetupOutput{}, nil
}

// An MFAPreference is what a person wants of one second factor, as Amplify names
// it. The empty preference leaves the factor as it is.
type MFAPreference string

// The preferences.
const (
	MFAPreferenceEnabled      MFAPreference = "ENABLED"       // can be asked for; stays preferred if it is
	MFAPreferenceDisabled     MFAPreference = "DISABLED"      // not asked for
	MFAPreferencePreferred    MFAPreference = "PREFERRED"     // enabled, and the one that sign-in asks for
	MFAPreferenceNotPreferred MFAPreference = "NOT_PREFERRED" // enabled, and not the one that sign-in asks for
)

// UpdateMFAPreferenceInput is the input of [UpdateMFAPreference]. At least one
// factor has to be given, and one at the most be preferred.
type UpdateMFAPreferenceInput struct {
	_ [0]func()

	SMS      MFAPreference // codes by SMS; needs a phone number
	TOTP     MFAPreference // an authenticator app; needs a set-up that was verified
	Email    MFAPreference // codes by e-mail; needs an address
	WebAuthn MFAPreference // passkeys in place of a second factor: enabled, together with another factor, or disabled. Not in Amplify
}

// UpdateMFAPreferenceOutput is the output of [UpdateMFAPreference].
type UpdateMFAPreferenceOutput struct {
	_ [0]func()
}

// UpdateMFAPreference enables, disables and prefers second factors of the person
// who is signed in (Cognito operation SetUserMFAPreference). With several
// enabled and none preferred, sign-in asks which
// ([SignInStepContinueWithMFASelection]). Without any, an optional pool asks for
// none; one that requires a second factor does not let the last go.
//
// The service takes enabling a factor for saying that it is not preferred
// (observed), so where that could lose a preference GetUser is asked first.
//
// Errors: [ErrInvalidInput] for preferences that contradict each other, before
// any request; those of [FetchAuthSession]; [ErrMFANotSetUp] for a factor that
// the person lacks something for, [ErrInvalidParameter] for preferences that the
// pool does not allow, [ErrMissingScope], [ErrPasswordResetRequired],
// [ErrUserNotConfirmed], [ErrUserNotFound].
func UpdateMFAPreference(ctx context.Context, s *Session, in UpdateMFAPreferenceInput) (*UpdateMFAPreferenceOutput, error) {
	if err := begin(s, opUpdateMFA, preferenceFields(in)...); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opUpdateMFA, func(ctx context.Context, cur *signedIn) error {
		in := in
		if in.couldLosePreference() { // asked of the same person
			user, err := s.client.api.GetUser(ctx, cur.bundle.AccessToken)
			if err != nil {
				return err
			}
			in.keep(mfaTypeOf(user.PreferredMFA))
		}
		return s.client.api.SetUserMFAPreference(ctx, cognito.MFAPreferenceInput{
			AccessToken: cur.bundle.AccessToken,
			SMS:         in.SMS.setting(), TOTP: in.TOTP.setting(), Email: in.Email.setting(), WebAuthn: in.WebAuthn.setting(),
		})
	}); err != nil {
		return nil, err
	}
	return &UpdateMFAPreferenceOutput{}, nil
}

// couldLosePreference reports whether a factor that may be the preferred one is
// enabled, and no other is to take its place.
func (in *UpdateMFAPreferenceInput) couldLosePreference() bool {
	factors := []MFAPreference{in.SMS, in.TOTP, in.Email}
	return slices.Contains(factors, MFAPreferenceEnabled) && !slices.Contains(factors, MFAPreferencePreferred)
}

// keep has the preferred factor stay so if it is among those to enable.
func (in *UpdateMFAPreferenceInput) keep(preferred MFAType) {
	for t, p := range map[MFAType]*MFAPreference{MFATypeSMS: &in.SMS, MFATypeTOTP: &in.TOTP, MFATypeEmail: &in.Email} {
		if t == preferred && *p == MFAPreferenceEnabled {
			*p = MFAPreferencePreferred
		}
	}
}

func (p MFAPreference) setting() *cognito.MFASetting {
	switch p {
	case MFAPreferenceEnabled:
		return &cognito.MFASetting{Enabled: true}
	case MFAPreferenceDisabled:
		return &cognito.MFASetting{}
	case MFAPreferencePreferred:
		return &cognito.MFASetting{Enabled: true, Preferred: new(true)}
	case MFAPreferenceNotPreferred:
		return &cognito.MFASetting{Enabled: true, Preferred: new(false)}
	}
	return nil
}

// preferenceFields checks each preference and what they are together.
func preferenceFields(in UpdateMFAPreferenceInput) []field {
	fields := []field{{name: "SMS"}, {name: "TOTP"}, {name: "Email"}, {name: "WebAuthn"}}
	preferred, given := "", false
	for i, p := range []MFAPreference{in.SMS, in.TOTP, in.Email, in.WebAuthn} {
		f := &fields[i]
		given = given || p != ""
		switch {
		case p != "" && p.setting() == nil:
			f.problem = "not a preference of this version"
		case f.name == "WebAuthn" && (p == MFAPreferencePreferred || p == MFAPreferenceNotPreferred):
			f.problem = "passkeys can be enabled or disabled, not preferred"
		case p == MFAPreferencePreferred && preferred != "":
			f.problem = "preferred beside " + preferred
		case p == MFAPreferencePreferred:
			preferred = f.name
		}
	}
	if !given {
		fields[0].problem = "required, unless another factor is given"
	}
	return fields
}

// FetchMFAPreferenceOutput is the output of [FetchMFAPreference]. Its JSON is
// Amplify's.
type FetchMFAPreferenceOutput struct {
	_ [0]func()

	Enabled   []MFAType `json:"enabled,omitzero"`    // second factors; a name this version does not know passes through as the service spells it
	Preferred MFAType   `json:"preferred,omitempty"` // the one that sign-in asks for, "" for none
}

// FetchMFAPreference returns the second factors of the person who is signed in
// (Cognito operation GetUser).
//
// Errors: those of [FetchUser].
func FetchMFAPreference(ctx context.Context, s *Session) (*FetchMFAPreferenceOutput, error) {
	user, err := s.getUser(ctx, opFetchMFA)
	if err != nil {
		return nil, err
	}
	return &FetchMFAPreferenceOutput{Enabled: mfaTypesOf(user.MFA), Preferred: mfaTypeOf(user.PreferredMFA)}, nil
}

// mfaTypeOf returns Amplify's name of a factor, or the service's where it has
// none.
func mfaTypeOf(name string) MFAType {
	if t := flow.MFAType(name); t != "" {
		return MFAType(t)
	}
	return MFAType(name)
}

func mfaTypesOf(names []string) []MFAType {
	var types []MFAType
	for _, name := range names {
		types = append(types, mfaTypeOf(name))
	}
	return types
}

// FetchAuthFactorsOutput is the output of [FetchAuthFactors].
type FetchAuthFactorsOutput struct {
	_ [0]func()

	// FirstFactors are what a sign-in with AuthFlowUser can begin with:
	// "PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN".
	FirstFactors []string `json:"firstFactors"`

	Enabled   []MFAType `json:"enabled,omitzero"`    // second factors, as in FetchMFAPreferenceOutput
	Preferred MFAType   `json:"preferred,omitempty"` // as in FetchMFAPreferenceOutput
}

// FetchAuthFactors returns what the person who is signed in can sign in with
// (Cognito operation GetUserAuthFactors). Amplify has no counterpart.
//
// Errors: those of [FetchUser].
func FetchAuthFactors(ctx context.Context, s *Session) (*FetchAuthFactorsOutput, error) {
	if err := begin(s, opFetchFactors); err != nil {
		return nil, err
	}
	factors, _, err := authorized(ctx, s, opFetchFactors, func(ctx context.Context, cur *signedIn) (cognito.AuthFactors, error) {
		return s.client.api.GetUserAuthFactors(ctx, cur.bundle.AccessToken)
	})
	if err != nil {
		return nil, err
	}
	return &FetchAuthFactorsOutput{
		FirstFactors: factors.First, Enabled: mfaTypesOf(factors.MFA), Preferred: mfaTypeOf(factors.PreferredMFA),
	}, nil
}
