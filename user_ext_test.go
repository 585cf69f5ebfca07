package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// FetchUser returns what the service has now, and its JSON is the service's own
// answer, as identity-js hands it on.
func TestFetchUser(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{
		MFA: authtest.MFAOptional, MFAFactors: everyFactor, UsernameAttributes: []string{"email"}, CustomAttributes: []string{"plan"},
	})
	pool.AddUser(authtest.User{
		Email: "ana@example.com", Sub: anaSub, Password: thePassword, Phone: thePhone, Attributes: map[string]string{"custom:plan": "free", "name": "Ana <&>"},
	})
	s, w := recorded(t, pool)
	signIn(t, s, "ana@example.com")
	want := &auth.FetchUserOutput{
		Username: anaSub,
		Attributes: map[string]string{
			"sub": anaSub, "email": "ana@example.com", "email_verified": "true", "phone_number": thePhone, "phone_number_verified": "true",
			"custom:plan": "free", "name": "Ana <&>",
		},
	}
	check := func() {
		t.Helper()
		got, err := auth.FetchUser(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("user (-want +got):\n%s", diff)
		}
		text, err := json.Marshal(w.last("GetUser").got)
		if err != nil {
			t.Fatal(err)
		}
		wantJSON(t, sortedAttributes(t, got), string(sortedAttributes(t, json.RawMessage(text))))
	}
	check()
	prefer(t, s, auth.UpdateMFAPreferenceInput{SMS: auth.MFAPreferencePreferred, Email: auth.MFAPreferenceEnabled})
	updateAttributes(t, s, map[string]string{"custom:plan": "pro"})
	want.UserMFASettingList, want.PreferredMFASetting = []string{"SMS_MFA", "EMAIL_OTP"}, "SMS_MFA"
	want.Attributes["custom:plan"] = "pro"
	check()
	call(t, pool, "SetUserSettings", object{
		"AccessToken": string(fetch(t, s).Tokens.AccessToken), "MFAOptions": []object{{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}},
	})
	want.MFAOptions = []auth.MFAOption{{DeliveryMedium: "SMS", AttributeName: "phone_number"}}
	check()
	if n := len(operations(pool, "GetUser")); n != 3 {
		t.Errorf("GetUser was asked for %d times, want 3", n)
	}
}

// sortedAttributes marshals a user with the attributes in the order of their
// names, which means nothing.
func sortedAttributes(t testing.TB, user any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(user)
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	list, _ := o["UserAttributes"].([]any)
	slices.SortFunc(list, func(a, b any) int {
		return compareText(a.(object)["Name"], b.(object)["Name"])
	})
	if text, err = json.Marshal(o); err != nil {
		t.Fatal(err)
	}
	return text
}

func compareText(a, b any) int {
	switch a, b := a.(string), b.(string); {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestFetchUserJSONOfNobody(t *testing.T) {
	t.Parallel()
	wantJSON(t, auth.FetchUserOutput{}, `{"Username":"","UserAttributes":[]}`)
}

// A user without a name is no answer. Reading it again is safe, so a lost answer
// is asked for again.
func TestFetchUserOfABrokenService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s, w := recorded(t, pool)
		signIn(t, s, "ana")
		w.answer = func(string, object) (object, bool) { return object{"UserAttributes": []any{}}, true }
		_, err := auth.FetchUser(t.Context(), s)
		wantCode(t, err, auth.ErrUnexpectedResponse)
		w.answer = nil
		pool.Inject(authtest.Fault{Operation: "GetUser", DropResponse: true, Times: 2})
		if _, err := auth.FetchUser(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}

// deviceSession signs somebody in on a device that the pool remembers.
func deviceSession(t testing.TB, c *auth.Client, id, device, name string) *auth.Session {
	t.Helper()
	s := sessionOf(t, c, id).OnDevice(device)
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: name, Password: thePassword, AuthFlow: auth.AuthFlowUserSRP})
	if err != nil || !out.IsSignedIn || out.Device == nil || out.Device.Err != nil {
		t.Fatalf("sign in: got %+v, %v", out, err)
	}
	return s
}

// deletion is a pool with two people on one device, and ana's session.
type deletion struct {
	pool  *authtest.Pool
	store *faultyStore
	wire  *witness
	c     *auth.Client
	ana   *auth.Session
	ben   *auth.Session
}

func newDeletion(t testing.TB) *deletion {
	t.Helper()
	d := &deletion{pool: newPool(t, authtest.Config{Devices: &authtest.DeviceTracking{}}), store: newFaultyStore()}
	addUser(t, d.pool, "ana")
	addUser(t, d.pool, "ben")
	d.wire = newWitness(d.pool)
	d.c = newClient(t, d.pool, d.store.on(), d.wire.on())
	d.ben = deviceSession(t, d.c, "ben's browser", "laptop", "ben")
	d.ana = deviceSession(t, d.c, "ana's browser", "laptop", "ana")
	return d
}

func (d *deletion) device(t testing.TB, s *auth.Session, name string) error {
	t.Helper()
	_, err := auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{Username: name})
	return err
}

// wantBenAsBefore fails the test if ben has lost anything.
func (d *deletion) wantBenAsBefore(t testing.TB) {
	t.Helper()
	if _, err := auth.FetchUser(t.Context(), d.ben); err != nil {
		t.Errorf("ben's account: %v", err)
	}
	fetchForced(t, d.ben) // with his device's key
	if err := d.device(t, d.ben, "ben"); err != nil {
		t.Errorf("ben's device: %v", err)
	}
}

// Who deletes an account leaves nothing behind: the account, the session, the
// device and what was in progress are gone. Others on the same device lose
// nothing.
func TestDeleteUser(t *testing.T) {
	t.Parallel()
	d := newDeletion(t)
	// Somebody signs up in the same browser meanwhile.
	signUp(t, d.ana, "eve", andAutoSignIn)
	elsewhere := deviceSession(t, newClient(t, d.pool), "ana's phone", "phone", "ana")
	before := len(operations(d.pool))
	out, err := auth.DeleteUser(t.Context(), d.ana)
	if err != nil || out.CleanupError != nil {
		t.Fatalf("got %+v, %v", out, err)
	}
	if diff := cmp.Diff([]string{"DeleteUser"}, operations(d.pool)[before:]); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if _, exists := d.pool.User("ana"); exists {
		t.Error("the account is still there")
	}
	wantCode(t, d.device(t, d.ana, "ana"), auth.ErrDeviceUnknown)
	wantNothing(t, d.ana)
	_, err = auth.AutoSignIn(t.Context(), d.ana, auth.AutoSignInInput{Password: thePassword})
	wantCode(t, err, auth.ErrAutoSignInUnavailable)
	if n := len(d.store.records()); n != 2 { // ben's session and device
		t.Errorf("%d records are left, want 2", n)
	}
	d.wantBenAsBefore(t)
	_, err = auth.FetchUser(t.Context(), elsewhere)
	wantCode(t, err, auth.ErrSessionExpired)
	_, err = auth.DeleteUser(t.Context(), d.ana)
	wantCode(t, err, auth.ErrNotSignedIn)
	_, err = begin(t, d.ana, "ana", thePassword, "")
	wantCode(t, err, auth.ErrUserNotFound)
}

// An attempt that was begun before the sign-in that deleted the account ends
// with it.
func TestDeleteUserEndsWhatWasInProgress(t *testing.T) {
	t.Parallel()
	pool, store := newPool(t, authtest.Config{MFA: authtest.MFAOptional}), newFaultyStore()
	addUser(t, pool, "ana")
	pool.AddUser(authtest.User{Name: "ben", Password: thePassword, TOTP: true})
	hosts := []*auth.Session{sessionOf(t, newClient(t, pool, store.on()), "1"), sessionOf(t, newClient(t, pool, store.on()), "1")}
	// Two tabs sign in at the same time; ben's has yet to answer.
	once := sync.OnceFunc(func() {
		store.script(nil)
		signIn(t, hosts[1], "ana")
	})
	store.script(func(c storeCall, do func() error) error {
		if c.method == "Save" {
			once()
		}
		return do()
	})
	out, err := begin(t, hosts[0], "ben", thePassword, "")
	wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
	if _, err := auth.DeleteUser(t.Context(), hosts[0]); err != nil {
		t.Fatal(err)
	}
	wantNothing(t, hosts[0])
	if n := len(store.records()); n != 0 {
		t.Errorf("%d records are left", n)
	}
}

// An account that is gone is a success whatever becomes of the records. What is
// left opens nothing.
func TestDeleteUserWithABrokenStore(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Load", "Delete", "Save"} {
		bubble(t, method, func(t *testing.T) {
			d := newDeletion(t)
			d.wire.onAnswer(func(op string) {
				if op == "DeleteUser" {
					d.store.script(failing(method))
				}
			})
			out, err := auth.DeleteUser(t.Context(), d.ana)
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, out.CleanupError, auth.ErrInternal)
			if e, _ := errors.AsType[*auth.Error](out.CleanupError); e.Op != "delete user" || !errors.Is(e, errStore) {
				t.Errorf("got %+v", e)
			}
			if _, exists := d.pool.User("ana"); exists {
				t.Error("the account is still there")
			}
			d.store.script(nil)
			if method == "Save" { // for ben's part of the device record; the session is gone
				wantNothing(t, d.ana)
			} else {
				for range 2 {
					_, err := auth.FetchUser(t.Context(), d.ana)
					wantCode(t, err, auth.ErrSessionExpired)
				}
			}
			signOut(t, d.ana, auth.SignOutInput{})
			wantNothing(t, d.ana)
			d.wantBenAsBefore(t)
			// A new account of the same name is not held up by the old device.
			addUser(t, d.pool, "ana")
			out2, err := auth.SignIn(t.Context(), d.ana, auth.SignInInput{Username: "ana", Password: thePassword, AuthFlow: auth.AuthFlowUserSRP})
			if err != nil || !out2.IsSignedIn || out2.Device == nil || out2.Device.Err != nil {
				t.Errorf("sign in to the new account: got %+v, %v", out2, err)
			}
		})
	}
}

// The tokens go although other records cannot be removed, and the other way
// round.
func TestDeleteUserRemovesWhatItCan(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		d := newDeletion(t)
		failed := false
		d.wire.onAnswer(func(op string) {
			if op != "DeleteUser" {
				return
			}
			d.store.script(func(c storeCall, do func() error) error {
				if c.n == n {
					failed = true
					return errStore
				}
				return do()
			})
		})
		out, err := auth.DeleteUser(t.Context(), d.ana)
		if err != nil {
			t.Fatal(err)
		}
		d.store.script(nil)
		if !failed {
			if n < 6 {
				t.Errorf("the store was asked only %d times", n-1)
			}
			if out.CleanupError != nil {
				t.Errorf("without a failure: got %v", out.CleanupError)
			}
			return
		}
		left := len(d.store.records()) - 2 // ben's
		_, cached := auth.CachedDevice(t.Context(), d.ana, auth.CachedDeviceInput{Username: "ana"})
		if cached == nil {
			left++
		}
		if left > 1 {
			t.Errorf("call %d of the store fails: %d things are left", n, left)
		}
		if out.CleanupError == nil && left > 0 {
			t.Errorf("call %d of the store fails: something is left and nobody says so", n)
		}
		d.wantBenAsBefore(t)
	}
}

// A lost answer leaves a doubt, which the error says. A second call finds out
// from the service: either that there is no such user, a success, or only that
// the tokens are worth nothing.
func TestDeleteUserWithALostAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		then func(*authtest.Pool) // how the service answers for a user who is gone
		want auth.ErrorCode
	}{
		{"revoked", func(*authtest.Pool) {}, auth.ErrSessionExpired},
		{"not found", func(pool *authtest.Pool) {
			pool.Inject(authtest.Fault{Operation: "DeleteUser", Code: wire.ExceptionUserNotFound, Message: "User does not exist."})
		}, ""},
		{"not found by the refresh", func(pool *authtest.Pool) {
			pool.Inject(authtest.Fault{Operation: opRefresh, Code: wire.ExceptionUserNotFound, Message: "User does not exist."})
		}, ""},
	}
	for _, tt := range tests {
		for _, fault := range []authtest.Fault{{DropResponse: true}, {DropRequest: true}} {
			bubble(t, fmt.Sprintf("%s/acted=%t", tt.name, fault.DropResponse), func(t *testing.T) {
				d := newDeletion(t)
				fault.Operation = "DeleteUser"
				d.pool.Inject(fault)
				_, err := auth.DeleteUser(t.Context(), d.ana)
				wantCode(t, err, auth.ErrNetwork)
				if e, _ := errors.AsType[*auth.Error](err); !e.MaybeProcessed {
					t.Error("MaybeProcessed is not set")
				}
				if n := len(operations(d.pool, "DeleteUser")); n != 1 {
					t.Errorf("DeleteUser was sent %d times", n)
				}
				if _, exists := d.pool.User("ana"); exists == fault.DropResponse {
					t.Errorf("the account exists: %t", exists)
				}
				fetch(t, d.ana) // the session is as it was
				if fault.DropRequest {
					if out, err := auth.DeleteUser(t.Context(), d.ana); err != nil || out.CleanupError != nil {
						t.Errorf("second call: got %+v, %v", out, err)
					}
					wantNothing(t, d.ana)
					return
				}
				tt.then(d.pool)
				out, err := auth.DeleteUser(t.Context(), d.ana)
				if tt.want != "" {
					wantCode(t, err, tt.want)
					return
				}
				if err != nil || out.CleanupError != nil {
					t.Fatalf("second call: got %+v, %v", out, err)
				}
				wantNothing(t, d.ana)
				wantCode(t, d.device(t, d.ana, "ana"), auth.ErrDeviceUnknown)
				d.wantBenAsBefore(t)
			})
		}
	}
}

// Whoever signs in to the session while the old account goes stays signed in:
// somebody else, or the same person with a new account of the same name.
func TestDeleteUserLeavesWhoSignsInMeanwhile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ben", "ana"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			addUser(t, pool, "ben")
			hosts := newPeers(t, pool, 2)
			here, there := hosts[0].session(t, "1"), hosts[1].session(t, "1")
			signIn(t, here, "ana")
			hosts[0].wire.onAnswer(func(op string) {
				if op == "DeleteUser" {
					signOut(t, there, auth.SignOutInput{})
					if name == "ana" {
						addUser(t, pool, "ana")
					}
					signIn(t, there, name)
				}
			})
			out, err := auth.DeleteUser(t.Context(), here)
			if err != nil || out.CleanupError != nil {
				t.Fatalf("got %+v, %v", out, err)
			}
			user, err := auth.FetchUser(t.Context(), there)
			if err != nil || user.Username != name {
				t.Errorf("who signed in meanwhile: got %v, %v", user, err)
			}
			if _, exists := pool.User(name); !exists {
				t.Error("the account is gone")
			}
		})
	}
}

// A sign-in that somebody begins as soon as the session is free is not ended by
// the tidying that goes on.
func TestDeleteUserLeavesAttemptsThatBeginMeanwhile(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional})
	addUser(t, pool, "ana")
	pool.AddUser(authtest.User{Name: "ben", Password: thePassword, TOTP: true})
	hosts := newPeers(t, pool, 2)
	here, there := hosts[0].session(t, "1"), hosts[1].session(t, "1")
	signIn(t, here, "ana")
	begun := false
	hosts[0].store.script(func(c storeCall, do func() error) error {
		if !begun {
			_, err := auth.GetCurrentUser(t.Context(), there)
			if begun = errors.Is(err, auth.ErrNotSignedIn); begun {
				out, err := begin(t, there, "ben", thePassword, "")
				wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
			}
		}
		return do()
	})
	if out, err := auth.DeleteUser(t.Context(), here); err != nil || out.CleanupError != nil {
		t.Fatalf("got %+v, %v", out, err)
	}
	if !begun {
		out, err := begin(t, there, "ben", thePassword, "")
		wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
	}
	out, err := choose(t, there, pool.TOTP("ben"))
	wantStep(t, out, err, auth.SignInStepDone)
}

// A caller who leaves after the service has acted does not stop the tidying.
func TestDeleteUserTidiesUpAfterTheCallerHasLeft(t *testing.T) {
	t.Parallel()
	d := newDeletion(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	deleted := false
	d.wire.onAnswer(func(op string) { deleted = deleted || op == "DeleteUser" })
	d.store.script(func(_ storeCall, do func() error) error {
		if deleted {
			cancel()
		}
		return do()
	})
	out, err := auth.DeleteUser(ctx, d.ana)
	if err != nil || out.CleanupError != nil || ctx.Err() == nil {
		t.Fatalf("got %+v, %v", out, err)
	}
	d.store.script(nil)
	wantNothing(t, d.ana)
	wantCode(t, d.device(t, d.ana, "ana"), auth.ErrDeviceUnknown)
}

// A refresh that is under way does not bring the session back.
func TestDeleteUserDuringARefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		addUser(t, pool, "ana")
		hosts := newPeers(t, pool, 2)
		here, there := hosts[0].session(t, "1"), hosts[1].session(t, "1")
		signIn(t, here, "ana")
		hosts[1].wire.onAnswer(func(op string) {
			if op == opRefresh {
				time.Sleep(2 * time.Second)
			}
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := auth.FetchAuthSession(t.Context(), there, forced())
			if !errors.Is(err, auth.ErrNotSignedIn) {
				t.Errorf("the refresh: got %v, want that nobody is signed in", err)
			}
		})
		time.Sleep(time.Second)
		if out, err := auth.DeleteUser(t.Context(), here); err != nil || out.CleanupError != nil {
			t.Errorf("got %+v, %v", out, err)
		}
		wg.Wait()
		wantNothing(t, here)
		if n := len(hosts[0].store.records()); n != 0 {
			t.Errorf("%d records are left", n)
		}
	})
}

// What the service refuses for a reason leaves everything where it is.
func TestDeleteUserThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []auth.ErrorCode{auth.ErrPasswordResetRequired, auth.ErrUserNotConfirmed, auth.ErrNotAuthorized, auth.ErrInternalError} {
		d := newDeletion(t)
		d.pool.FailNext("DeleteUser", code)
		_, err := auth.DeleteUser(t.Context(), d.ana)
		wantCode(t, err, code)
		fetchForced(t, d.ana)
		if err := d.device(t, d.ana, "ana"); err != nil {
			t.Errorf("%s: the device: %v", code, err)
		}
	}
}
