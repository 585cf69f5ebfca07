package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	cognitosrp "github.com/alexrudd/cognito-srp/v4"

	"github.com/cognitokit/auth/bench/peers/internal/measure"
	"github.com/cognitokit/auth/srp"
)

const (
	srpPoolID   = "eu-west-1_AbC123def"
	srpPool     = "AbC123def"
	srpUser     = "8c2f7c7e-51d3-4b0a-9a31-0e3f9b1d7a44"
	srpPassword = "correct Horse 9 battery staple"

	// secretBlockSize is that of the service's secret blocks.
	secretBlockSize = 1152
)

// An srpClient does the client's whole part of one sign-in: A from a fresh
// secret, and the proof that answers the challenge.
type srpClient func(challenge func(clientA string) srp.Challenge, password string, now time.Time) (srp.Proof, error)

func ourSRP(challenge func(string) srp.Challenge, password string, now time.Time) (srp.Proof, error) {
	c := srp.NewClient()
	return c.Prove(challenge(c.A()), password, now)
}

func textbookSRP(challenge func(string) srp.Challenge, password string, now time.Time) (srp.Proof, error) {
	c := newTextbookClient()
	return c.prove(challenge(c.a()), password, now)
}

func alexruddSRP(challenge func(string) srp.Challenge, password string, now time.Time) (srp.Proof, error) {
	c, err := cognitosrp.NewCognitoSRP(srpUser, password, srpPoolID, "client", nil)
	if err != nil {
		return srp.Proof{}, err
	}
	ch := challenge(c.GetAuthParams()["SRP_A"])
	answer, err := c.PasswordVerifierChallenge(map[string]string{
		"USERNAME": srpUser, "USER_ID_FOR_SRP": ch.ID, "SALT": ch.Salt, "SRP_B": ch.B, "SECRET_BLOCK": ch.SecretBlock,
	}, now)
	if err != nil {
		return srp.Proof{}, err
	}
	return srp.Proof{
		SecretBlock: answer["PASSWORD_CLAIM_SECRET_BLOCK"],
		Timestamp:   answer["TIMESTAMP"],
		Signature:   answer["PASSWORD_CLAIM_SIGNATURE"],
	}, nil
}

// checkSRP has a client sign in at the textbook's server and at the one of
// package srp, with the right password and with a wrong one.
func checkSRP(client srpClient, now time.Time) error {
	textbook := newTextbookServer(newTextbookUser(srpPool, srpUser, srpPassword))
	atTextbook := func(password string) error {
		var clientA string
		proof, err := client(func(a string) srp.Challenge { clientA = a; return textbook.challenge() }, password, now)
		if err != nil {
			return err
		}
		return textbook.check(clientA, proof)
	}
	if err := atTextbook(srpPassword); err != nil {
		return fmt.Errorf("right password at the textbook's server: %w", err)
	}
	if err := atTextbook("Wrong Horse 9 battery staple"); !errors.Is(err, errProof) {
		return fmt.Errorf("wrong password at the textbook's server: %w", orAccepted(err))
	}

	ours, err := srp.NewServer(srp.NewVerifier(srpPool, srpUser, srpPassword))
	if err != nil {
		return err
	}
	atOurs := func(password string) error {
		var clientA string
		proof, err := client(func(a string) srp.Challenge {
			clientA = a
			return srp.Challenge{
				Group: srpPool, ID: srpUser, Salt: ours.Salt(), B: ours.B(),
				SecretBlock: base64.StdEncoding.EncodeToString(textbook.block),
			}
		}, password, now)
		if err != nil {
			return err
		}
		return ours.Check(srpPool, srpUser, clientA, textbook.block, proof.Timestamp, proof.Signature)
	}
	if err := atOurs(srpPassword); err != nil {
		return fmt.Errorf("right password at our server: %w", err)
	}
	if err := atOurs(strings.ToLower(srpPassword)); !errors.Is(err, srp.ErrProof) {
		return fmt.Errorf("wrong password at our server: %w", orAccepted(err))
	}
	return nil
}

var errAccepted = errors.New("accepted")

// orAccepted gives an error that should have been there a text.
func orAccepted(err error) error {
	if err == nil {
		return errAccepted
	}
	return err
}

// benchSRP measures the client's side of one sign-in.
func benchSRP(ctx context.Context, s *suite) ([]row, error) {
	const (
		ours     = "SRP client, whole"
		textbook = "math/big, 1024-bit a"
		alexrudd = "alexrudd/cognito-srp"
	)
	// In the morning: alexrudd/cognito-srp writes afternoon hours as morning ones.
	now := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	server := newTextbookServer(newTextbookUser(srpPool, srpUser, srpPassword))
	challenge := server.challenge()
	asked := func(string) srp.Challenge { return challenge }

	var candidates []measure.Candidate
	for _, c := range []struct {
		name   string
		client srpClient
	}{{ours, ourSRP}, {textbook, textbookSRP}, {alexrudd, alexruddSRP}} {
		if err := checkSRP(c.client, now); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		candidates = append(candidates, measure.Candidate{Name: c.name, Run: measure.Each(func() error {
			_, err := c.client(asked, srpPassword, now)
			return err
		})})
	}
	r, err := s.measure(ctx, candidates...)
	if err != nil {
		return nil, err
	}
	return []row{
		r.row(ours, textbook, 0.38).withAllocs(60),
		r.row(ours, alexrudd, ahead),
	}, nil
}
