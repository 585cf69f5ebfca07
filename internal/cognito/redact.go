package cognito

import (
	"fmt"
	"io"
	"log/slog"
)

// The types below hold passwords, codes, tokens, sessions, secrets or user
// names. They print as their name alone, whatever the verb, and log the same.

func hide(f fmt.State, name string) { _, _ = io.WriteString(f, "cognito."+name+"{…}") }

func hidden(name string) slog.Value { return slog.StringValue("cognito." + name + "{…}") }

// Format implements [fmt.Formatter]: the text of Error for every verb.
func (e ServiceError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// LogValue implements [slog.LogValuer].
func (e ServiceError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.String("code", e.Code)}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status), slog.String("request_id", e.RequestID))
	}
	return slog.GroupValue(attrs...)
}

// Format implements [fmt.Formatter] and tells nothing.
func (*Client) Format(f fmt.State, _ rune) { hide(f, "Client") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (*Client) LogValue() slog.Value { return hidden("Client") }

// Format implements [fmt.Formatter] and tells nothing.
func (Config) Format(f fmt.State, _ rune) { hide(f, "Config") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (Config) LogValue() slog.Value { return hidden("Config") }

// Format implements [fmt.Formatter] and tells nothing.
func (CallOptions) Format(f fmt.State, _ rune) { hide(f, "CallOptions") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (CallOptions) LogValue() slog.Value { return hidden("CallOptions") }

// Format implements [fmt.Formatter] and tells nothing.
func (UserContext) Format(f fmt.State, _ rune) { hide(f, "UserContext") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (UserContext) LogValue() slog.Value { return hidden("UserContext") }

// Format implements [fmt.Formatter] and tells nothing.
func (Delivery) Format(f fmt.State, _ rune) { hide(f, "Delivery") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (Delivery) LogValue() slog.Value { return hidden("Delivery") }

// Format implements [fmt.Formatter] and tells nothing.
func (SignUpInput) Format(f fmt.State, _ rune) { hide(f, "SignUpInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (SignUpInput) LogValue() slog.Value { return hidden("SignUpInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (SignUpOutput) Format(f fmt.State, _ rune) { hide(f, "SignUpOutput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (SignUpOutput) LogValue() slog.Value { return hidden("SignUpOutput") }

// Format implements [fmt.Formatter] and tells nothing.
func (ConfirmSignUpInput) Format(f fmt.State, _ rune) { hide(f, "ConfirmSignUpInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (ConfirmSignUpInput) LogValue() slog.Value { return hidden("ConfirmSignUpInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (ConfirmSignUpOutput) Format(f fmt.State, _ rune) { hide(f, "ConfirmSignUpOutput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (ConfirmSignUpOutput) LogValue() slog.Value { return hidden("ConfirmSignUpOutput") }

// Format implements [fmt.Formatter] and tells nothing.
func (ResendConfirmationCodeInput) Format(f fmt.State, _ rune) {
	hide(f, "ResendConfirmationCodeInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (ResendConfirmationCodeInput) LogValue() slog.Value {
	return hidden("ResendConfirmationCodeInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (AuthRequest) Format(f fmt.State, _ rune) { hide(f, "AuthRequest") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (AuthRequest) LogValue() slog.Value { return hidden("AuthRequest") }

// Format implements [fmt.Formatter] and tells nothing.
func (AuthResponse) Format(f fmt.State, _ rune) { hide(f, "AuthResponse") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (AuthResponse) LogValue() slog.Value { return hidden("AuthResponse") }

// Format implements [fmt.Formatter] and tells nothing.
func (AuthResult) Format(f fmt.State, _ rune) { hide(f, "AuthResult") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (AuthResult) LogValue() slog.Value { return hidden("AuthResult") }

// Format implements [fmt.Formatter] and tells nothing.
func (AssociateSoftwareTokenInput) Format(f fmt.State, _ rune) {
	hide(f, "AssociateSoftwareTokenInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (AssociateSoftwareTokenInput) LogValue() slog.Value {
	return hidden("AssociateSoftwareTokenInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (AssociateSoftwareTokenOutput) Format(f fmt.State, _ rune) {
	hide(f, "AssociateSoftwareTokenOutput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (AssociateSoftwareTokenOutput) LogValue() slog.Value {
	return hidden("AssociateSoftwareTokenOutput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (VerifySoftwareTokenInput) Format(f fmt.State, _ rune) { hide(f, "VerifySoftwareTokenInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (VerifySoftwareTokenInput) LogValue() slog.Value { return hidden("VerifySoftwareTokenInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (VerifySoftwareTokenOutput) Format(f fmt.State, _ rune) { hide(f, "VerifySoftwareTokenOutput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (VerifySoftwareTokenOutput) LogValue() slog.Value { return hidden("VerifySoftwareTokenOutput") }

// Format implements [fmt.Formatter] and tells nothing.
func (RefreshInput) Format(f fmt.State, _ rune) { hide(f, "RefreshInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (RefreshInput) LogValue() slog.Value { return hidden("RefreshInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (ConfirmDeviceInput) Format(f fmt.State, _ rune) { hide(f, "ConfirmDeviceInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (ConfirmDeviceInput) LogValue() slog.Value { return hidden("ConfirmDeviceInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (User) Format(f fmt.State, _ rune) { hide(f, "User") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (User) LogValue() slog.Value { return hidden("User") }

// Format implements [fmt.Formatter] and tells nothing.
func (ForgotPasswordInput) Format(f fmt.State, _ rune) { hide(f, "ForgotPasswordInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (ForgotPasswordInput) LogValue() slog.Value { return hidden("ForgotPasswordInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (ConfirmForgotPasswordInput) Format(f fmt.State, _ rune) {
	hide(f, "ConfirmForgotPasswordInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (ConfirmForgotPasswordInput) LogValue() slog.Value {
	return hidden("ConfirmForgotPasswordInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (ChangePasswordInput) Format(f fmt.State, _ rune) { hide(f, "ChangePasswordInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (ChangePasswordInput) LogValue() slog.Value { return hidden("ChangePasswordInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (UpdateUserAttributesInput) Format(f fmt.State, _ rune) {
	hide(f, "UpdateUserAttributesInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (UpdateUserAttributesInput) LogValue() slog.Value {
	return hidden("UpdateUserAttributesInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (DeleteUserAttributesInput) Format(f fmt.State, _ rune) {
	hide(f, "DeleteUserAttributesInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (DeleteUserAttributesInput) LogValue() slog.Value {
	return hidden("DeleteUserAttributesInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (AttributeCodeInput) Format(f fmt.State, _ rune) { hide(f, "AttributeCodeInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (AttributeCodeInput) LogValue() slog.Value { return hidden("AttributeCodeInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (VerifyUserAttributeInput) Format(f fmt.State, _ rune) { hide(f, "VerifyUserAttributeInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (VerifyUserAttributeInput) LogValue() slog.Value { return hidden("VerifyUserAttributeInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (MFAPreferenceInput) Format(f fmt.State, _ rune) { hide(f, "MFAPreferenceInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (MFAPreferenceInput) LogValue() slog.Value { return hidden("MFAPreferenceInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (UpdateDeviceStatusInput) Format(f fmt.State, _ rune) { hide(f, "UpdateDeviceStatusInput") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (UpdateDeviceStatusInput) LogValue() slog.Value { return hidden("UpdateDeviceStatusInput") }

// Format implements [fmt.Formatter] and tells nothing.
func (Device) Format(f fmt.State, _ rune) { hide(f, "Device") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (Device) LogValue() slog.Value { return hidden("Device") }

// Format implements [fmt.Formatter] and tells nothing.
func (CompleteWebAuthnRegistrationInput) Format(f fmt.State, _ rune) {
	hide(f, "CompleteWebAuthnRegistrationInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (CompleteWebAuthnRegistrationInput) LogValue() slog.Value {
	return hidden("CompleteWebAuthnRegistrationInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (ListWebAuthnCredentialsInput) Format(f fmt.State, _ rune) {
	hide(f, "ListWebAuthnCredentialsInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (ListWebAuthnCredentialsInput) LogValue() slog.Value {
	return hidden("ListWebAuthnCredentialsInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (DeleteWebAuthnCredentialInput) Format(f fmt.State, _ rune) {
	hide(f, "DeleteWebAuthnCredentialInput")
}

// LogValue implements [slog.LogValuer] and tells nothing.
func (DeleteWebAuthnCredentialInput) LogValue() slog.Value {
	return hidden("DeleteWebAuthnCredentialInput")
}

// Format implements [fmt.Formatter] and tells nothing.
func (WebAuthnCredential) Format(f fmt.State, _ rune) { hide(f, "WebAuthnCredential") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (WebAuthnCredential) LogValue() slog.Value { return hidden("WebAuthnCredential") }

// Format implements [fmt.Formatter] and tells nothing.
func (verbatim) Format(f fmt.State, _ rune) { hide(f, "verbatim") }

// LogValue implements [slog.LogValuer] and tells nothing.
func (verbatim) LogValue() slog.Value { return hidden("verbatim") }
