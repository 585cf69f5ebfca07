package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

// benchCalls measures how long single calls over loopback take, by the SDK and
// as bare POSTs of the same requests, each once in every turn, in an order
// drawn anew. What matters is the tail.
func benchCalls(ctx context.Context, s *suite) (rows []row, err error) {
	const (
		signIns    = "auth.SignIn, password flow"
		resends    = "auth.ResendSignUpCode"
		bareSignIn = "bare POST of InitiateAuth"
		bareResend = "bare POST of ResendConfirmationCode"
		sdk        = "InitiateAuth, AWS SDK as it comes"
	)
	answers, err := newCallScript()
	if err != nil {
		return nil, err
	}
	url, stop, err := startServer(ctx, answers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()

	client, err := auth.NewClient(ctx, auth.Config{
		UserPoolID: srpPoolID, ClientID: appClient, AuthFlow: auth.AuthFlowUserPassword,
		AWS: &aws.Config{BaseEndpoint: &url},
	})
	if err != nil {
		return nil, err
	}
	theirs := newAWSCaller(url)
	ours := []measure.Candidate{
		{Name: signIns, Run: measure.Each(func() error { return signIn(ctx, client, callUser) })},
		{Name: resends, Run: measure.Each(func() error { return resend(ctx, client) })},
		{Name: bareSignIn, Run: measure.Each(bareCall(ctx, url, "InitiateAuth", answers.SignIn,
			`{"AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"PASSWORD":"`+srpPassword+`","USERNAME":"`+callUser+`"},"ClientId":"`+appClient+`"}`))},
		{Name: bareResend, Run: measure.Each(bareCall(ctx, url, "ResendConfirmationCode", answers.Resend,
			`{"ClientId":"`+appClient+`","Username":"`+callUser+`"}`))},
	}
	// The AWS SDK takes half a minute or more for a block, most of it waiting
	// between its attempts: one block has to do.
	all := append(slices.Clone(ours), measure.Candidate{Name: sdk, Run: measure.Each(func() error { return theirs.initiateAuth(ctx) })})
	plan := measure.Plan{Rounds: s.calls, Rand: s.rand}
	blocks := make([]measure.Times, s.blocks)
	for i := range blocks {
		candidates := ours
		if i == 0 {
			candidates = all
		}
		if blocks[i], err = plan.Run(ctx, candidates...); err != nil {
			return nil, err
		}
	}
	for _, c := range []struct {
		what, against string
		goal          float64 // of the 99th percentile
	}{{signIns, bareSignIn, 2}, {resends, bareResend, 2}, {sdk, bareSignIn, 0}} {
		rows = append(rows,
			percentileRow(blocks, c.what, c.against, 50, 0),
			percentileRow(blocks, c.what, c.against, 99, c.goal),
			percentileRow(blocks, c.what, c.against, 99.9, 0),
		)
	}
	if theirs.failed > 0 {
		s.note("%d of %d calls by the AWS SDK as it comes failed after all its retries, the last with: %v", theirs.failed, theirs.calls, theirs.last)
	}
	return rows, nil
}

const callUser = "ana@example.com"

// percentileRow compares a percentile of two candidates, block by block, where
// both took part.
func percentileRow(blocks []measure.Times, what, against string, p, goal float64) row {
	var of, to []float64
	for _, block := range blocks {
		if block[what] == nil {
			continue
		}
		of = append(of, measure.Percentile(block[what], p))
		to = append(to, measure.Percentile(block[against], p))
	}
	return row{
		What: fmt.Sprintf("%s, p%v", what, p), Against: against, Goal: goal, Unit: "s",
		Ratio:  measure.Describe(measure.Ratios(of, to)),
		Ours:   measure.Percentile(of, 50),
		Theirs: measure.Percentile(to, 50),
	}
}

// newCallScript returns the answers to a sign-in, three tokens of 4.5 kB, and
// to a request for a new code.
func newCallScript() (script, error) {
	s, err := newSigner()
	if err != nil {
		return script{}, err
	}
	access, id := newClaims(time.Now())
	accessToken, err := s.sign(access)
	if err != nil {
		return script{}, err
	}
	idToken, err := s.sign(id)
	if err != nil {
		return script{}, err
	}
	refreshToken := ""
	for len(refreshToken) < 1793 {
		refreshToken += rand.Text()
	}
	answer, err := json.Marshal(map[string]any{
		"AuthenticationResult": map[string]any{
			"AccessToken": accessToken, "IdToken": idToken, "RefreshToken": refreshToken,
			"TokenType": "Bearer", "ExpiresIn": 3600,
		},
		"ChallengeParameters": struct{}{},
	})
	if err != nil {
		return script{}, err
	}
	keys, err := s.keySet()
	if err != nil {
		return script{}, err
	}
	return script{
		SignIn: answer,
		Resend: []byte(`{"CodeDeliveryDetails":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"a***@e***"}}`),
		KeySet: keys,
	}, nil
}

// resend is a call of one request, and nothing else.
func resend(ctx context.Context, client *auth.Client) error {
	session, err := auth.NewSession(client, rand.Text())
	if err != nil {
		return err
	}
	out, err := auth.ResendSignUpCode(ctx, session, auth.ResendSignUpCodeInput{Username: callUser})
	if err != nil {
		return err
	}
	if out.CodeDeliveryDetails.AttributeName == "" {
		return errNoAnswer
	}
	return nil
}

var errNoAnswer = errors.New("no answer")

// bareCall is a request as the SDK sends it, without an SDK.
func bareCall(ctx context.Context, url, operation string, want []byte, body string) func() error {
	client := &http.Client{Transport: &http.Transport{}}
	return func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader([]byte(body)))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", amzJSON)
		req.Header.Set("X-Amz-Target", targetPrefix+operation)
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK || !bytes.Equal(text, want) {
			return fmt.Errorf("%s with %d bytes: %w", res.Status, len(text), errNoAnswer)
		}
		return nil
	}
}

// awsCaller calls by the AWS SDK with its own transport and retries. Against a
// server this fast some of its calls fail in spite of them, after seconds;
// these count with the time they took.
type awsCaller struct {
	client        *idp.Client
	calls, failed int
	last          error
}

func newAWSCaller(url string) *awsCaller {
	return &awsCaller{client: idp.NewFromConfig(aws.Config{Region: "eu-west-1", BaseEndpoint: &url})}
}

func (c *awsCaller) initiateAuth(ctx context.Context) error {
	c.calls++
	out, err := c.client.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: aws.String(appClient), AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": callUser, "PASSWORD": srpPassword},
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.failed++
		c.last = err
	case out.AuthenticationResult == nil || aws.ToString(out.AuthenticationResult.AccessToken) == "":
		return errNoAnswer
	}
	return nil
}
