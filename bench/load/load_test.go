package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-users", "3", "-requests", "40", "-steps", "2", "-clients", "2"}, &stdout, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if want := 2 + 2 + 2; len(lines) != want {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), want, stdout.String())
	}
	if last := strings.Fields(strings.ReplaceAll(lines[len(lines)-1], "|", " ")); last[0] != "3" || last[1] < "40" || last[2] < "5" {
		t.Errorf("the last row is %q", last)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-users 0", "-steps 0", "-clients 0", "-requests -1", "more", "-frobnicate"} {
		if err := run(t.Context(), strings.Fields(args), &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is no mistake", args)
		}
	}
	if err := run(t.Context(), []string{"-help"}, &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-users", "1"}, &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
