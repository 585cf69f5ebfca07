package authtest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// TestLambdaConfigOfPools gives a pool functions by the service's API, and
// takes them away.
func TestLambdaConfigOfPools(t *testing.T) {
	t.Parallel()
	lambda := newLambdaServer(t, func(source string, event m) {
		switch source {
		case "PreSignUp_SignUp":
			event["response"] = m{"autoConfirmUser": true}
		case "TokenGeneration_Authentication":
			event["response"] = m{"claimsAndScopeOverrideDetails": m{"accessTokenGeneration": m{"claimsToAddOrOverride": m{"plan": "pro"}}}}
		}
	})
	s := newServer(t, ServerConfig{LambdaEndpoint: lambda.URL})
	client := sdk(s.Transport())
	pool := createPool(t, client, &cip.CreateUserPoolInput{LambdaConfig: &types.LambdaConfigType{
		PreSignUp:                aws.String(lambdaARN),
		PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaArn: aws.String(lambdaARN), LambdaVersion: types.PreTokenGenerationLambdaVersionTypeV20},
		CustomEmailSender:        &types.CustomEmailLambdaVersionConfigType{LambdaArn: aws.String(lambdaARN), LambdaVersion: types.CustomEmailSenderLambdaVersionTypeV10},
	}})
	p, _ := s.Pool(*pool.Id)
	app := createClient(t, client, p, &cip.CreateUserPoolClientInput{ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"}})
	signUpAndIn := func(name string) (*cip.InitiateAuthOutput, error) {
		must[cip.SignUpOutput](t)(client.SignUp(t.Context(), &cip.SignUpInput{ClientId: app.ClientId, Username: &name, Password: aws.String(testPassword)}))
		return client.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
			ClientId: app.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": testPassword},
		})
	}
	a, err := signUpAndIn("ana")
	if err != nil {
		t.Fatal(err)
	}
	if _, claims := parseToken(t, p, *a.AuthenticationResult.AccessToken); claims["plan"] != "pro" {
		t.Errorf("got claims %v", claims)
	}
	var sources []string
	for _, request := range lambda.seen() {
		sources = append(sources, request[strings.LastIndexByte(request, ' ')+1:])
	}
	if diff := cmp.Diff([]string{"PreSignUp_SignUp", "TokenGeneration_Authentication"}, sources); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
	must[cip.UpdateUserPoolOutput](t)(client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: pool.Id}))
	_, err = signUpAndIn("bob")
	refused(t, err, "UserNotConfirmedException", "User is not confirmed.")
	const twoFunctions = "PreTokenGeneration and PreTokenGenerationConfig must name the same function."
	_, err = client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: pool.Id, LambdaConfig: &types.LambdaConfigType{
		PreTokenGeneration:       aws.String(lambdaARN + "2"),
		PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaArn: aws.String(lambdaARN), LambdaVersion: types.PreTokenGenerationLambdaVersionTypeV20},
	}})
	refused(t, err, "InvalidParameterException", twoFunctions)
	if n := len(lambda.seen()); n != 2 {
		t.Errorf("the functions ran %d times", n)
	}
}

// TestLambdaConfigWithoutEndpoint describes functions and runs none: neither
// those that are named nor, in their place, nothing.
func TestLambdaConfigWithoutEndpoint(t *testing.T) {
	t.Parallel()
	ran := 0
	p := newPool(t, Config{Triggers: Triggers{PreSignUp: func(*PreSignUpEvent) error { ran++; return nil }}})
	client := sdk(p.Transport())
	must[cip.UpdateUserPoolOutput](t)(client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{
		UserPoolId: aws.String(p.PoolID()), LambdaConfig: &types.LambdaConfigType{PreSignUp: aws.String(lambdaARN), CustomMessage: aws.String(lambdaARN)},
	}))
	ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	if got := described(t, client, aws.String(p.PoolID())); ran != 1 || aws.ToString(got.LambdaConfig.PreSignUp) != lambdaARN {
		t.Errorf("ran %d times, described as %v", ran, got.LambdaConfig.PreSignUp)
	}
}

// TestTriggersTakenAway answers a custom challenge after its triggers are gone.
func TestTriggersTakenAway(t *testing.T) {
	t.Parallel()
	lambda := newLambdaServer(t, func(source string, event m) {
		switch source {
		case "DefineAuthChallenge_Authentication":
			event["response"] = m{"challengeName": "CUSTOM_CHALLENGE", "issueTokens": false, "failAuthentication": false}
		case "CreateAuthChallenge_Authentication":
			event["response"] = m{"publicChallengeParameters": m{}, "privateChallengeParameters": m{}}
		}
	})
	s := newServer(t, ServerConfig{LambdaEndpoint: lambda.URL})
	client := sdk(s.Transport())
	pool := createPool(t, client, &cip.CreateUserPoolInput{LambdaConfig: &types.LambdaConfigType{
		DefineAuthChallenge: aws.String(lambdaARN), CreateAuthChallenge: aws.String(lambdaARN), VerifyAuthChallengeResponse: aws.String(lambdaARN),
	}})
	p, _ := s.Pool(*pool.Id)
	p.AddUser(User{Name: "ana"})
	app := createClient(t, client, p, &cip.CreateUserPoolClientInput{})
	a := must[cip.InitiateAuthOutput](t)(client.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
		ClientId: app.ClientId, AuthFlow: types.AuthFlowTypeCustomAuth, AuthParameters: map[string]string{"USERNAME": "ana"},
	}))
	must[cip.UpdateUserPoolOutput](t)(client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: pool.Id}))
	_, err := client.RespondToAuthChallenge(t.Context(), &cip.RespondToAuthChallengeInput{
		ClientId: app.ClientId, ChallengeName: a.ChallengeName, Session: a.Session, ChallengeResponses: map[string]string{"USERNAME": "ana", "ANSWER": "x"},
	})
	refused(t, err, "UnexpectedLambdaException", "VerifyAuthChallengeResponse invocation failed due to error The function is not configured.")
}
