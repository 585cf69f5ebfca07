// Command cognito-sandbox is a local Amazon Cognito for development and tests:
// user pools that real clients believe, at one address, for every language.
//
//	go run ./cmd/cognito-sandbox
//
// serves them at http://127.0.0.1:9229, with a page at "/" that shows users and
// the codes that were sent to them, and a control API below "/_sandbox/". It
// prints what to put into the configuration of Amplify or of an AWS SDK.
//
// It is not for production: the keys that sign its tokens are published, every
// signature of an AWS request is good enough for it, and whoever reaches it can
// be everybody. So it listens on this machine only, unless it is told otherwise.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(exitCode(run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

// exitCode tells of an error, unless that was done.
func exitCode(err error, stderr io.Writer) int {
	switch _, reported := errors.AsType[reportedError](err); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case reported:
		return 2
	default:
		fmt.Fprintln(stderr, "cognito-sandbox:", err)
		return 1
	}
}

// run serves a sandbox until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	return o.serve(ctx, stdout, stderr)
}
