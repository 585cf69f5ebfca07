// Peers measures the module beside its peers, and beside the least
// that anybody could do, in shuffled rounds of one run, and prints the ratios
// as a table. See the README of the directory above, from where it is run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"time"
)

func main() {
	if os.Getenv(serveVariable) != "" {
		if err := serveCalls(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// errUsage is returned for arguments that were already complained about.
var errUsage = errors.New("usage")

// run measures what args ask for and prints it. Missing a goal is no error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		var names []string
		for _, g := range groups() {
			names = append(names, g.name)
		}
		fmt.Fprintf(stderr, "usage: go run ./bench [flags]\n\nMeasures, beside each other: %s.\n\n", strings.Join(names, ", "))
		flags.PrintDefaults()
	}
	var s suite
	flags.IntVar(&s.rounds, "rounds", 21, "how often everything is measured, in shuffled order")
	flags.DurationVar(&s.slice, "slice", 30*time.Millisecond, "how long, each time")
	flags.IntVar(&s.calls, "calls", 2000, "single calls in a block, for the tail")
	flags.IntVar(&s.blocks, "blocks", 5, "blocks of calls")
	flags.BoolVar(&s.cpu, "cpu", false, "take processor time for the clock, except where waiting or both processors\ncount (goroutines, calls): steadier while others keep the machine busy")
	only := flags.String("only", "", "measure only the groups that match this regular expression")
	asJSON := flags.Bool("json", false, "print JSON instead of a table")
	quick := flags.Bool("quick", false, "see that it works, in a few seconds; the figures mean little")
	seed := flags.Uint64("seed", 0, "draw the orders from this seed; 0 takes a new one")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	usage := func(problem string) error {
		fmt.Fprintln(stderr, problem)
		flags.Usage()
		return errUsage
	}
	pattern, err := regexp.Compile(*only)
	switch {
	case flags.NArg() > 0:
		return usage("no arguments are expected, only flags")
	case err != nil:
		return usage("-only: " + err.Error())
	case s.rounds < 1 || s.calls < 1 || s.blocks < 1 || s.slice <= 0:
		return usage("-rounds, -slice, -calls and -blocks have to be positive")
	}
	if *quick {
		s.rounds, s.slice, s.calls, s.blocks = 3, time.Millisecond, 20, 1
	}
	if *seed == 0 {
		*seed = rand.Uint64() //nolint:gosec // of orders, not of secrets
	}
	s.rand = rand.New(rand.NewPCG(*seed, *seed)) //nolint:gosec // of orders, not of secrets

	r := newReport(&s, *seed)
	for _, g := range groups() {
		if !pattern.MatchString(g.name) {
			continue
		}
		fmt.Fprintf(stderr, "measuring %s\n", g.name)
		rows, err := g.run(ctx, &s)
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		for i := range rows {
			rows[i].Group = g.name
		}
		r.Rows = append(r.Rows, rows...)
	}
	r.Notes = s.notes
	if len(r.Rows) == 0 && len(r.Notes) == 0 {
		return usage("-only matches nothing")
	}
	if *asJSON {
		return r.writeJSON(stdout)
	}
	return r.writeTable(stdout)
}
