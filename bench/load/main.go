// Load puts many people into a pool of authtest, makes many requests of it in
// the same process, and shows what memory that takes on the way:
//
//	go run ./bench/load -help
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run prints a table with a row for the empty pool, one for the pool with its
// people, and one for each step of requests.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	people := flags.Int("users", 10_000, "people in the pool")
	requests := flags.Int("requests", 100_000, "requests in all")
	steps := flags.Int("steps", 10, "rows of the table that share the requests")
	clients := flags.Int("clients", runtime.GOMAXPROCS(0), "clients that make requests at the same time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *people < 1 || *requests < 0 || *steps < 1 || *clients < 1 || flags.NArg() > 0 {
		return errors.New("load: -users, -steps and -clients have to be positive, and there are no other arguments")
	}

	start := time.Now()
	pool, err := authtest.New(authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserPassword, authtest.AllowUserSRP, authtest.AllowRefreshToken},
	})
	if err != nil {
		return err
	}
	defer pool.Close() //nolint:contextcheck // it has no use for one
	fmt.Fprintf(stdout, "| %7s | %8s | %8s | %9s | %9s | %9s |\n", "users", "requests", "sign-ins", "heap", "of system", "took")
	fmt.Fprintln(stdout, "| ------: | -------: | -------: | --------: | --------: | --------: |")
	show := func(l *load, since time.Time) {
		var done, signIns int
		if l != nil {
			done, signIns = int(l.requests.Load()), int(l.signIns.Load())
		}
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		users := *people
		if l == nil {
			users = 0
		}
		fmt.Fprintf(stdout, "| %7d | %8d | %8d | %6.1f MB | %6.1f MB | %9s |\n",
			users, done, signIns, megabytes(stats.HeapAlloc), megabytes(stats.Sys), time.Since(since).Round(time.Millisecond/10))
	}
	show(nil, start)

	began := time.Now()
	l := newLoad(pool, *people)
	show(l, began)
	for step := range *steps {
		began := time.Now()
		if err := l.run(ctx, *clients, (*requests+step)/(*steps)); err != nil {
			return err
		}
		show(l, began)
	}
	return nil
}

func megabytes(bytes uint64) float64 { return float64(bytes) / 1e6 }
