package srp_test

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/cognitokit/auth/srp"
)

// A whole exchange: what a client sends, what a user pool answers, and how
// either side goes on.
func Example() {
	pool, err := srp.PoolName("eu-west-1_AbC123def")
	if err != nil {
		fmt.Println(err)
		return
	}
	const userID = "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f"

	// When the password is set, the pool keeps a verifier.
	verifier := srp.NewVerifier(pool, userID, "correct horse battery staple")

	// InitiateAuth: the client sends SRP_A.
	client := srp.NewClient()
	srpA := client.A()

	// The pool answers with the challenge PASSWORD_VERIFIER.
	server, err := srp.NewServer(verifier)
	if err != nil {
		fmt.Println(err)
		return
	}
	secretBlock := []byte("whatever the pool wants to have back")
	challenge := srp.Challenge{
		Group:       pool,
		ID:          userID,
		Salt:        server.Salt(),
		B:           server.B(),
		SecretBlock: base64.StdEncoding.EncodeToString(secretBlock),
	}

	// RespondToAuthChallenge: the client proves that it knows the password.
	proof, err := client.Prove(challenge, "correct horse battery staple", time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}

	// The pool checks it.
	err = server.Check(pool, userID, srpA, secretBlock, proof.Timestamp, proof.Signature)
	fmt.Println("right password:", err)

	// With another password the client notices nothing, but the pool does.
	client = srp.NewClient()
	proof, err = client.Prove(challenge, "correct horse battery stable", time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("wrong password:", server.Check(pool, userID, client.A(), secretBlock, proof.Timestamp, proof.Signature))

	// Output:
	// right password: <nil>
	// wrong password: srp: proof does not match
}
