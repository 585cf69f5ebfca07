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
	attrs := []slog.Attr{slog.Bool("wasSignedIn", o.WasSignedIn), slog.Bool("revoked", o.Revoked)}
	if o.RevokeError != nil {
		attrs = append(attrs, slog.Any("revokeError", o.RevokeError))
	}
	return slog.GroupValue(attrs...)
}
