package authtest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

// signInOnDevice proves ana's password and returns the access token, the
// refresh token and the body of a request that confirms the new device.
func signInOnDevice(t testing.TB, p *Pool) (access, refresh string, confirm m) {
	t.Helper()
	client := srp.NewClient()
	a := ok(t, p, "RespondToAuthChallenge", prove(t, client, p, ok(t, p, "InitiateAuth", startWithSRP("ana", client.A())), testPassword, nil))
	key, group := a.str("AuthenticationResult", "NewDeviceMetadata", "DeviceKey"), a.str("AuthenticationResult", "NewDeviceMetadata", "DeviceGroupKey")
	if key == "" || group == "" {
		t.Fatal("the sign-in gave no device")
	}
	verifier := srp.NewVerifier(group, key, "a secret of the device")
	access = result(t, a, "AccessToken")
	return access, a.str("AuthenticationResult", "RefreshToken"), m{
		"AccessToken": access, "DeviceKey": key, "DeviceName": "phone of " + key,
		"DeviceSecretVerifierConfig": m{"PasswordVerifier": verifier.ValueBase64(), "Salt": verifier.SaltBase64()},
	}
}

// TestDeviceRecords reads and changes devices as their user and as an
// administrator.
func TestDeviceRecords(t *testing.T) {
	t.Parallel()
	type caller func(t *testing.T, p *Pool, access, operation string, body m) answer
	asUser := func(t *testing.T, p *Pool, access, operation string, body m) answer {
		t.Helper()
		body["AccessToken"] = access
		return post(t, p, operation, body)
	}
	asAdmin := func(t *testing.T, p *Pool, _, operation string, body m) answer {
		t.Helper()
		body["Username"] = "ana"
		return postSigned(t, p, "Admin"+operation, jsonText(body)[1:])
	}
	for name, call := range map[string]caller{"user": asUser, "administrator": asAdmin} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the bubble's clock starts at 2000-01-01
				p := newPool(t, Config{PoolID: "eu-west-1_AbC123def", ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowRefreshToken}, Devices: &DeviceTracking{RememberOnRequest: true}})
				p.AddUser(User{Name: "ana", Password: testPassword})
				access, refresh, confirm := signInOnDevice(t, p)
				key := confirm["DeviceKey"]
				must := func(operation string, body m) answer {
					t.Helper()
					a := call(t, p, access, operation, body)
					if a.code() != "" {
						t.Fatalf("%s: got %s: %s", operation, a.code(), a.message())
					}
					return a
				}
				notFound := func(when string) {
					t.Helper()
					for _, operation := range []string{"GetDevice", "UpdateDeviceStatus", "ForgetDevice"} {
						if a := call(t, p, access, operation, m{"DeviceKey": key}); a.code() != "ResourceNotFoundException" || a.message() != "Device does not exist." {
							t.Errorf("%s %s: got %s: %q", operation, when, a.code(), a.message())
						}
					}
					if a := must("ListDevices", m{}); a.raw != `{"Devices":[]}` {
						t.Errorf("ListDevices %s: got %s", when, a.raw)
					}
				}
				notFound("before it is confirmed")

				if a := ok(t, p, "ConfirmDevice", confirm); a.body["UserConfirmationNecessary"] != true {
					t.Errorf("ConfirmDevice: got %s", a.raw)
				}
				if a := post(t, p, "ConfirmDevice", confirm); a.code() != "DeviceKeyExistsException" {
					t.Errorf("ConfirmDevice again: got %q", a.code())
				}
				time.Sleep(time.Minute)
				if a := must("UpdateDeviceStatus", m{"DeviceKey": key, "DeviceRememberedStatus": "remembered"}); a.raw != "{}" {
					t.Errorf("UpdateDeviceStatus: got %s", a.raw)
				}
				time.Sleep(time.Minute)
				must("UpdateDeviceStatus", m{"DeviceKey": key}) // says nothing
				description := map[string]any{
					"DeviceKey": key,
					"DeviceAttributes": []any{
						map[string]any{"Name": "device_status", "Value": "valid"},
						map[string]any{"Name": "device_name", "Value": fmt.Sprint("phone of ", key)},
						map[string]any{"Name": "dev:device_remembered_status", "Value": "remembered"},
					},
					"DeviceCreateDate": 946684800.0, "DeviceLastAuthenticatedDate": 946684800.0, "DeviceLastModifiedDate": 946684860.0,
				}
				if diff := cmp.Diff(map[string]any{"Device": description}, must("GetDevice", m{"DeviceKey": key}).body); diff != "" {
					t.Errorf("GetDevice (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(map[string]any{"Devices": []any{description}}, must("ListDevices", m{}).body); diff != "" {
					t.Errorf("ListDevices (-want +got):\n%s", diff)
				}

				if a := must("ForgetDevice", m{"DeviceKey": key}); a.raw != "" {
					t.Errorf("ForgetDevice: got %q", a.raw)
				}
				notFound("after it was forgotten")
				fails(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": m{"REFRESH_TOKEN": refresh, "DEVICE_KEY": key}},
					"NotAuthorizedException", "Invalid Refresh Token")
			})
		})
	}
}

func TestListDevicesByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserSRP}, Devices: &DeviceTracking{}})
		p.AddUser(User{Name: "ana", Password: testPassword})
		var access string
		var want, got []any
		for range 5 {
			var confirm m
			access, _, confirm = signInOnDevice(t, p)
			ok(t, p, "ConfirmDevice", confirm)
			want = append(want, confirm["DeviceKey"])
			time.Sleep(time.Second)
		}
		body := m{"AccessToken": access, "Limit": 2}
		for page := 1; ; page++ {
			a := ok(t, p, "ListDevices", body)
			for _, item := range a.body["Devices"].([]any) {
				got = append(got, item.(map[string]any)["DeviceKey"])
			}
			if body["PaginationToken"] = a.str("PaginationToken"); body["PaginationToken"] == "" {
				if page != 3 {
					t.Errorf("got %d pages, want 3", page)
				}
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("devices (-want +got):\n%s", diff)
		}
		fails(t, p, "ListDevices", m{"AccessToken": access, "PaginationToken": "x"}, "InvalidParameterException", "Invalid pagination token given")
	})
}
