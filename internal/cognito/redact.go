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
