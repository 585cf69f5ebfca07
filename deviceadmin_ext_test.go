package auth_test

import (
	"context"
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

// A household is a pool that remembers devices, and one store for everybody's
// sessions and devices.
type household struct {
	pool   *authtest.Pool
	store  *faultyStore
	client *auth.Client
}

// newHousehold has ana, and bea who needs a code of an authenticator app on
// devices that are not remembered.
func newHousehold(t testing.TB, d authtest.DeviceTracking, changes ...func(*auth.Config)) household {
	t.Helper()
	h := household{pool: devicePool(t, d), store: newFaultyStore()}
	h.client = newClient(t, h.pool, append(changes, h.store.on())...)
	return h
}

// session is somebody's session on a device.
func (h household) session(t testing.TB, name, device string) *auth.Session {
	t.Helper()
	return sessionOf(t, h.client, name+" on "+device).OnDevice(device)
}

// signIn signs somebody in on a device anew, and returns the session and what
// was asked.
func (h household) signIn(t testing.TB, name, device string) (*auth.Session, []auth.SignInStep) {
	t.Helper()
	s := h.session(t, name, device)
	signOutHere(t, s)
	steps, _ := signInWith(t, h.pool, s, name, auth.AuthFlowUserSRP)
	return s, steps
}

// sent returns the operations that f sends.
func (h household) sent(f func()) []string {
	before := len(operations(h.pool))
	f()
	return operations(h.pool)[before:]
}

// keyOf returns the key of the device that a session's tokens were issued to.
func keyOf(t testing.TB, s *auth.Session) string {
	t.Helper()
	key := fetch(t, s).Tokens.AccessClaims.DeviceKey()
	if key == "" {
		t.Fatal("the session's tokens were not issued to a device")
	}
	return key
}

// wantCached checks which device the store has for a person, "" for none.
func wantCached(t testing.TB, s *auth.Session, name, key string) {
	t.Helper()
	d, err := auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{Username: name})
	if key == "" {
		wantCode(t, err, auth.ErrDeviceUnknown)
		return
	}
	if err != nil {
		t.Fatalf("the device of %s: %v", name, err)
	}
	if d.Key != key || d.GroupKey == "" || len(string(d.Secret)) < 40 {
		t.Errorf("the device of %s: got key %s, want %s", name, d.Key, key)
	}
}

var (
	asksCode = []auth.SignInStep{auth.SignInStepConfirmWithTOTPCode, auth.SignInStepDone}
	asksNone = []auth.SignInStep{auth.SignInStepDone}
)

func wantSteps(t testing.TB, when string, got, want []auth.SignInStep) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sign-in %s (-want +got):\n%s", when, diff)
	}
}

// Behavior 89: more than 60 devices are all listed.
func TestAllDevicesAreListed(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	want := make(map[string]bool)
	var s *auth.Session
	for i := range 61 {
		s, _ = h.signIn(t, "ana", fmt.Sprint("device ", i))
		want[keyOf(t, s)] = true
	}
	here := keyOf(t, s)
	out, err := auth.FetchDevices(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for _, d := range out.Devices {
		got[d.ID] = true
		if d.Current != (d.ID == here) {
			t.Errorf("device %s is this one: got %t", d.ID, d.Current)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(out.Devices) != len(want) {
		t.Errorf("%d devices (-want +got):\n%s", len(out.Devices), diff)
	}
	if n := len(operations(h.pool, "ListDevices")); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

// listedDevice is a device as the service describes it.
func listedDevice(n int) object {
	return object{
		"DeviceKey":        fmt.Sprintf("eu-west-1_%08x-0000-4000-8000-000000000000", n),
		"DeviceAttributes": []object{{"Name": "device_name", "Value": fmt.Sprint("Computer ", n)}, {"Name": "device_status", "Value": "valid"}},
		"DeviceCreateDate": 1700000000.123, "DeviceLastModifiedDate": 1700000001, "DeviceLastAuthenticatedDate": 1700000002.5,
	}
}

// devicePages answers ListDevices with pages of two devices, of which the first
// is number 0. next says what the next page goes by, "" after the last.
func devicePages(next func(page int) string) (answer func(string, object) (object, bool), requests *int) {
	requests = new(int)
	return func(op string, sent object) (object, bool) {
		if op != "ListDevices" {
			return nil, false
		}
		page := *requests
		*requests++
		got := object{"Devices": []object{listedDevice(2 * page), listedDevice(2*page + 1)}}
		if token := next(page); token != "" {
			got["PaginationToken"] = token
		}
		return got, true
	}, requests
}

// threePages are pages that end.
func threePages(page int) string {
	if page == 2 {
		return ""
	}
	return fmt.Sprint("page ", page+1)
}

// A page is asked for when the one before is used up, and whoever stops early
// does not pay for what they do not see.
func TestDevicePagesAreFetchedWhenNeeded(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	for wanted, want := range []int{0, 1, 1, 2, 2, 3, 3, 3} { // requests for so many devices
		var requests *int
		wire.answer, requests = devicePages(threePages)
		all := auth.AllDevices(t.Context(), s)
		seen := 0
		if wanted > 0 {
			for d, err := range all {
				if err != nil {
					t.Fatal(err)
				}
				if name := fmt.Sprint("Computer ", seen); d.Name != name {
					t.Errorf("got %s, want %s", d.Name, name)
				}
				if seen++; seen == wanted {
					break
				}
			}
		}
		if *requests != want || seen != min(wanted, 6) {
			t.Errorf("%d devices wanted: got %d with %d requests, want %d requests", wanted, seen, *requests, want)
		}
	}
	last := wire.last("ListDevices")
	if diff := cmp.Diff(object{
		"AccessToken": string(fetch(t, s).Tokens.AccessToken), "Limit": 60.0, "PaginationToken": "page 2",
	}, last.sent); diff != "" {
		t.Errorf("the last request (-want +got):\n%s", diff)
	}
}

// An iterator that is used again asks again.
func TestDeviceIteratorIsReusable(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	all := auth.AllDevices(t.Context(), s)
	for range 2 {
		var requests *int
		wire.answer, requests = devicePages(threePages)
		n := 0
		for _, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 6 || *requests != 3 {
			t.Errorf("got %d devices with %d requests, want 6 with 3", n, *requests)
		}
	}
}

// A list goes on over pages without anything on them, and ends with one error,
// which comes after what was there before it. Lists that do not end are ended.
func TestDeviceListsThatAreOdd(t *testing.T) {
	t.Parallel()
	number := func(page int) string { return fmt.Sprint("page ", page+1) }
	tests := []struct {
		name     string
		next     func(page int) string
		edit     func(page int, got object) object
		devices  int
		requests int
		want     auth.ErrorCode
	}{
		{"nothing at all", threePages, func(int, object) object { return object{} }, 0, 1, ""},
		{"an empty page", threePages, func(page int, got object) object {
			if page == 1 {
				got["Devices"] = []object{}
			}
			return got
		}, 4, 3, ""},
		{"a list missing on a page", threePages, func(page int, got object) object {
			if page == 1 {
				delete(got, "Devices")
			}
			return got
		}, 4, 3, ""},
		{"an error on the second page", threePages, func(page int, got object) object {
			if page == 1 {
				return object{"__type": "InvalidParameterException", "message": "Invalid pagination token."}
			}
			return got
		}, 2, 2, auth.ErrInvalidParameter},
		{"a token that repeats", func(int) string { return "page 1" }, nil, 4, 2, auth.ErrUnexpectedResponse},
		{"tokens that repeat in turn", func(page int) string { return fmt.Sprint("page ", page%3) }, nil, 8, 4, auth.ErrUnexpectedResponse},
		{"no end", number, nil, 2000, 1000, auth.ErrUnexpectedResponse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s, wire := recorded(t, pool)
			signIn(t, s, "ana")
			script := func() *int {
				pages, requests := devicePages(tt.next)
				wire.answer = func(op string, sent object) (object, bool) {
					page := *requests
					got, ok := pages(op, sent)
					if ok && tt.edit != nil {
						got = tt.edit(page, got)
					}
					return got, ok
				}
				return requests
			}
			requests := script()
			var devices, failures int
			var last error
			for d, err := range auth.AllDevices(t.Context(), s) {
				if last = err; err != nil {
					failures++
					if d.ID != "" {
						t.Error("there is a device with the error")
					}
					continue
				}
				devices++
			}
			if devices != tt.devices || *requests != tt.requests {
				t.Errorf("got %d devices with %d requests, want %d with %d", devices, *requests, tt.devices, tt.requests)
			}
			if tt.want == "" {
				if failures != 0 {
					t.Errorf("got %v", last)
				}
				return
			}
			wantCode(t, last, tt.want)
			if failures != 1 {
				t.Errorf("got %d errors, want 1", failures)
			}
			script()
			out, err := auth.FetchDevices(t.Context(), s)
			if wantCode(t, err, tt.want); out != nil {
				t.Errorf("FetchDevices: got %d devices with the error", len(out.Devices))
			}
		})
	}
}

// An access token that expires between two pages is refreshed once, and the list
// goes on.
func TestTokenExpiresBetweenTwoPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		addUser(t, pool, "ana")
		s, wire := recorded(t, pool)
		signIn(t, s, "ana")
		old := fetch(t, s).Tokens.AccessToken
		var requests *int
		wire.answer, requests = devicePages(threePages)
		n := 0
		for _, err := range auth.AllDevices(t.Context(), s) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 2 {
				time.Sleep(2 * time.Hour)
			}
		}
		if n != 6 || *requests != 3 || refreshes(pool) != 1 {
			t.Errorf("got %d devices with %d requests and %d refreshes, want 6, 3 and 1", n, *requests, refreshes(pool))
		}
		var tokens []string
		for _, x := range wire.exchanges() {
			if x.op == "ListDevices" {
				tokens = append(tokens, x.sent["AccessToken"].(string))
			}
		}
		fresh := string(fetch(t, s).Tokens.AccessToken)
		if diff := cmp.Diff([]string{string(old), fresh, fresh}, tokens); diff != "" {
			t.Errorf("the pages' tokens (-want +got):\n%s", diff)
		}
	})
}

// The list, one device of it, and both as JSON.
func TestDeviceIsDescribed(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	wire.answer = func(op string, _ object) (object, bool) {
		switch op {
		case "ListDevices":
			return object{"Devices": []object{listedDevice(7), {"DeviceKey": "eu-west-1_8"}}}, true
		case "GetDevice":
			return object{"Device": listedDevice(7)}, true
		}
		return nil, false
	}
	want := auth.Device{
		ID: "eu-west-1_00000007-0000-4000-8000-000000000000", Name: "Computer 7",
		Attributes:       map[string]string{"device_name": "Computer 7", "device_status": "valid"},
		CreateDate:       time.UnixMilli(1700000000123).UTC(),
		LastModifiedDate: time.Unix(1700000001, 0).UTC(), LastAuthenticatedDate: time.UnixMilli(1700000002500).UTC(),
	}
	const text = `{"id":"eu-west-1_00000007-0000-4000-8000-000000000000","name":"Computer 7",` +
		`"attributes":{"device_name":"Computer 7","device_status":"valid"},"createDate":"2023-11-14T22:13:20.123Z",` +
		`"lastModifiedDate":"2023-11-14T22:13:21Z","lastAuthenticatedDate":"2023-11-14T22:13:22.5Z"}`
	list, err := auth.FetchDevices(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	one, err := auth.FetchDevice(t.Context(), s, auth.FetchDeviceInput{DeviceID: want.ID})
	if err != nil {
		t.Fatal(err)
	}
	ignore := cmp.AllowUnexported(auth.Device{})
	if diff := cmp.Diff([]auth.Device{want, {ID: "eu-west-1_8", Attributes: map[string]string{}}}, list.Devices, ignore); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, one.Device, ignore); diff != "" {
		t.Errorf("device (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{list, "[" + text + `,{"id":"eu-west-1_8","attributes":{}}]`}, {one, text}, {auth.FetchDevicesOutput{}, "[]"},
	} {
		got, err := json.Marshal(tt.value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("JSON (-want +got):\n%s", diff)
		}
	}
}

// deviceCalls are the functions that work on one device.
func deviceCalls(t testing.TB, s *auth.Session) map[string]func(id string) error {
	return map[string]func(id string) error{
		"FetchDevice": func(id string) error {
			_, err := auth.FetchDevice(t.Context(), s, auth.FetchDeviceInput{DeviceID: id})
			return err
		},
		"RememberDevice": func(id string) error {
			_, err := auth.RememberDevice(t.Context(), s, auth.RememberDeviceInput{DeviceID: id})
			return err
		},
		"ForgetDevice": func(id string) error {
			_, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{DeviceID: id})
			return err
		},
	}
}

// Without an id it is the device that the session is on; where there is none,
// nothing is sent.
func TestSessionWithoutDevice(t *testing.T) {
	t.Parallel()
	const unknown = "eu-west-1_00000000-0000-4000-8000-000000000000"
	t.Run("on a device that the pool does not track", func(t *testing.T) {
		t.Parallel()
		h := newHousehold(t, authtest.DeviceTracking{})
		s := h.session(t, "ana", "kiosk")
		signInWith(t, h.pool, s, "ana", auth.AuthFlowUserPassword) // which registers none
		for name, call := range deviceCalls(t, s) {
			var err error
			if sent := h.sent(func() { err = call("") }); len(sent) != 0 {
				t.Errorf("%s: sent %v", name, sent)
			}
			wantCode(t, err, auth.ErrDeviceUnknown)
			wantCode(t, call(unknown), auth.ErrResourceNotFound)
		}
		wantCached(t, s, "", "")
		out, err := auth.FetchDevices(t.Context(), s)
		if err != nil || len(out.Devices) != 0 {
			t.Errorf("got %v, %v", out, err)
		}
	})
	t.Run("in a pool that tracks none", func(t *testing.T) {
		t.Parallel()
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		for _, call := range deviceCalls(t, s) {
			wantCode(t, call(""), auth.ErrDeviceUnknown)
			wantCode(t, call(unknown), auth.ErrInvalidUserPoolConfiguration)
		}
		_, err := auth.FetchDevices(t.Context(), s)
		wantCode(t, err, auth.ErrInvalidUserPoolConfiguration)
	})
}

// What is no device key is refused before it is sent.
func TestDeviceIDs(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	s, _ := h.signIn(t, "ana", "laptop")
	for _, id := range []string{"laptop", "eu-west-1_", "_1f", "eu-west-1_1F", "eu-west-1_1f\n", "eu west 1_1f", "eu-west-1_" + strings.Repeat("f", 46)} {
		for name, call := range deviceCalls(t, s) {
			var err error
			if sent := h.sent(func() { err = call(id) }); len(sent) != 0 {
				t.Errorf("%s of %q: sent %v", name, id, sent)
			}
			wantInput(t, err, auth.ErrInvalidInput, "DeviceID")
		}
	}
	for _, id := range []string{"eu-west-1_" + strings.Repeat("f", 45), "a_-"} {
		for _, call := range deviceCalls(t, s) {
			wantCode(t, call(id), auth.ErrResourceNotFound)
		}
	}
}

func TestFetchDevice(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	laptop, _ := h.signIn(t, "ana", "laptop")
	phone, _ := h.signIn(t, "ana", "phone")
	for _, tt := range []struct {
		name    string
		by      *auth.Session
		id      string
		want    string
		current bool
	}{
		{"the laptop", laptop, "", keyOf(t, laptop), true},
		{"the laptop by its id", laptop, keyOf(t, laptop), keyOf(t, laptop), true},
		{"the phone", phone, "", keyOf(t, phone), true},
		{"the phone, asked by the laptop", laptop, keyOf(t, phone), keyOf(t, phone), false},
	} {
		d, err := auth.FetchDevice(t.Context(), tt.by, auth.FetchDeviceInput{DeviceID: tt.id})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if d.ID != tt.want || d.Current != tt.current || d.Attributes["dev:device_remembered_status"] != "remembered" || d.CreateDate.IsZero() {
			t.Errorf("%s: got %s, current %t, attributes %v", tt.name, d.ID, d.Current, d.Attributes)
		}
	}
}

// The second factor is asked for on a device that is not remembered, and not on
// one that is, from whichever session the person says so.
func TestRememberDevice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHousehold(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true, RememberOnRequest: true})
		laptop, _ := h.signIn(t, "bea", "laptop")
		key := keyOf(t, laptop)
		phone, _ := h.signIn(t, "bea", "phone")
		for i, tt := range []struct {
			by   *auth.Session
			in   auth.RememberDeviceInput
			want []auth.SignInStep
		}{
			{laptop, auth.RememberDeviceInput{}, asksNone},
			{laptop, auth.RememberDeviceInput{NotRemembered: true}, asksCode},
			{phone, auth.RememberDeviceInput{DeviceID: key}, asksNone},
			{phone, auth.RememberDeviceInput{DeviceID: key, NotRemembered: true}, asksCode},
		} {
			if _, err := auth.RememberDevice(t.Context(), tt.by, tt.in); err != nil {
				t.Fatal(err)
			}
			status := map[bool]string{true: "not_remembered", false: "remembered"}[tt.in.NotRemembered]
			if r := requestsFor(h.pool, "UpdateDeviceStatus"); r[len(r)-1].Body["DeviceRememberedStatus"] != status || r[len(r)-1].Body["DeviceKey"] != key {
				t.Errorf("change %d: sent %v", i, r[len(r)-1].Body)
			}
			time.Sleep(time.Minute) // a code counts once
			_, steps := h.signIn(t, "bea", "laptop")
			wantSteps(t, fmt.Sprintf("after change %d", i), steps, tt.want)
			if now := keyOf(t, laptop); now != key {
				t.Errorf("after change %d the laptop is another device", i)
			}
		}
		time.Sleep(time.Minute)
		_, steps := h.signIn(t, "bea", "phone")
		wantSteps(t, "on the phone", steps, asksCode) // nobody remembered that one
	})
}

// The session goes on until its tokens expire. The next sign-in asks for the
// second factor and registers a new device.
func TestForgetThisDevice(t *testing.T) {
	t.Parallel()
	for _, byID := range []bool{false, true} {
		bubble(t, fmt.Sprintf("by id=%t", byID), func(t *testing.T) {
			h := newHousehold(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
			s, _ := h.signIn(t, "bea", "laptop")
			key := keyOf(t, s)
			in := auth.ForgetDeviceInput{}
			if byID {
				in.DeviceID = key
			}
			out, err := auth.ForgetDevice(t.Context(), s, in)
			if err != nil || !out.Current {
				t.Fatalf("got %+v, %v", out, err)
			}
			wantCached(t, s, "bea", "")
			if n := len(h.store.records()); n != 1 {
				t.Errorf("the store holds %d records, want the tokens alone", n)
			}
			if _, err := auth.FetchUser(t.Context(), s); err != nil {
				t.Errorf("the session ended: %v", err)
			}
			time.Sleep(2 * time.Hour)
			_, err = auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrSessionExpired)

			s, steps := h.signIn(t, "bea", "laptop")
			wantSteps(t, "after it was forgotten", steps, asksCode)
			if keyOf(t, s) == key {
				t.Error("the device is the old one")
			}
			wantCached(t, s, "bea", keyOf(t, s))
			if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
				t.Errorf("a refresh on the new device: %v", err)
			}
		})
	}
}

func TestForgetAnotherDevice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHousehold(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
		laptop, _ := h.signIn(t, "bea", "laptop")
		phone, _ := h.signIn(t, "bea", "phone")
		out, err := auth.ForgetDevice(t.Context(), laptop, auth.ForgetDeviceInput{DeviceID: keyOf(t, phone)})
		if err != nil || out.Current {
			t.Fatalf("got %+v, %v", out, err)
		}
		wantCached(t, laptop, "bea", keyOf(t, laptop))
		if _, err := auth.FetchAuthSession(t.Context(), laptop, forced()); err != nil {
			t.Errorf("this device's session: %v", err)
		}
		_, err = auth.FetchAuthSession(t.Context(), phone, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		_, steps := h.signIn(t, "bea", "laptop")
		wantSteps(t, "on this device", steps, asksNone)
		time.Sleep(time.Minute)
		_, steps = h.signIn(t, "bea", "phone")
		wantSteps(t, "on the other device", steps, asksCode)
	})
}

// A device that was forgotten from elsewhere is forgotten once more only where
// there is something left of it.
func TestForgetDeviceThatIsForgotten(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	laptop, _ := h.signIn(t, "ana", "laptop")
	phone, _ := h.signIn(t, "ana", "phone")
	key := keyOf(t, laptop)
	if _, err := auth.ForgetDevice(t.Context(), phone, auth.ForgetDeviceInput{DeviceID: key}); err != nil {
		t.Fatal(err)
	}
	_, err := auth.ForgetDevice(t.Context(), phone, auth.ForgetDeviceInput{DeviceID: key})
	wantCode(t, err, auth.ErrResourceNotFound)
	wantCached(t, laptop, "ana", key)
	out, err := auth.ForgetDevice(t.Context(), laptop, auth.ForgetDeviceInput{})
	if err != nil || !out.Current {
		t.Errorf("on the device itself: got %+v, %v", out, err)
	}
	wantCached(t, laptop, "ana", "")
	_, err = auth.ForgetDevice(t.Context(), laptop, auth.ForgetDeviceInput{})
	wantCode(t, err, auth.ErrResourceNotFound)
	wantCached(t, phone, "ana", keyOf(t, phone))
}

// An answer that was lost is made up for by calling again.
func TestForgetDeviceAnswerLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHousehold(t, authtest.DeviceTracking{})
		s, _ := h.signIn(t, "ana", "laptop")
		h.pool.Inject(authtest.Fault{Operation: "ForgetDevice", DropResponse: true})
		_, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{})
		wantCode(t, err, auth.ErrNetwork)
		if e, _ := errors.AsType[*auth.Error](err); !e.MaybeProcessed {
			t.Error("MaybeProcessed is not set")
		}
		if out, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{}); err != nil || !out.Current {
			t.Errorf("again: got %+v, %v", out, err)
		}
		wantCached(t, s, "ana", "")
	})
}

// A computer that a family shares is a device of each of them, and nobody gets
// at somebody else's.
func TestForgetDeviceOfSomebodyElse(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	ana, _ := h.signIn(t, "ana", "computer")
	bea, _ := h.signIn(t, "bea", "computer")
	of := map[string]string{"ana": keyOf(t, ana), "bea": keyOf(t, bea)}
	_, err := auth.ForgetDevice(t.Context(), ana, auth.ForgetDeviceInput{DeviceID: of["bea"]})
	wantCode(t, err, auth.ErrResourceNotFound)
	_, err = auth.FetchDevice(t.Context(), ana, auth.FetchDeviceInput{DeviceID: of["bea"]})
	wantCode(t, err, auth.ErrResourceNotFound)
	for name, key := range of {
		wantCached(t, ana, name, key)
	}
	if _, err := auth.ForgetDevice(t.Context(), ana, auth.ForgetDeviceInput{}); err != nil {
		t.Fatal(err)
	}
	wantCached(t, ana, "ana", "")
	wantCached(t, ana, "bea", of["bea"])
}

// A store that fails, or a caller who leaves, after the service has forgotten
// the device: that is done. What is left proves nothing any more, and the next
// sign-in drops it.
func TestForgetDeviceWithoutTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHousehold(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
		s, _ := h.signIn(t, "bea", "laptop")
		key := keyOf(t, s)
		h.store.script(failing("Save", "Delete"))
		if out, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{}); err != nil || !out.Current {
			t.Errorf("got %+v, %v", out, err)
		}
		h.store.script(nil)
		wantCached(t, s, "bea", key)
		time.Sleep(time.Minute)
		s, steps := h.signIn(t, "bea", "laptop")
		wantSteps(t, "with what was left", steps, asksCode)
		wantCached(t, s, "bea", keyOf(t, s))

		// A store that cannot be read does not know the device.
		forgetDevices(t, h.pool, s)
		h.store.script(func(c storeCall, do func() error) error {
			if c.n > 1 {
				return errStore
			}
			return do()
		})
		_, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{})
		wantCode(t, err, auth.ErrResourceNotFound)
	})
}

func TestForgetDeviceWithoutTheCaller(t *testing.T) {
	t.Parallel()
	pool := devicePool(t, authtest.DeviceTracking{})
	w := newWitness(pool)
	h := household{pool: pool, store: newFaultyStore()}
	h.client = newClient(t, pool, h.store.on(), w.on())
	s, _ := h.signIn(t, "ana", "laptop")
	ctx, cancel := context.WithCancel(t.Context())
	w.onAnswer(func(string) { cancel() })
	_, err := auth.ForgetDevice(ctx, s, auth.ForgetDeviceInput{})
	if err != nil {
		wantCode(t, err, auth.ErrCanceled) // and the device is there for another try
		_, err = auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{})
	}
	if err != nil {
		t.Error(err)
	}
	wantCached(t, s, "ana", "")
}

// Behavior 54: signing out keeps the device's keys; ForgetDevice and DeleteUser
// remove them, and nobody else's.
func TestWhatRemovesDeviceKeys(t *testing.T) {
	t.Parallel()
	signOut := func(global bool) func(*testing.T, *auth.Session) {
		return func(t *testing.T, s *auth.Session) {
			t.Helper()
			if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: global}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name string
		do   func(*testing.T, *auth.Session)
		kept bool
	}{
		{"SignOut", signOut(false), true},
		{"SignOut with Global", signOut(true), true},
		{"RenewSession", func(t *testing.T, s *auth.Session) {
			t.Helper()
			renewed(t, s, "another id")
		}, true},
		{"ForgetDevice", func(t *testing.T, s *auth.Session) {
			t.Helper()
			if _, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{}); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"DeleteUser", func(t *testing.T, s *auth.Session) {
			t.Helper()
			if out, err := auth.DeleteUser(t.Context(), s); err != nil || out.CleanupError != nil {
				t.Fatalf("got %+v, %v", out, err)
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t, authtest.DeviceTracking{})
			ana, _ := h.signIn(t, "ana", "computer")
			bea, _ := h.signIn(t, "bea", "computer")
			anas, beas := keyOf(t, ana), keyOf(t, bea)
			tt.do(t, bea)
			if !tt.kept {
				beas = ""
			}
			wantCached(t, ana, "bea", beas)
			wantCached(t, ana, "ana", anas)
		})
	}
}

// One device id serves a large family. Beyond that, the one who came first has
// to be remembered anew.
func TestDeviceOfManyPeople(t *testing.T) {
	t.Parallel()
	const most = 16
	h := newHousehold(t, authtest.DeviceTracking{})
	keys := make([]string, most+1)
	var s *auth.Session
	for i := range keys {
		name := fmt.Sprint("person", i)
		addUser(t, h.pool, name)
		s, _ = h.signIn(t, name, "computer")
		keys[i] = keyOf(t, s)
	}
	wantCached(t, s, "person0", "")
	for i := 1; i <= most; i++ {
		wantCached(t, s, fmt.Sprint("person", i), keys[i])
	}
	s, _ = h.signIn(t, "person0", "computer")
	wantCached(t, s, "person0", keyOf(t, s))
	wantCached(t, s, "person1", "")
}

// The device is found by every name that its user has signed in with, and for
// whoever is signed in, whether or not their tokens have expired.
func TestCachedDevice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHousehold(t, authtest.DeviceTracking{})
		s := h.session(t, "ana", "laptop")
		signInWith(t, h.pool, s, "ana@example.com", auth.AuthFlowUserSRP)
		key := keyOf(t, s)
		elsewhere := h.session(t, "ana", "phone")
		time.Sleep(2 * time.Hour)
		sent := h.sent(func() {
			for _, name := range []string{"", "ana", "ana@example.com"} {
				wantCached(t, s, name, key)
			}
			for _, name := range []string{"bea", "ANA", "ana@example.com ", key} {
				wantCached(t, s, name, "")
			}
			wantCached(t, h.session(t, "nobody", "laptop"), "ana", key)
			wantCached(t, elsewhere, "ana", "")
			_, err := auth.CachedDevice(t.Context(), h.session(t, "nobody", "laptop"), auth.CachedDeviceInput{})
			wantCode(t, err, auth.ErrNotSignedIn)
		})
		if len(sent) != 0 {
			t.Errorf("sent %v", sent)
		}

		forgetDevices(t, h.pool, s)
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		_, err = auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{})
		wantCode(t, err, auth.ErrSessionExpired)
		wantCached(t, s, "ana", key)

		h.store.script(failing("Load"))
		_, err = auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{Username: "ana"})
		wantCode(t, err, auth.ErrInternal)
	})
}

// record returns the key of the devices' record and what it holds.
func (h household) record(t testing.TB) (key, data string) {
	t.Helper()
	for k, rec := range h.store.records() {
		if _, err := tokens.ParseBundle(rec.Data); err != nil {
			key, data = k, string(rec.Data)
		}
	}
	if key == "" {
		t.Fatal("the store has no devices")
	}
	return key, data
}

// A damaged record is no devices at all: people sign in as on a new computer,
// and the next device takes its place. What a newer program keeps is not
// understood either, but not touched.
func TestDeviceRecordThatIsNone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		data  string
		newer bool
	}{
		{"", false}, {"null", false}, {"{}", false}, {"[]", false}, {"nonsense", false}, {"\x00\xff", false},
		{`{"v":1}`, false}, {`{"v":0}`, false}, {`{"v":-1,"devices":[]}`, false}, {`{"v":1,"devices":{}}`, false}, {`{"v":1,"devices":[{}]}`, false}, {`{"v":1,"devices":[{"username":"bea"}]}`, false},
		{`{"v":2}`, true}, {`{"v":2,"devices":[{"key":"x","username":"bea"}]}`, true}, {`{"v":2,"devices":{"bea":1}}`, true},
	} {
		bubble(t, tt.data, func(t *testing.T) {
			h := newHousehold(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
			s, _ := h.signIn(t, "bea", "computer")
			key, _ := h.record(t)
			h.store.put(t, key, []byte(tt.data))
			wantCached(t, s, "bea", "")
			signOutHere(t, s)
			time.Sleep(time.Minute)
			steps, out := signInWith(t, h.pool, s, "bea", auth.AuthFlowUserSRP)
			wantSteps(t, "with "+tt.data, steps, asksCode)
			if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
				t.Errorf("refresh: %v", err)
			}
			if !tt.newer {
				if out.Device == nil || out.Device.Err != nil {
					t.Errorf("the new device: got %+v", out.Device)
				}
				wantCached(t, s, "bea", keyOf(t, s))
				return
			}
			if out.Device == nil || auth.CodeOf(out.Device.Err) != auth.ErrInternal {
				t.Errorf("the new device: got %+v", out.Device)
			}
			if _, data := h.record(t); data != tt.data {
				t.Errorf("the record was touched: got %s", data)
			}
			deleted, err := auth.DeleteUser(t.Context(), s)
			if err != nil || auth.CodeOf(deleted.CleanupError) != auth.ErrInternal {
				t.Errorf("deleted: got %+v, %v", deleted, err)
			}
		})
	}
}

// The secret is nowhere but where a program asks for it.
func TestDeviceSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, authtest.DeviceTracking{})
	s, _ := h.signIn(t, "ana", "laptop")
	d, err := auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{})
	if err != nil {
		t.Fatal(err)
	}
	secret := string(d.Secret)
	type nested struct {
		Device *auth.DeviceCredentials `json:"device"`
		Value  auth.DeviceCredentials  `json:"value"`
		Secret auth.DeviceSecret       `json:"secret"`
	}
	in := auth.ImportTokensInput{RefreshToken: "x", Device: d}
	values := []any{
		d, *d, d.Secret, &d.Secret, nested{d, *d, d.Secret}, &nested{d, *d, d.Secret}, in, &in,
		[]auth.DeviceSecret{d.Secret}, map[string]auth.DeviceSecret{"a": d.Secret}, map[string]any{"a": []any{*d}},
	}
	var c collector
	c.print(values...)
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	c.text.Write(text)
	for _, what := range find(c.text.String(), map[string]string{"secret": secret}) {
		t.Errorf("printed: %s", what)
	}
	if n := strings.Count(c.text.String(), "[device secret]"); n < 10 {
		t.Errorf("the placeholder was printed %d times", n)
	}
}

// Many people come and go on one computer at the same time, and each keeps the
// device that is theirs.
func TestDevicesOfManyPeopleConcurrentSafe(t *testing.T) {
	t.Parallel()
	const people = 6
	h := newHousehold(t, authtest.DeviceTracking{})
	for i := range people {
		addUser(t, h.pool, fmt.Sprint("person", i))
	}
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			name := fmt.Sprint("person", i)
			s := sessionOf(t, h.client, name).OnDevice("computer")
			in := auth.SignInInput{Username: name, Password: thePassword, AuthFlow: auth.AuthFlowUserSRP}
			out, err := auth.SignIn(t.Context(), s, in)
			if err != nil || out.Device == nil || out.Device.Err != nil {
				t.Errorf("%s: sign in: got %+v, %v", name, out, err)
				return
			}
			first, err := auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{})
			if err != nil {
				t.Errorf("%s: cached device: %v", name, err)
				return
			}
			list, err := auth.FetchDevices(t.Context(), s)
			if err != nil || len(list.Devices) != 1 || list.Devices[0].ID != first.Key || !list.Devices[0].Current {
				t.Errorf("%s: devices: got %d, %v", name, len(list.Devices), err)
			}
			if i%2 == 0 {
				if _, err := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{}); err != nil {
					t.Errorf("%s: forget: %v", name, err)
				}
			}
			if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
				t.Errorf("%s: sign out: %v", name, err)
			}
			if out, err = auth.SignIn(t.Context(), s, in); err != nil || (out.Device != nil) != (i%2 == 0) {
				t.Errorf("%s: sign in again: got %+v, %v", name, out, err)
				return
			}
			again, err := auth.CachedDevice(t.Context(), s, auth.CachedDeviceInput{Username: name})
			if err != nil || (again.Key == first.Key) != (i%2 == 1) {
				t.Errorf("%s: the same device: got %t, %v", name, again.Key == first.Key, err)
			}
		})
	}
	wg.Wait()
}
