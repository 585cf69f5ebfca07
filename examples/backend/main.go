// Command backend is a sign-in back end made with net/http: sign-up, every step
// of a sign-in, and the account of whoever is signed in, as JSON over HTTP.
// docs/http-handlers.md explains it step by step.
//
//	go run ./examples/backend
//
// serves a pool inside the process, which prints what it would send by e-mail.
// With COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID in the environment, and
// COGNITO_CLIENT_SECRET where the app client has one, it serves that pool.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/cognitokit/auth"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	if err := run(*addr); err != nil {
		log.Fatal(err)
	}
}

func run(addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := connect(ctx)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: addr, Handler: newBackend(client).routes(),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
	}
	go func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			log.Print(err)
		}
	}()
	fmt.Printf("listening on http://%s\n", addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// connect returns a client of the pool in the environment, or of one made here.
func connect(ctx context.Context) (*auth.Client, error) {
	poolID := os.Getenv("COGNITO_USER_POOL_ID")
	if poolID == "" {
		return demo(ctx)
	}
	return auth.NewClient(ctx, auth.Config{
		UserPoolID: poolID, ClientID: os.Getenv("COGNITO_CLIENT_ID"), ClientSecret: os.Getenv("COGNITO_CLIENT_SECRET"),
	})
}
