// Bench measures the module beside its peers. What measures is in the
// directory peers, a module of its own, so that nobody else depends on them;
// this command is the way there from the root:
//
//	go run ./bench -help
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	// The interrupt key reaches the other processes too. They end by it, and
	// this one after them.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(context.WithoutCancel(ctx), os.Args[1:])
	stop()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(max(exit.ExitCode(), 1)) // it has said why
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs the program of the directory peers, there.
func run(ctx context.Context, args []string) error {
	list := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "github.com/cognitokit/auth/bench")
	list.Stderr = os.Stderr
	dir, err := list.Output()
	if err != nil {
		return err
	}
	peers := filepath.Join(string(bytes.TrimSpace(dir)), "peers")
	cmd := exec.CommandContext(ctx, "go", append([]string{"run", "-C", peers, "."}, args...)...) //nolint:gosec // the user's own arguments
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
