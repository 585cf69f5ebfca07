package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

// issued returns what another program was given when somebody signed in with it.
func issued(t testing.TB, pool *authtest.Pool, name string) auth.ImportTokensInput {
	t.Helper()
	body := call(t, pool, "InitiateAuth", object{
		"ClientId": pool.ClientID(), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": object{"USERNAME": name, "PASSWORD": thePassword},
	})
	var answer struct {
		AuthenticationResult struct{ AccessToken, IDToken, RefreshToken string }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	r := answer.AuthenticationResult
	if r.AccessToken == "" || r.IDToken == "" || r.RefreshToken == "" {
		t.Fatal("no tokens were issued")
	}
	return auth.ImportTokensInput{AccessToken: r.AccessToken, IDToken: r.IDToken, RefreshToken: r.RefreshToken}
}

// newcomer is a session on a store of its own, with which nobody has signed in.
func newcomer(t testing.TB, pool *authtest.Pool, changes ...func(*auth.Config)) (*auth.Session, *faultyStore) {
	t.Helper()
	store := newFaultyStore()
	return sessionOf(t, newClient(t, pool, append(changes, store.on())...), "1"), store
}

func importTokens(t testing.TB, s *auth.Session, in auth.ImportTokensInput) *auth.AuthSession {
	t.Helper()
	as, err := auth.ImportTokens(t.Context(), s, in)
	if err != nil {
		t.Fatal(err)
	}
	return as
}

// wantNotImported checks that an import left nothing behind.
func wantNotImported(t testing.TB, s *auth.Session, store *faultyStore, as *auth.AuthSession) {
	t.Helper()
	if as != nil {
		t.Error("there are tokens besides the error")
	}
	if n := len(store.records()); n != 0 {
		t.Errorf("the store holds %d records", n)
	}
	_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
	wantCode(t, err, auth.ErrNotSignedIn)
}

// Tokens that were issued elsewhere make a session like any other, as far as
// they go.
func TestImportTokens(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*auth.ImportTokensInput)
		sent   []string
	}{
		{"all of them", func(*auth.ImportTokensInput) {}, nil},
		{"without ID token", func(in *auth.ImportTokensInput) { in.IDToken = "" }, nil},
		{"without refresh token", func(in *auth.ImportTokensInput) { in.RefreshToken = "" }, nil},
		{"access token alone", func(in *auth.ImportTokensInput) { in.IDToken, in.RefreshToken = "", "" }, nil},
		{"refresh token alone", func(in *auth.ImportTokensInput) { in.AccessToken, in.IDToken = "", "" }, []string{opRefresh}},
		{"with what was typed", func(in *auth.ImportTokensInput) { in.LoginID = "ana@example.com" }, nil},
		{"refresh token with what was typed", func(in *auth.ImportTokensInput) {
			in.AccessToken, in.IDToken, in.LoginID = "", "", "ana@example.com"
		}, []string{opRefresh}},
	}
	for _, tt := range tests {
		for _, rotate := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%s/rotation=%t", tt.name, rotate), func(t *testing.T) {
				pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
				sub := addUser(t, pool, "ana")
				in := issued(t, pool, "ana")
				tt.change(&in)
				time.Sleep(20 * time.Minute) // they have been around for a while
				s, store := newcomer(t, pool)
				before := len(operations(pool))
				as := importTokens(t, s, in)
				if diff := cmp.Diff(tt.sent, operations(pool)[before:], cmp.Transformer("", func(ops []string) string { return fmt.Sprint(ops) })); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
				if in.AccessToken != "" && (string(as.Tokens.AccessToken) != in.AccessToken || string(as.Tokens.IDToken) != in.IDToken) {
					t.Error("the tokens are others than those that were imported")
				}
				if as.UserSub != sub || !as.ExpiresAt.Equal(as.Tokens.AccessClaims.ExpiresAt()) {
					t.Errorf("got sub %q, expires %v, want %q, %v", as.UserSub, as.ExpiresAt, sub, as.Tokens.AccessClaims.ExpiresAt())
				}
				// When old tokens were issued says nothing about the clocks.
				_, b := store.bundle(t)
				if b.ClockOffset != 0 {
					t.Errorf("clock offset: got %v", b.ClockOffset)
				}
				loginID := "ana"
				if in.LoginID != "" {
					loginID = in.LoginID
				}
				wantUser(t, s, pool, "ana", loginID, "")

				time.Sleep(2 * time.Hour)
				as, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
				if in.RefreshToken == "" {
					wantCode(t, err, auth.ErrSessionExpired)
					return
				}
				if err != nil || as.UserSub != sub || as.Tokens.IDToken == "" {
					t.Fatalf("refreshed: got %v, %v", as, err)
				}
				mustBeAlive(t, pool, store)
			})
		}
	}
}

// An expired access token is a reason to use the refresh token beside it.
func TestImportExpiredTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{ClientSecret: anotherSecret})
		sub := addUser(t, pool, "ana")
		other := sessionOf(t, newClient(t, pool), "elsewhere")
		signIn(t, other, "ana")
		old := fetch(t, other)
		w := newWitness(pool)
		elsewhere, theirs := newcomer(t, pool, w.on())
		signIn(t, elsewhere, "ana")
		_, b := theirs.bundle(t)
		in := auth.ImportTokensInput{AccessToken: b.AccessToken, IDToken: b.IDToken, RefreshToken: b.RefreshToken}
		in.ClientMetadata = map[string]string{"tenant": "blue"}
		time.Sleep(time.Hour - 5*time.Second)

		s, store := newcomer(t, pool)
		as, err := auth.ImportTokens(t.Context(), s, auth.ImportTokensInput{AccessToken: string(old.Tokens.AccessToken)})
		wantCode(t, err, auth.ErrInvalidTokens)
		if _, ok := errors.AsType[*tokens.Error](err); !ok || !errors.Is(err, tokens.ErrExpired) || !errors.Is(err, tokens.ErrInvalid) {
			t.Errorf("%v does not say why", err)
		}
		wantNotImported(t, s, store, as)

		as = importTokens(t, s, in)
		if string(as.Tokens.AccessToken) == in.AccessToken || as.UserSub != sub || time.Until(as.ExpiresAt) != time.Hour {
			t.Errorf("got %v", as)
		}
		r := requestsFor(pool, opRefresh)
		if len(r) != 1 {
			t.Fatalf("got %d refreshes, want 1", len(r))
		}
		if diff := cmp.Diff(object{
			"ClientId": pool.ClientID(), "ClientSecret": anotherSecret, "RefreshToken": in.RefreshToken, "ClientMetadata": object{"tenant": "blue"},
		}, r[0].Body); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		mustBeAlive(t, pool, store)
	})
}

// The clock of the service is known from a refresh, and from nothing else.
func TestImportWithAWrongClock(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		bubble(t, skew.String(), func(t *testing.T) {
			pool := newPool(t, authtest.Config{ClockSkew: skew})
			addUser(t, pool, "ana")
			in := issued(t, pool, "ana")
			s, store := newcomer(t, pool)
			as := importTokens(t, s, in)
			if _, b := store.bundle(t); b.ClockOffset != 0 || !as.ExpiresAt.Equal(as.Tokens.AccessClaims.ExpiresAt()) {
				t.Errorf("as issued: got offset %v, expiry %v", b.ClockOffset, as.ExpiresAt)
			}
			s, store = newcomer(t, pool)
			as = importTokens(t, s, auth.ImportTokensInput{RefreshToken: in.RefreshToken})
			if left := time.Until(as.ExpiresAt); left > time.Hour+2*time.Second || left < time.Hour-3*time.Second {
				t.Errorf("refreshed: expires in %v", left)
			}
			if _, b := store.bundle(t); (b.ClockOffset - skew).Abs() > 2*time.Second {
				t.Errorf("refreshed: got offset %v, want %v", b.ClockOffset, skew)
			}
		})
	}
}

// tamper changes the claims of a token and leaves its signature.
func tamper(token string) string {
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		panic(err)
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"username":"ana"`, `"username":"ben"`, 1)))
	return strings.Join(parts, ".")
}

// What does not verify is refused before anything is sent or stored.
func TestImportOfTokensThatDoNotVerify(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	addUser(t, pool, "ben")
	ana, anaAgain, ben := issued(t, pool, "ana"), issued(t, pool, "ana"), issued(t, pool, "ben")
	foreign := func(cfg authtest.Config) auth.ImportTokensInput {
		other := newPool(t, cfg)
		addUser(t, other, "ana")
		return issued(t, other, "ana")
	}
	otherPool, otherClient := foreign(authtest.Config{ClientID: pool.ClientID()}), foreign(authtest.Config{PoolID: pool.PoolID()})
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(ana.AccessToken, ".")[1] + "."
	for _, tt := range []struct {
		name   string
		change func(in *auth.ImportTokensInput)
		want   tokens.ErrorCode
	}{
		{"claims changed", func(in *auth.ImportTokensInput) { in.AccessToken = tamper(in.AccessToken) }, tokens.ErrSignature},
		{"claims of the ID token changed", func(in *auth.ImportTokensInput) { in.IDToken = in.IDToken[:len(in.IDToken)-4] + "AAAA" }, tokens.ErrSignature},
		{"not signed", func(in *auth.ImportTokensInput) { in.AccessToken = unsigned }, tokens.ErrAlgorithm},
		{"of another pool", func(in *auth.ImportTokensInput) { *in = otherPool }, tokens.ErrIssuer},
		{"of another app client", func(in *auth.ImportTokensInput) { *in = otherClient }, tokens.ErrClient},
		{"ID token of another app client", func(in *auth.ImportTokensInput) { in.IDToken = otherClient.IDToken }, tokens.ErrClient},
		{"ID token for access token", func(in *auth.ImportTokensInput) { in.AccessToken = in.IDToken }, tokens.ErrTokenUse},
		{"access token for ID token", func(in *auth.ImportTokensInput) { in.IDToken = in.AccessToken }, tokens.ErrTokenUse},
		{"of two people", func(in *auth.ImportTokensInput) { in.IDToken = ben.IDToken }, tokens.ErrMixed},
		{"of two sign-ins", func(in *auth.ImportTokensInput) { in.IDToken = anaAgain.IDToken }, tokens.ErrMixed},
		{"refresh token for access token", func(in *auth.ImportTokensInput) { in.AccessToken = in.RefreshToken }, tokens.ErrAlgorithm},
		{"nonsense", func(in *auth.ImportTokensInput) { in.AccessToken = "nonsense" }, tokens.ErrMalformed},
		{"not UTF-8", func(in *auth.ImportTokensInput) { in.IDToken = badText }, tokens.ErrMalformed},
		{"endless", func(in *auth.ImportTokensInput) { in.AccessToken = strings.Repeat("a", 1<<20) }, tokens.ErrTooLarge},
		{"refresh token too long to be stored", func(in *auth.ImportTokensInput) { in.RefreshToken = strings.Repeat("a", 64<<10) }, tokens.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := ana
			tt.change(&in)
			s, store := newcomer(t, pool)
			before := len(operations(pool))
			as, err := auth.ImportTokens(t.Context(), s, in)
			wantCode(t, err, auth.ErrInvalidTokens)
			if _, ok := errors.AsType[*tokens.Error](err); !ok || !errors.Is(err, tt.want) {
				t.Errorf("got %v, want one that is %v", err, tt.want)
			}
			for _, token := range []string{in.AccessToken, in.IDToken, in.RefreshToken} {
				if len(token) > 10 && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), token) {
					t.Error("the error shows a token")
				}
			}
			wantNotImported(t, s, store, as)
			if sent := operations(pool)[before:]; len(sent) != 0 {
				t.Errorf("sent %v", sent)
			}
		})
	}
}

// An expired access token is as good a proof of whose the refresh token has to
// be as any.
func TestImportOfSomebodyElsesRefreshToken(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			addUser(t, pool, "ana")
			addUser(t, pool, "ben")
			in, bens := issued(t, pool, "ana"), issued(t, pool, "ben")
			in.RefreshToken = bens.RefreshToken
			time.Sleep(2 * time.Hour)
			w := newWitness(pool)
			s, store := newcomer(t, pool, w.on())
			as, err := auth.ImportTokens(t.Context(), s, in)
			wantCode(t, err, auth.ErrInvalidTokens)
			if !errors.Is(err, tokens.ErrMixed) {
				t.Errorf("got %v", err)
			}
			wantNotImported(t, s, store, as)
			for _, token := range w.issued() {
				if refreshable(t, pool, token) {
					t.Error("a refresh token is good that nobody holds")
				}
			}
			if !rotate && !refreshable(t, pool, bens.RefreshToken) {
				t.Error("the token that was given has been revoked")
			}
		})
	}
}

// A refresh token that the service refuses is of no use, whatever comes with it.
func TestImportOfARefusedRefreshToken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		refuse func(t *testing.T, pool *authtest.Pool, in *auth.ImportTokensInput)
	}{
		{"invented", func(_ *testing.T, _ *authtest.Pool, in *auth.ImportTokensInput) { in.RefreshToken = "invented" }},
		{"revoked", func(t *testing.T, pool *authtest.Pool, in *auth.ImportTokensInput) {
			t.Helper()
			call(t, pool, "RevokeToken", object{"ClientId": pool.ClientID(), "Token": in.RefreshToken})
		}},
		{"of another pool", func(t *testing.T, _ *authtest.Pool, in *auth.ImportTokensInput) {
			t.Helper()
			other := newPool(t, authtest.Config{})
			addUser(t, other, "ana")
			in.RefreshToken = issued(t, other, "ana").RefreshToken
		}},
		{"expired", func(*testing.T, *authtest.Pool, *auth.ImportTokensInput) { time.Sleep(31 * 24 * time.Hour) }},
		{"of a user who is gone", func(t *testing.T, pool *authtest.Pool, in *auth.ImportTokensInput) {
			t.Helper()
			call(t, pool, "DeleteUser", object{"AccessToken": in.AccessToken})
		}},
		{"spent", func(t *testing.T, pool *authtest.Pool, in *auth.ImportTokensInput) {
			t.Helper()
			pool.FailNext(opRefresh, auth.ErrRefreshTokenReuse)
		}},
	}
	for _, tt := range tests {
		for _, alone := range []bool{true, false} {
			bubble(t, fmt.Sprintf("%s/alone=%t", tt.name, alone), func(t *testing.T) {
				pool := newPool(t, authtest.Config{})
				addUser(t, pool, "ana")
				in := issued(t, pool, "ana")
				tt.refuse(t, pool, &in)
				if alone {
					in.AccessToken, in.IDToken = "", ""
				}
				time.Sleep(2 * time.Hour)
				s, store := newcomer(t, pool)
				as, err := auth.ImportTokens(t.Context(), s, in)
				wantCode(t, err, auth.ErrSessionExpired)
				if !auth.IsRemote(err) {
					t.Errorf("%v is not the service's", err)
				}
				wantNotImported(t, s, store, as)
			})
		}
	}
}

// An outage leaves everything as it was, and a second try works.
func TestImportOutages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{"request lost", authtest.Fault{DropRequest: true}, auth.ErrNetwork},
		{"answer lost", authtest.Fault{DropResponse: true}, auth.ErrNetwork},
		{"too many requests", authtest.Fault{Code: "TooManyRequestsException"}, auth.ErrTooManyRequests},
		{"internal error", authtest.Fault{Code: "InternalErrorException"}, auth.ErrInternalError},
		{"trigger", authtest.Fault{Code: "UserLambdaValidationException", Message: "PreTokenGeneration failed with error no."}, auth.ErrUserLambdaValidation},
		{"a page", authtest.Fault{HTML: true}, auth.ErrHTTP},
		{"wrong client secret", authtest.Fault{Code: "NotAuthorizedException", Message: "Unable to verify secret hash for client x"}, auth.ErrClientSecret},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			pool := newPool(t, authtest.Config{})
			sub := addUser(t, pool, "ana")
			in := auth.ImportTokensInput{RefreshToken: issued(t, pool, "ana").RefreshToken}
			s, store := newcomer(t, pool)
			tt.fault.Operation, tt.fault.Times = opRefresh, -1
			over := pool.Inject(tt.fault)
			as, err := auth.ImportTokens(t.Context(), s, in)
			wantCode(t, err, tt.want)
			wantNotImported(t, s, store, as)
			if e, _ := errors.AsType[*auth.Error](err); tt.fault.DropResponse && !e.MaybeProcessed {
				t.Error("MaybeProcessed is not set")
			}
			over()
			if as := importTokens(t, s, in); as.UserSub != sub {
				t.Errorf("again: got %v", as)
			}
		})
	}
}

// Without the pool's keys nothing can be verified, so nothing is spent.
func TestImportWithoutKeys(t *testing.T) {
	t.Parallel()
	for _, alone := range []bool{true, false} {
		bubble(t, fmt.Sprintf("refresh token alone=%t", alone), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
			addUser(t, pool, "ana")
			in := issued(t, pool, "ana")
			if alone {
				in.AccessToken, in.IDToken = "", ""
			}
			over := pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, HTML: true, Times: -1})
			s, store := newcomer(t, pool)
			as, err := auth.ImportTokens(t.Context(), s, in)
			wantCode(t, err, auth.ErrKeysUnavailable)
			wantNotImported(t, s, store, as)
			if n := refreshes(pool); n != 0 {
				t.Errorf("got %d refreshes", n)
			}
			over()
			time.Sleep(time.Minute)
			importTokens(t, s, in)
		})
	}
}

// A rotated refresh token waits for a store that fails for a moment; if it has
// to be given up, it is not left to nobody.
func TestImportRotatesWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, outage := range []time.Duration{2 * time.Second, time.Hour} {
		bubble(t, outage.String(), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
			addUser(t, pool, "ana")
			in := auth.ImportTokensInput{RefreshToken: issued(t, pool, "ana").RefreshToken}
			w := newWitness(pool)
			s, store := newcomer(t, pool, w.on())
			over := time.Now().Add(outage)
			store.script(func(c storeCall, do func() error) error {
				if c.method == "Save" && time.Now().Before(over) {
					return errStore
				}
				return do()
			})
			start := time.Now()
			as, err := auth.ImportTokens(t.Context(), s, in)
			if outage < time.Minute {
				if err != nil {
					t.Fatal(err)
				}
				mustBeAlive(t, pool, store)
				return
			}
			if !errors.Is(err, errStore) {
				t.Errorf("got %v, want the store's error", err)
			}
			wantCode(t, err, auth.ErrInternal)
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("gave up after %v", d)
			}
			wantNotImported(t, s, store, as)
			for _, token := range w.issued() {
				if refreshable(t, pool, token) {
					t.Error("a refresh token is good that nobody holds")
				}
			}
		})
	}
}

// Tokens that do not verify after a refresh are not kept, and what was rotated
// for them is taken back. What was not is still the caller's.
func TestImportOfARefreshThatDoesNotVerify(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		t.Run(fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			addUser(t, pool, "ana")
			in := auth.ImportTokensInput{RefreshToken: issued(t, pool, "ana").RefreshToken}
			store := newFaultyStore()
			s, wire := recorded(t, pool, store.on())
			var fresh string
			wire.edit = func(op string, _, got object) {
				if op == opRefresh {
					result := got["AuthenticationResult"].(object)
					result["AccessToken"] = tamper(result["AccessToken"].(string))
					fresh, _ = result["RefreshToken"].(string)
				}
			}
			as, err := auth.ImportTokens(t.Context(), s, in)
			wantCode(t, err, auth.ErrInvalidTokens)
			wantNotImported(t, s, store, as)
			switch {
			case rotate && (fresh == "" || refreshable(t, pool, fresh)):
				t.Error("a refresh token is good that nobody holds")
			case !rotate && !refreshable(t, pool, in.RefreshToken):
				t.Error("the caller's token has been revoked")
			}
		})
	}
}

// Whoever leaves when the token has been rotated is signed in all the same;
// before that nothing has happened.
func TestImportWithoutTheCaller(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			addUser(t, pool, "ana")
			in := auth.ImportTokensInput{RefreshToken: issued(t, pool, "ana").RefreshToken}
			w := newWitness(pool)
			s, store := newcomer(t, pool, w.on())
			ctx, cancel := context.WithCancel(t.Context())
			w.onAnswer(func(op string) {
				if op == opRefresh {
					cancel()
				}
			})
			as, err := auth.ImportTokens(ctx, s, in)
			if rotate {
				if err != nil {
					t.Fatal(err)
				}
				w.onAnswer(nil)
				fetch(t, s)
				mustBeAlive(t, pool, store)
				return
			}
			wantCanceled(t, "import", err, context.Canceled)
			wantNotImported(t, s, store, as)
			w.onAnswer(nil)
			importTokens(t, s, in)
		})
	}
}

// Nobody knows whether a request that was given up has rotated the token.
func TestImportGivenUpDuringTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		addUser(t, pool, "ana")
		in := auth.ImportTokensInput{RefreshToken: issued(t, pool, "ana").RefreshToken}
		s, store := newcomer(t, pool)
		pool.Inject(authtest.Fault{Operation: opRefresh, Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		as, err := auth.ImportTokens(ctx, s, in)
		wantCanceled(t, "import", err, context.DeadlineExceeded)
		if e, _ := errors.AsType[*auth.Error](err); !e.MaybeProcessed || time.Since(start) != time.Second {
			t.Errorf("after %v: MaybeProcessed is %t", time.Since(start), e.MaybeProcessed)
		}
		wantNotImported(t, s, store, as)
	})
}

func TestImportOverSomebody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		ana, ben := addUser(t, pool, "ana"), addUser(t, pool, "ben")
		s, store := newcomer(t, pool)
		signIn(t, s, "ana")
		_, before := store.bundle(t)
		in := issued(t, pool, "ben")
		sent := len(operations(pool))
		for _, in := range []auth.ImportTokensInput{in, {RefreshToken: in.RefreshToken}, {AccessToken: before.AccessToken}} {
			_, err := auth.ImportTokens(t.Context(), s, in)
			wantCode(t, err, auth.ErrAlreadySignedIn)
		}
		if _, b := store.bundle(t); !b.Equal(before) || len(operations(pool)) != sent {
			t.Errorf("the session was touched, or %d requests were sent", len(operations(pool))-sent)
		}
		if got := fetch(t, s).UserSub; got != ana {
			t.Errorf("signed in: got %q, want %q", got, ana)
		}

		// Tokens that cannot be refreshed any more are nobody's.
		pool.FailNext(opRefresh, auth.ErrNotAuthorized)
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		if got := importTokens(t, s, in).UserSub; got != ben {
			t.Errorf("imported: got %q, want %q", got, ben)
		}
		if got := fetch(t, s).UserSub; got != ben {
			t.Errorf("signed in: got %q, want %q", got, ben)
		}
	})
}

// A sign-in that was in progress cannot take the place of what was imported.
func TestImportEndsWhatWasInProgress(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional})
	sub := addUser(t, pool, "ana")
	pool.AddUser(authtest.User{Name: "ben", Password: thePassword, Email: "ben@example.com", TOTP: true})
	s, store := newcomer(t, pool)
	signUp(t, s, "cleo", andAutoSignIn)
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ben", Password: thePassword})
	wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
	importTokens(t, s, issued(t, pool, "ana"))
	_, err = choose(t, s, pool.TOTP("ben"))
	wantCode(t, err, auth.ErrNoSignIn)
	if got := fetch(t, s).UserSub; got != sub {
		t.Errorf("signed in: got %q, want %q", got, sub)
	}
	if n := len(store.records()); n != 1 {
		t.Errorf("the store holds %d records, want the tokens alone", n)
	}

	// If the store does not let go of it, the import stands.
	signOutHere(t, s)
	out, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ben", Password: thePassword})
	wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
	store.script(failing("Delete"))
	importTokens(t, s, issued(t, pool, "ana"))
}

// moved is a device and the tokens that were issued to it, in another store than
// the household's.
func (h household) moved(t testing.TB, name string) (auth.ImportTokensInput, *auth.DeviceCredentials) {
	t.Helper()
	old := household{pool: h.pool, store: newFaultyStore()}
	old.client = newClient(t, h.pool, old.store.on())
	s, _ := old.signIn(t, name, "old store")
	_, b := old.store.bundle(t)
	d, err := auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{})
	if err != nil {
		t.Fatal(err)
	}
	return auth.ImportTokensInput{AccessToken: b.AccessToken, IDToken: b.IDToken, RefreshToken: b.RefreshToken}, d
}

// movedWithDevice is moved with the device among the input.
func (h household) movedWithDevice(t testing.TB, name string) auth.ImportTokensInput {
	t.Helper()
	in, d := h.moved(t, name)
	in.Device = d
	return in
}

// The tokens of a tracked device are refreshed with its key. With its secret the
// device goes on being remembered in the new store.
func TestImportOnADevice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		change   func(in *auth.ImportTokensInput, d *auth.DeviceCredentials)
		expired  bool
		imported auth.ErrorCode    // "" for success
		steps    []auth.SignInStep // of the next sign-in
	}{
		{"with the device", func(in *auth.ImportTokensInput, d *auth.DeviceCredentials) { in.Device = d }, false, "", asksNone},
		{"expired, with the device", func(in *auth.ImportTokensInput, d *auth.DeviceCredentials) { in.Device = d }, true, "", asksNone},
		{"refresh token and device", func(in *auth.ImportTokensInput, d *auth.DeviceCredentials) {
			in.AccessToken, in.IDToken, in.Device = "", "", d
		}, false, "", asksNone},
		{"the tokens name it", func(*auth.ImportTokensInput, *auth.DeviceCredentials) {}, false, "", asksCode},
		{"expired, the tokens name it", func(*auth.ImportTokensInput, *auth.DeviceCredentials) {}, true, "", asksCode},
		{"refresh token and key", func(in *auth.ImportTokensInput, d *auth.DeviceCredentials) {
			in.AccessToken, in.IDToken, in.Device = "", "", &auth.DeviceCredentials{Key: d.Key}
		}, false, "", asksCode},
		{"refresh token alone", func(in *auth.ImportTokensInput, _ *auth.DeviceCredentials) {
			in.AccessToken, in.IDToken = "", ""
		}, false, auth.ErrSessionExpired, nil},
		{"refresh token and another key", func(in *auth.ImportTokensInput, _ *auth.DeviceCredentials) {
			in.AccessToken, in.IDToken, in.Device = "", "", &auth.DeviceCredentials{Key: "eu-west-1_0"}
		}, false, auth.ErrSessionExpired, nil},
		{"another device", func(in *auth.ImportTokensInput, d *auth.DeviceCredentials) {
			in.Device = &auth.DeviceCredentials{Key: "eu-west-1_0", GroupKey: d.GroupKey, Secret: d.Secret}
		}, false, auth.ErrInvalidTokens, nil},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			h := newHousehold(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
			in, d := h.moved(t, "bea")
			tt.change(&in, d)
			if tt.expired {
				time.Sleep(2 * time.Hour)
			}
			s := h.session(t, "bea", "new store")
			as, err := auth.ImportTokens(t.Context(), s, in)
			if tt.imported != "" {
				wantCode(t, err, tt.imported)
				wantNotImported(t, s, h.store, as)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Hour)
			fetch(t, s)
			for _, r := range requestsFor(h.pool, opRefresh) {
				if r.Body["DeviceKey"] != d.Key {
					t.Errorf("the refresh was sent for the device %v, want %s", r.Body["DeviceKey"], d.Key)
				}
			}
			if out, err := auth.FetchDevice(t.Context(), s, auth.FetchDeviceInput{}); err != nil || out.ID != d.Key {
				t.Errorf("the session's device: got %v, %v", out, err)
			}
			signOutHere(t, s)
			other := sessionOf(t, h.client, "another").OnDevice("new store")
			steps, _ := signInWith(t, h.pool, other, "bea", auth.AuthFlowUserSRP)
			wantSteps(t, "after the import", steps, tt.steps)
			if same := keyOf(t, other) == d.Key; same != (len(tt.steps) == 1) {
				t.Errorf("the same device: got %t", same)
			}
		})
	}
}

// A service that gives tokens of a device without having been told its key says
// so in the tokens, and may not be so kind the next time.
func TestImportLearnsTheDevice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHousehold(t, authtest.DeviceTracking{})
		in, d := h.moved(t, "ana")
		w := newWitness(h.pool)
		s, _ := newcomer(t, h.pool, w.on())
		w.onRequest(func(op string, body map[string]any) {
			if op == opRefresh {
				body["DeviceKey"] = d.Key
			}
		})
		importTokens(t, s, auth.ImportTokensInput{RefreshToken: in.RefreshToken})
		w.onRequest(nil)
		if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
			t.Error(err)
		}
	})
}

// A device that is imported again keeps the names that its user signs in with.
func TestImportOnADeviceOnceMore(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	in := h.movedWithDevice(t, "ana")
	s := h.session(t, "ana", "new store")
	for _, loginID := range []string{"ana@example.com", ""} {
		in.LoginID = loginID
		importTokens(t, s, in)
		signOutHereOnly(t, h, s)
	}
	for _, name := range []string{"ana", "ana@example.com"} {
		wantCached(t, s, name, in.Device.Key)
	}
}

// signOutHereOnly ends a session and leaves its tokens good.
func signOutHereOnly(t testing.TB, h household, s *auth.Session) {
	t.Helper()
	h.pool.Inject(authtest.Fault{Operation: "RevokeToken", Code: "UnauthorizedException"})
	signOutHere(t, s)
}

// An import either happens as a whole or not at all, whichever call of the store
// fails, once or for good, before or after it did its work.
func TestImportWithAStoreThatFails(t *testing.T) {
	t.Parallel()
	for _, expired := range []bool{false, true} {
		for _, how := range []string{"once", "once, done all the same", "for good"} {
			bubble(t, fmt.Sprintf("expired=%t/%s", expired, how), func(t *testing.T) {
				pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
				addUser(t, pool, "ana")
				for n := 1; ; n++ {
					in := issued(t, pool, "ana")
					in.Device = &auth.DeviceCredentials{Key: "eu-west-1_0", GroupKey: "group", Secret: "secret"}
					if expired {
						time.Sleep(2 * time.Hour)
					}
					w := newWitness(pool)
					s, store := newcomer(t, pool, w.on())
					store.script(func(c storeCall, do func() error) error {
						if c.n < n || c.n > n && how != "for good" {
							return do()
						}
						if how == "once, done all the same" {
							do()
						}
						return errStore
					})
					as, err := auth.ImportTokens(t.Context(), s, in)
					failed := store.count() >= n
					store.script(nil)
					if !failed {
						break
					}
					if err == nil {
						if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
							t.Errorf("call %d: nobody is signed in: %v", n, err)
						}
						continue
					}
					if as != nil || !errors.Is(err, errStore) {
						t.Errorf("call %d: got %v and %v", n, as, err)
					}
					if left := len(store.bundles()); left != 0 {
						t.Errorf("call %d: after %v the store holds the tokens of %d sessions", n, err, left)
					}
					for _, token := range w.issued() {
						if refreshable(t, pool, token) {
							t.Errorf("call %d: after %v a refresh token is good that nobody holds", n, err)
						}
					}
				}
			})
		}
	}
}

func TestRenewSessionAfterAnImport(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
	sub := addUser(t, pool, "ana")
	s, store := newcomer(t, pool)
	importTokens(t, s, issued(t, pool, "ana"))
	s = renewed(t, s, "fresh")
	as, err := auth.FetchAuthSession(t.Context(), s, forced())
	if err != nil || as.UserSub != sub {
		t.Errorf("got %v, %v", as, err)
	}
	mustBeAlive(t, pool, store)
}

// What cannot be right is named, all of it at once, and nothing is sent.
func TestImportInputs(t *testing.T) {
	t.Parallel()
	const key = "eu-west-1_0"
	refresh := func(in auth.ImportTokensInput) auth.ImportTokensInput { in.RefreshToken = "x"; return in }
	for _, tt := range []struct {
		name string
		in   auth.ImportTokensInput
		want []problem
	}{
		{"nothing", auth.ImportTokensInput{}, invalid("AccessToken")},
		{"ID token alone", auth.ImportTokensInput{IDToken: "x"}, invalid("AccessToken", "IDToken")},
		{"ID token beside a refresh token", refresh(auth.ImportTokensInput{IDToken: "x"}), invalid("IDToken")},
		{"refresh token with a space", auth.ImportTokensInput{RefreshToken: "a b"}, invalid("RefreshToken")},
		{"refresh token with a line", auth.ImportTokensInput{RefreshToken: "a\n"}, invalid("RefreshToken")},
		{"refresh token that is not UTF-8", auth.ImportTokensInput{RefreshToken: badText}, invalid("RefreshToken")},
		{"login id", refresh(auth.ImportTokensInput{LoginID: "ana b"}), invalid("LoginID")},
		{"long login id", refresh(auth.ImportTokensInput{LoginID: long129}), invalid("LoginID")},
		{"device without key", refresh(auth.ImportTokensInput{Device: &auth.DeviceCredentials{}}), invalid("Device.Key")},
		{"device key", refresh(auth.ImportTokensInput{Device: &auth.DeviceCredentials{Key: "laptop"}}), invalid("Device.Key")},
		{
			"secret without group", refresh(auth.ImportTokensInput{Device: &auth.DeviceCredentials{Key: key, Secret: "s"}}),
			invalid("Device.GroupKey"),
		},
		{
			"secret that was printed", refresh(auth.ImportTokensInput{Device: &auth.DeviceCredentials{Key: key, GroupKey: "g", Secret: "[device secret]"}}),
			invalid("Device.Secret"),
		},
		{
			"all", auth.ImportTokensInput{
				IDToken: "x", LoginID: badText, Device: &auth.DeviceCredentials{Key: badText, GroupKey: badText, Secret: badText},
			},
			invalid("AccessToken", "IDToken", "LoginID", "Device.Key", "Device.GroupKey", "Device.Secret"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			s, store := newcomer(t, pool)
			as, err := auth.ImportTokens(t.Context(), s, tt.in)
			if diff := cmp.Diff(tt.want, problemsOf(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			wantNotImported(t, s, store, as)
			if sent := pool.Requests(); len(sent) != 0 {
				t.Errorf("requests were sent: %v", sent)
			}
		})
	}
}

// Two hosts import one token that can be spent once: one of them does, and the
// session is whole.
func TestImportOfOneTokenTwice(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			sub := addUser(t, pool, "ana")
			in := auth.ImportTokensInput{RefreshToken: issued(t, pool, "ana").RefreshToken}
			hosts := newPeers(t, pool, 2)
			var mu sync.Mutex
			var wg sync.WaitGroup
			done := 0
			for i, h := range hosts {
				h.wire.onAnswer(func(string) { time.Sleep(jitter(time.Second, i)) })
				wg.Go(func() {
					as, err := auth.ImportTokens(t.Context(), h.session(t, "1"), in)
					switch {
					case err == nil && as.UserSub == sub:
						mu.Lock()
						done++
						mu.Unlock()
					case !rotate || auth.CodeOf(err) != auth.ErrSessionExpired:
						t.Errorf("got %v, %v", as, err)
					}
				})
			}
			wg.Wait()
			if want := map[bool]int{false: 2, true: 1}[rotate]; done != want {
				t.Errorf("%d imports have worked, want %d", done, want)
			}
			if got := fetch(t, hosts[0].session(t, "1")).UserSub; got != sub {
				t.Errorf("sub: got %q, want %q", got, sub)
			}
			mustBeAlive(t, pool, hosts[0].store)
		})
	}
}

// Imports, sign-outs and readers of one session at the same time: whoever is
// told something is told what was so, and what is left is whole.
func TestImportsConcurrentSafe(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	people := map[string]string{addUser(t, pool, "ana"): "ana", addUser(t, pool, "ben"): "ben"}
	c := newClient(t, pool)
	var wg sync.WaitGroup
	for _, name := range people {
		in := issued(t, pool, name)
		for range 2 {
			wg.Go(func() {
				for range 10 {
					s := sessionOf(t, c, "1")
					as, err := auth.ImportTokens(t.Context(), s, in)
					if code := auth.CodeOf(err); err != nil && code != auth.ErrAlreadySignedIn {
						t.Errorf("import: %v", err)
					} else if err == nil && people[as.UserSub] != name {
						t.Errorf("%s got the tokens of %s", name, people[as.UserSub])
					}
					as, err = auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
					if code := auth.CodeOf(err); err != nil && code != auth.ErrNotSignedIn {
						t.Errorf("fetch: %v", err)
					} else if err == nil && people[as.UserSub] != as.Tokens.AccessClaims.Username() {
						t.Error("tokens of two people")
					}
					pool.Inject(authtest.Fault{Operation: "RevokeToken", Code: "UnauthorizedException"})
					if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
						t.Errorf("sign out: %v", err)
					}
				}
			})
		}
	}
	wg.Wait()
	s := sessionOf(t, c, "1")
	signOutHere(t, s)
	_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
	wantCode(t, err, auth.ErrNotSignedIn)
}

// Whatever is imported: only what verifies is ever stored.
func FuzzImportTokens(f *testing.F) {
	pool := newPool(f, authtest.Config{})
	addUser(f, pool, "ana")
	addUser(f, pool, "ben")
	ana, ben := issued(f, pool, "ana"), issued(f, pool, "ben")
	f.Add(ana.AccessToken, ana.IDToken, ana.RefreshToken, "", "")
	f.Add(ana.AccessToken, ben.IDToken, "", "ana", "eu-west-1_0")
	f.Add("", "", ben.RefreshToken, "", "")
	f.Add(ana.IDToken, ana.AccessToken, ana.RefreshToken, "", "")
	f.Add(tamper(ana.AccessToken), "", "", "a b", "x")
	f.Add("a.b.c", "{}", "\xff", "", "")
	store := newFaultyStore()
	c := newClient(f, pool, store.on())
	f.Fuzz(func(t *testing.T, access, id, refresh, login, device string) {
		s := sessionOf(t, c, "1")
		in := auth.ImportTokensInput{AccessToken: access, IDToken: id, RefreshToken: refresh, LoginID: login}
		if device != "" {
			in.Device = &auth.DeviceCredentials{Key: device}
		}
		as, err := auth.ImportTokens(t.Context(), s, in)
		if (as == nil) != (err != nil) {
			t.Fatalf("got %v and error %v, want one of them", as, err)
		}
		if err != nil {
			problemsOf(t, err)
			if n := len(store.records()); n != 0 {
				t.Errorf("%d records are stored after %v", n, err)
			}
			return
		}
		_, b := store.bundle(t)
		if _, err := c.Verifier().VerifyBundle(t.Context(), b); err != nil {
			t.Errorf("stored: %v", err)
		}
		if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
			t.Fatal(err)
		}
	})
}
