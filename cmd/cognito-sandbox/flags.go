package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
)

// options are what the command line says.
type options struct {
	addr   string
	hosts  []string
	data   string
	memory bool
	seed   string
	region string
	issuer string
	lambda string
	cert   string
	key    string
	level  slog.Level
}

const usage = `cognito-sandbox serves Amazon Cognito user pools for development and tests.
It is not for production.

`

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("cognito-sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:9229", "`address` to listen at; port 0 takes one that is free")
	flags.Func("host", "further `name` by which browsers may reach the page and the control API; can be repeated", o.addHost)
	flags.StringVar(&o.data, "data", ".cognito-sandbox", "`directory` of the state, which outlives the sandbox")
	flags.BoolVar(&o.memory, "memory", false, "keep the state in memory, and forget it at the end")
	flags.StringVar(&o.seed, "seed", "", "`file` with the pools and users that a sandbox without state begins with")
	flags.StringVar(&o.region, "region", "eu-west-1", "`region` of the pools")
	flags.StringVar(&o.issuer, "issuer", "", "`URL` that the issuers of new pools begin with; \"self\" for the sandbox's own, empty for the service's")
	flags.StringVar(&o.lambda, "lambda", "", "`URL` of Lambda's Invoke API, as in http://127.0.0.1:3001 for \"sam local start-lambda\", where the functions of LambdaConfig are")
	flags.StringVar(&o.cert, "cert", "", "`file` with the certificate for clients that speak TLS, in PEM; by default one that signs itself")
	flags.StringVar(&o.key, "key", "", "`file` with the private key of the certificate")
	flags.TextVar(&o.level, "log", slog.LevelInfo, "`level` of the log on standard error: debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return nil, reportedError{err}
	}
	if (o.cert == "") != (o.key == "") {
		return nil, errors.New("-cert and -key go together")
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("there is nothing to do with the argument %q", flags.Arg(0))
	}
	return o, nil
}

// A reportedError is an error that the user has been told of.
type reportedError struct{ error }

func (e reportedError) Unwrap() error { return e.error }

func (o *options) addHost(name string) error {
	if name == "" || strings.ContainsAny(name, ":/@ ") && net.ParseIP(name) == nil {
		return errors.New("it must be a name without scheme and port")
	}
	o.hosts = append(o.hosts, canonicalHost(name))
	return nil
}
