package authtest_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/cognitokit/auth/authtest"
)

func ExampleParseSeed() {
	seed, err := authtest.ParseSeed(strings.NewReader(`{
	  "pools": [
	    {
	      "poolId": "eu-west-1_sandbox01",
	      "clients": [{"clientId": "webapp", "refreshTokenValidity": "7d"}],
	      "users": [{"name": "ana", "password": "correct horse", "groups": ["admins"]}]
	    }
	  ]
	}`))
	if err != nil {
		log.Fatal(err) // every problem, with its line
	}
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		log.Fatal(err)
	}
	if err := server.Seed(seed); err != nil {
		log.Fatal(err)
	}
	pool, _ := server.Pool("eu-west-1_sandbox01")
	ana, _ := pool.User("ana")
	fmt.Println(pool.ClientID(), ana.Status, ana.Groups)
	// Output: webapp CONFIRMED [admins]
}

// A test changes what it likes and goes back to where it began.
func ExampleServer_Export() {
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		log.Fatal(err)
	}
	pool := server.NewPool(authtest.Config{})
	pool.AddUser(authtest.User{Name: "ana"})
	var state bytes.Buffer
	if err := server.Export(&state); err != nil {
		log.Fatal(err)
	}

	pool.AddUser(authtest.User{Name: "bob"})
	if err := server.Import(&state); err != nil {
		log.Fatal(err)
	}
	_, ana := pool.User("ana")
	_, bob := pool.User("bob")
	fmt.Println(ana, bob)
	// Output: true false
}
