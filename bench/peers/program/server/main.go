// Server serves user pools of authtest at the port of loopback that PORT says,
// until it is killed: what the group "server" measures beside cognito-local.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	pools, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", os.Getenv("PORT")))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: pools, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
