package auth

import (
	"fmt"
	"io"
	"log/slog"
)

// Types that carry a password, a code or a secret print as their name alone,
// under every fmt verb and in slog.

func redact(f fmt.State, name string) { io.WriteString(f, "auth."+name+"{…}") }

func redacted(name string) slog.Value { return slog.StringValue("auth." + name + "{…}") }

// Format implements [fmt.Formatter].
func (SignUpInput) Format(f fmt.State, _ rune) { redact(f, "SignUpInput") }

// LogValue implements [slog.LogValuer].
func (SignUpInput) LogValue() slog.Value { return redacted("SignUpInput") }

// Format implements [fmt.Formatter].
func (ConfirmSignUpInput) Format(f fmt.State, _ rune) { redact(f, "ConfirmSignUpInput") }

// LogValue implements [slog.LogValuer].
func (ConfirmSignUpInput) LogValue() slog.Value { return redacted("ConfirmSignUpInput") }

// Format implements [fmt.Formatter].
func (ResendSignUpCodeInput) Format(f fmt.State, _ rune) { redact(f, "ResendSignUpCodeInput") }

// LogValue implements [slog.LogValuer].
func (ResendSignUpCodeInput) LogValue() slog.Value { return redacted("ResendSignUpCodeInput") }

// Format implements [fmt.Formatter].
func (SignInInput) Format(f fmt.State, _ rune) { redact(f, "SignInInput") }

// LogValue implements [slog.LogValuer].
func (SignInInput) LogValue() slog.Value { return redacted("SignInInput") }

// Format implements [fmt.Formatter].
func (ConfirmSignInInput) Format(f fmt.State, _ rune) { redact(f, "ConfirmSignInInput") }

// LogValue implements [slog.LogValuer].
func (ConfirmSignInInput) LogValue() slog.Value { return redacted("ConfirmSignInInput") }

// Format implements [fmt.Formatter].
func (ResendSignInCodeInput) Format(f fmt.State, _ rune) { redact(f, "ResendSignInCodeInput") }

// LogValue implements [slog.LogValuer].
func (ResendSignInCodeInput) LogValue() slog.Value { return redacted("ResendSignInCodeInput") }

// Format implements [fmt.Formatter].
func (AutoSignInInput) Format(f fmt.State, _ rune) { redact(f, "AutoSignInInput") }

// LogValue implements [slog.LogValuer].
func (AutoSignInInput) LogValue() slog.Value { return redacted("AutoSignInInput") }

// Format implements [fmt.Formatter].
func (TOTPSetupDetails) Format(f fmt.State, _ rune) { redact(f, "TOTPSetupDetails") }

// LogValue implements [slog.LogValuer].
func (TOTPSetupDetails) LogValue() slog.Value { return redacted("TOTPSetupDetails") }

// Format implements [fmt.Formatter].
func (AuthUser) Format(f fmt.State, _ rune) { redact(f, "AuthUser") }

// LogValue implements [slog.LogValuer].
func (AuthUser) LogValue() slog.Value { return redacted("AuthUser") }

// Format implements [fmt.Formatter].
func (SignInDetails) Format(f fmt.State, _ rune) { redact(f, "SignInDetails") }

// LogValue implements [slog.LogValuer].
func (SignInDetails) LogValue() slog.Value { return redacted("SignInDetails") }

// Format implements [fmt.Formatter].
func (ResetPasswordInput) Format(f fmt.State, _ rune) { redact(f, "ResetPasswordInput") }

// LogValue implements [slog.LogValuer].
func (ResetPasswordInput) LogValue() slog.Value { return redacted("ResetPasswordInput") }

// Format implements [fmt.Formatter].
func (ConfirmResetPasswordInput) Format(f fmt.State, _ rune) {
	redact(f, "ConfirmResetPasswordInput")
}

// LogValue implements [slog.LogValuer].
func (ConfirmResetPasswordInput) LogValue() slog.Value {
	return redacted("ConfirmResetPasswordInput")
}

// Format implements [fmt.Formatter].
func (UpdatePasswordInput) Format(f fmt.State, _ rune) { redact(f, "UpdatePasswordInput") }

// LogValue implements [slog.LogValuer].
func (UpdatePasswordInput) LogValue() slog.Value { return redacted("UpdatePasswordInput") }

// Format implements [fmt.Formatter].
func (FetchUserOutput) Format(f fmt.State, _ rune) { redact(f, "FetchUserOutput") }

// LogValue implements [slog.LogValuer].
func (FetchUserOutput) LogValue() slog.Value { return redacted("FetchUserOutput") }

// Format implements [fmt.Formatter].
func (FetchUserAttributesOutput) Format(f fmt.State, _ rune) {
	redact(f, "FetchUserAttributesOutput")
}

// LogValue implements [slog.LogValuer].
func (FetchUserAttributesOutput) LogValue() slog.Value {
	return redacted("FetchUserAttributesOutput")
}

// Format implements [fmt.Formatter].
func (UpdateUserAttributesInput) Format(f fmt.State, _ rune) {
	redact(f, "UpdateUserAttributesInput")
}

// LogValue implements [slog.LogValuer].
func (UpdateUserAttributesInput) LogValue() slog.Value {
	return redacted("UpdateUserAttributesInput")
}

// Format implements [fmt.Formatter].
func (UpdateUserAttributesOutput) Format(f fmt.State, _ rune) {
	redact(f, "UpdateUserAttributesOutput")
}

// LogValue implements [slog.LogValuer].
func (UpdateUserAttributesOutput) LogValue() slog.Value {
	return redacted("UpdateUserAttributesOutput")
}

// Format implements [fmt.Formatter].
func (DeleteUserAttributesInput) Format(f fmt.State, _ rune) {
	redact(f, "DeleteUserAttributesInput")
}

// LogValue implements [slog.LogValuer].
func (DeleteUserAttributesInput) LogValue() slog.Value {
	return redacted("DeleteUserAttributesInput")
}

// Format implements [fmt.Formatter].
func (SendUserAttributeVerificationCodeInput) Format(f fmt.State, _ rune) {
	redact(f, "SendUserAttributeVerificationCodeInput")
}

// LogValue implements [slog.LogValuer].
func (SendUserAttributeVerificationCodeInput) LogValue() slog.Value {
	return redacted("SendUserAttributeVerificationCodeInput")
}

// Format implements [fmt.Formatter].
func (ConfirmUserAttributeInput) Format(f fmt.State, _ rune) {
	redact(f, "ConfirmUserAttributeInput")
}

// LogValue implements [slog.LogValuer].
func (ConfirmUserAttributeInput) LogValue() slog.Value {
	return redacted("ConfirmUserAttributeInput")
}

// Format implements [fmt.Formatter].
func (SetUpTOTPOutput) Format(f fmt.State, _ rune) { redact(f, "SetUpTOTPOutput") }

// LogValue implements [slog.LogValuer].
func (SetUpTOTPOutput) LogValue() slog.Value { return redacted("SetUpTOTPOutput") }

// Format implements [fmt.Formatter].
func (VerifyTOTPSetupInput) Format(f fmt.State, _ rune) { redact(f, "VerifyTOTPSetupInput") }

// LogValue implements [slog.LogValuer].
func (VerifyTOTPSetupInput) LogValue() slog.Value { return redacted("VerifyTOTPSetupInput") }

// Format implements [fmt.Formatter].
func (Device) Format(f fmt.State, _ rune) { redact(f, "Device") }

// LogValue implements [slog.LogValuer].
func (Device) LogValue() slog.Value { return redacted("Device") }

// Format implements [fmt.Formatter].
func (FetchDevicesOutput) Format(f fmt.State, _ rune) { redact(f, "FetchDevicesOutput") }

// LogValue implements [slog.LogValuer].
func (FetchDevicesOutput) LogValue() slog.Value { return redacted("FetchDevicesOutput") }

// Format implements [fmt.Formatter].
func (FetchDeviceInput) Format(f fmt.State, _ rune) { redact(f, "FetchDeviceInput") }

// LogValue implements [slog.LogValuer].
func (FetchDeviceInput) LogValue() slog.Value { return redacted("FetchDeviceInput") }

// Format implements [fmt.Formatter].
func (FetchDeviceOutput) Format(f fmt.State, _ rune) { redact(f, "FetchDeviceOutput") }

// LogValue implements [slog.LogValuer].
func (FetchDeviceOutput) LogValue() slog.Value { return redacted("FetchDeviceOutput") }

// Format implements [fmt.Formatter].
func (RememberDeviceInput) Format(f fmt.State, _ rune) { redact(f, "RememberDeviceInput") }

// LogValue implements [slog.LogValuer].
func (RememberDeviceInput) LogValue() slog.Value { return redacted("RememberDeviceInput") }

// Format implements [fmt.Formatter].
func (ForgetDeviceInput) Format(f fmt.State, _ rune) { redact(f, "ForgetDeviceInput") }

// LogValue implements [slog.LogValuer].
func (ForgetDeviceInput) LogValue() slog.Value { return redacted("ForgetDeviceInput") }

// Format implements [fmt.Formatter].
func (CachedDeviceInput) Format(f fmt.State, _ rune) { redact(f, "CachedDeviceInput") }

// LogValue implements [slog.LogValuer].
func (CachedDeviceInput) LogValue() slog.Value { return redacted("CachedDeviceInput") }

// Format implements [fmt.Formatter].
func (DeviceCredentials) Format(f fmt.State, _ rune) { redact(f, "DeviceCredentials") }

// LogValue implements [slog.LogValuer].
func (DeviceCredentials) LogValue() slog.Value { return redacted("DeviceCredentials") }

// Format implements [fmt.Formatter].
func (BeginWebAuthnRegistrationOutput) Format(f fmt.State, _ rune) {
	redact(f, "BeginWebAuthnRegistrationOutput")
}

// LogValue implements [slog.LogValuer].
func (BeginWebAuthnRegistrationOutput) LogValue() slog.Value {
	return redacted("BeginWebAuthnRegistrationOutput")
}

// Format implements [fmt.Formatter].
func (FinishWebAuthnRegistrationInput) Format(f fmt.State, _ rune) {
	redact(f, "FinishWebAuthnRegistrationInput")
}

// LogValue implements [slog.LogValuer].
func (FinishWebAuthnRegistrationInput) LogValue() slog.Value {
	return redacted("FinishWebAuthnRegistrationInput")
}

// Format implements [fmt.Formatter].
func (FinishWebAuthnRegistrationOutput) Format(f fmt.State, _ rune) {
	redact(f, "FinishWebAuthnRegistrationOutput")
}

// LogValue implements [slog.LogValuer].
func (FinishWebAuthnRegistrationOutput) LogValue() slog.Value {
	return redacted("FinishWebAuthnRegistrationOutput")
}

// Format implements [fmt.Formatter].
func (WebAuthnCredential) Format(f fmt.State, _ rune) { redact(f, "WebAuthnCredential") }

// LogValue implements [slog.LogValuer].
func (WebAuthnCredential) LogValue() slog.Value { return redacted("WebAuthnCredential") }

// Format implements [fmt.Formatter].
func (ListWebAuthnCredentialsInput) Format(f fmt.State, _ rune) {
	redact(f, "ListWebAuthnCredentialsInput")
}

// LogValue implements [slog.LogValuer].
func (ListWebAuthnCredentialsInput) LogValue() slog.Value {
	return redacted("ListWebAuthnCredentialsInput")
}

// Format implements [fmt.Formatter].
func (ListWebAuthnCredentialsOutput) Format(f fmt.State, _ rune) {
	redact(f, "ListWebAuthnCredentialsOutput")
}

// LogValue implements [slog.LogValuer].
func (ListWebAuthnCredentialsOutput) LogValue() slog.Value {
	return redacted("ListWebAuthnCredentialsOutput")
}

// Format implements [fmt.Formatter].
func (DeleteWebAuthnCredentialInput) Format(f fmt.State, _ rune) {
	redact(f, "DeleteWebAuthnCredentialInput")
}

// LogValue implements [slog.LogValuer].
func (DeleteWebAuthnCredentialInput) LogValue() slog.Value {
	return redacted("DeleteWebAuthnCredentialInput")
}

// Format implements [fmt.Formatter].
func (ImportTokensInput) Format(f fmt.State, _ rune) { redact(f, "ImportTokensInput") }

// LogValue implements [slog.LogValuer].
func (ImportTokensInput) LogValue() slog.Value { return redacted("ImportTokensInput") }

// Types whose JSON is for the person's own page carry what a log must not: a
// JSON handler would write it.

// LogValue implements [slog.LogValuer]; it leaves out the tokens and their
// claims.
func (s AuthSession) LogValue() slog.Value {
	return slog.GroupValue(slog.String("userSub", s.UserSub), slog.Time("expiresAt", s.ExpiresAt))
}

// LogValue implements [slog.LogValuer].
func (AuthTokens) LogValue() slog.Value { return redacted("AuthTokens") }

// LogValue implements [slog.LogValuer]; of the next step it has the name.
func (o SignInOutput) LogValue() slog.Value {
	return slog.GroupValue(slog.Bool("isSignedIn", o.IsSignedIn), slog.Any("nextStep", o.NextStep))
}

// LogValue implements [slog.LogValuer]; it has the step's name.
func (s SignInNextStep) LogValue() slog.Value { return slog.StringValue(string(s.Step)) }

// LogValue implements [slog.LogValuer].
func (o SignOutOutput) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.Bool("wasSignedIn", o.WasSignedIn), slog.Bool("signedOutEverywhere", o.SignedOutEverywhere), slog.Bool("revoked", o.Revoked),
	}
	if o.GlobalError != nil {
		attrs = append(attrs, slog.Any("globalError", o.GlobalError))
	}
	if o.RevokeError != nil {
		attrs = append(attrs, slog.Any("revokeError", o.RevokeError))
	}
	return slog.GroupValue(attrs...)
}
