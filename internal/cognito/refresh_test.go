package cognito

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

const (
	newer = "GetTokensFromRefreshToken"
	older = "InitiateAuth"
)

func TestRefreshFallsBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answer  answerFunc
		aws     bool // falls back on AWS's own endpoint
		emulate bool // falls back on a custom one
	}{
		{"unknown operation", exception("UnknownOperationException", ""), true, true},
		{"unknown operation, status 404", reply(404, `{"__type":"UnknownOperationException"}`), true, true},
		{"unsupported operation", exception("UnsupportedOperationException", "m"), true, true},
		{"other tier", exception("FeatureUnavailableInTierException", "m"), true, true},
		{"not implemented", reply(501, `{"__type":"InternalFailure","message":"not yet implemented"}`), true, true},
		{"not implemented, page", reply(501, `<p>no</p>`), true, true},
		{"not found, page", reply(404, `<h1>Not Found</h1>`), false, true},
		{"method not allowed", reply(405, ``), false, true},
		{"not found, of the service", reply(404, `{"__type":"ResourceNotFoundException"}`), false, false},
		{"no such user", reply(404, `{"__type":"UserNotFoundException"}`), false, false},
		{"refused", exception("NotAuthorizedException", "Invalid Refresh Token."), false, false},
		{"used before", exception("RefreshTokenReuseException", "m"), false, false},
		{"server fault", reply(500, `{"__type":"InternalErrorException"}`), false, false},
		{"server fault, page", reply(500, `<p>Error</p>`), false, false},
		{"forbidden, page", reply(403, `<p>Blocked</p>`), false, false},
	}
	for _, tt := range tests {
		for endpoint, falls := range map[string]bool{"": tt.aws, "http://localhost:9229": tt.emulate} {
			t.Run(tt.name+", endpoint "+endpoint, func(t *testing.T) {
				t.Parallel()
				s := &service{answers: []answerFunc{tt.answer, reply(http.StatusOK, tokensAnswer)}}
				cfg := aws.Config{}
				if endpoint != "" {
					cfg.BaseEndpoint = &endpoint
				}
				c := mustNew(t, Config{AWS: &cfg, HTTPClient: &http.Client{Transport: s}})
				got, err := c.Refresh(t.Context(), RefreshInput{RefreshToken: "rt"})
				if !falls {
					if e := serviceError(t, err); e.Op != newer {
						t.Errorf("error of %s, want of %s", e.Op, newer)
					}
					if diff := cmp.Diff([]string{newer}, s.ops()); diff != "" {
						t.Errorf("requests (-want +got):\n%s", diff)
					}
					return
				}
				if err != nil {
					t.Fatalf("error = %v", err)
				}
				if diff := cmp.Diff(tokensResult, got); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{newer, older}, s.ops()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestRefreshLegacyRequest(t *testing.T) {
	t.Parallel()
	in := RefreshInput{RefreshToken: "rt", DeviceKey: "eu-west-1_dk", HashUsername: innerName, CallOptions: testOptions}
	tests := []struct {
		name   string
		secret string
		in     RefreshInput
		want   object
	}{
		{"public client", "", in, object{"REFRESH_TOKEN": "rt", "DEVICE_KEY": "eu-west-1_dk"}},
		{"client secret", testSecret, in, object{"REFRESH_TOKEN": "rt", "DEVICE_KEY": "eu-west-1_dk", "SECRET_HASH": innerHash}},
		{"no device", "", RefreshInput{RefreshToken: "rt", CallOptions: testOptions}, object{"REFRESH_TOKEN": "rt"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newTestClient(t, tt.secret, exception("UnknownOperationException", ""), reply(http.StatusOK, tokensAnswer))
			if _, err := c.Refresh(t.Context(), tt.in); err != nil {
				t.Fatalf("error = %v", err)
			}
			want := object{
				"ClientId": testClient, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": tt.want,
				"ClientMetadata":  object{"campaign": "spring"},
				"UserContextData": object{"IpAddress": "203.0.113.7", "EncodedData": "fingerprint"},
			}
			if diff := cmp.Diff(want, s.requests[1].body); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// With a secret and no name to hash, the older operation can only fail, and it
// would say that the token is no good.
func TestRefreshWithoutNameToHash(t *testing.T) {
	t.Parallel()
	unknown, tokens := exception("UnknownOperationException", "m"), reply(http.StatusOK, tokensAnswer)
	c, s := newTestClient(t, testSecret, unknown, unknown, tokens, unknown)
	for _, name := range []string{"", innerName, ""} {
		_, err := c.Refresh(t.Context(), RefreshInput{RefreshToken: "rt", HashUsername: name})
		if name != "" {
			if err != nil {
				t.Fatalf("error = %v", err)
			}
			continue
		}
		if e := serviceError(t, err); e.Code != wire.ExceptionUnknownOperation {
			t.Errorf("error = %v", e)
		}
	}
	if diff := cmp.Diff([]string{newer, newer, older, newer}, s.ops()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// The client remembers what worked, and forgets it when it does not.
func TestRefreshRemembers(t *testing.T) {
	t.Parallel()
	unknown, tokens, refuse := exception("UnknownOperationException", ""), reply(http.StatusOK, tokensAnswer), exception("NotAuthorizedException", "m")
	c, s := newTestClient(t, "",
		unknown, refuse, // nothing learned: the older operation failed
		unknown, tokens,
		tokens,
		refuse,
		tokens, // the newer one works after all
		tokens,
	)
	for i, fails := range []bool{true, false, false, true, false, false} {
		_, err := c.Refresh(t.Context(), RefreshInput{RefreshToken: "rt"})
		if (err != nil) != fails {
			t.Fatalf("refresh %d: error = %v", i, err)
		}
	}
	want := []string{newer, older, newer, older, older, older, newer, newer}
	if diff := cmp.Diff(want, s.ops()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// A refresh cannot answer a challenge.
func TestRefreshLegacyChallenge(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, "", exception("UnknownOperationException", ""),
		reply(http.StatusOK, `{"ChallengeName":"DEVICE_SRP_AUTH","ChallengeParameters":{}}`))
	_, err := c.Refresh(t.Context(), RefreshInput{RefreshToken: "rt"})
	if e := serviceError(t, err); e.Code != CodeMalformed || e.Op != older {
		t.Errorf("error = %v, want %s of %s", e, CodeMalformed, older)
	}
}

// A refresh token that may have been traded in is not sent again, by neither
// operation.
func TestRefreshIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := newTestClient(t, "", reply(500, ``), reply(http.StatusOK, tokensAnswer))
		_, err := c.Refresh(t.Context(), RefreshInput{RefreshToken: "rt"})
		if e := serviceError(t, err); !e.MaybeProcessed || len(s.requests) != 1 {
			t.Errorf("maybe processed %t after %d requests, want true after 1", e.MaybeProcessed, len(s.requests))
		}
	})
}
