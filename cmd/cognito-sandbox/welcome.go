package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/cmd/cognito-sandbox/internal/snippet"
)

// about says where a sandbox is.
type about struct {
	endpoint string // URL
	address  string // of the machine that it listens at; empty for all of them
	storage  string // where its state is
	open     bool   // whether other machines can reach it
}

// welcome tells how to reach a sandbox, in words that can be pasted.
func welcome(w io.Writer, server *authtest.Server, about about) {
	var b strings.Builder
	b.WriteString("Cognito sandbox, for development and tests. NOT FOR PRODUCTION: the keys that sign\n" +
		"its tokens are public, and whoever reaches it can be everybody.\n\n")
	if about.open {
		b.WriteString("OTHER MACHINES CAN REACH IT at this address, and read every code.\n\n")
	}
	line := func(name, value string) { fmt.Fprintf(&b, "  %-10s %s\n", name, value) }
	line("Endpoint", about.endpoint)
	line("Page", about.endpoint+"/")
	line("Control", about.endpoint+"/_sandbox/")
	line("State", about.storage)
	pools := server.Pools()
	for _, p := range pools {
		summary := p.Summary()
		line("Pool id", summary.ID+named(summary.ID, summary.Name))
		for _, client := range p.ClientSummaries() {
			line("Client id", client.ID+named(client.ID, client.Name))
		}
	}
	if len(pools) > 0 {
		b.WriteString("\nAmplify:\n\n" + indent(snippet.Amplify(about.endpoint, pools[0].PoolID(), publicClient(pools[0]))))
	}
	b.WriteString("\nAWS SDKs and CLI:\n\n" + indent(snippet.AWS(about.endpoint, server.Region())) + "\n")
	io.WriteString(w, b.String())
}

func named(id, name string) string {
	if name == id {
		return ""
	}
	return "  (" + name + ")"
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}

// publicClient returns the id of the pool's first app client without a secret,
// which is the only kind that Amplify can use.
func publicClient(p *authtest.Pool) string {
	for _, c := range p.ClientSummaries() {
		if !c.HasSecret {
			return c.ID
		}
	}
	return "the id of an app client without a secret"
}
