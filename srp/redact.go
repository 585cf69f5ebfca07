package srp

import (
	"fmt"
	"io"
	"log/slog"
)

// Types that hold or allow to find a secret print as their name alone, under
// every fmt verb and in slog. The methods are on values, which covers pointers.

// hide wraps secrets so that not even printing a struct with a Client or a
// Server in an unexported field shows them: there fmt calls no methods, and some
// verbs make it follow pointers, but nothing makes it look into a closure.
func hide[T any](secrets *T) func() *T { return func() *T { return secrets } }

func redact(f fmt.State, name string) { io.WriteString(f, "srp."+name+"{…}") }

func redacted(name string) slog.Value { return slog.StringValue("srp." + name + "{…}") }

// Format implements [fmt.Formatter].
func (Client) Format(f fmt.State, _ rune) { redact(f, "Client") }

// LogValue implements [slog.LogValuer].
func (Client) LogValue() slog.Value { return redacted("Client") }

// Format implements [fmt.Formatter].
func (Server) Format(f fmt.State, _ rune) { redact(f, "Server") }

// LogValue implements [slog.LogValuer].
func (Server) LogValue() slog.Value { return redacted("Server") }

// Format implements [fmt.Formatter].
func (Challenge) Format(f fmt.State, _ rune) { redact(f, "Challenge") }

// LogValue implements [slog.LogValuer].
func (Challenge) LogValue() slog.Value { return redacted("Challenge") }

// Format implements [fmt.Formatter].
func (Proof) Format(f fmt.State, _ rune) { redact(f, "Proof") }

// LogValue implements [slog.LogValuer].
func (Proof) LogValue() slog.Value { return redacted("Proof") }

// Format implements [fmt.Formatter].
func (Verifier) Format(f fmt.State, _ rune) { redact(f, "Verifier") }

// LogValue implements [slog.LogValuer].
func (Verifier) LogValue() slog.Value { return redacted("Verifier") }
