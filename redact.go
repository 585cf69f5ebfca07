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
