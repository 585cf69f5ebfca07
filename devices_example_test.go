package auth_test

import (
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// The list of a page "your devices".
func ExampleFetchDevices() {
	ctx, _, s := anaSignedIn(authtest.Config{Devices: &authtest.DeviceTracking{}})

	out, err := auth.FetchDevices(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range out.Devices {
		fmt.Println(d.Name, "this one:", d.Current)
	}
	// Output: Ana's laptop this one: true
}

// The iterator asks for the next page only when it is wanted.
func ExampleAllDevices() {
	ctx, _, s := anaSignedIn(authtest.Config{Devices: &authtest.DeviceTracking{}})

	for d, err := range auth.AllDevices(ctx, s) {
		if err != nil {
			log.Fatal(err)
		}
		if d.Current {
			fmt.Println("this is", d.Name)
			break
		}
	}
	// Output: this is Ana's laptop
}

// Without an id it is the device that the session is on.
func ExampleFetchDevice() {
	ctx, _, s := anaSignedIn(authtest.Config{Devices: &authtest.DeviceTracking{}})

	d, err := auth.FetchDevice(ctx, s, auth.FetchDeviceInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Name, d.Attributes["dev:device_remembered_status"])
	// Output: Ana's laptop remembered
}

// In pools that ask the person, a page shows a checkbox "trust this computer".
func ExampleRememberDevice() {
	ctx, _, s := anaSignedIn(authtest.Config{Devices: &authtest.DeviceTracking{RememberOnRequest: true}})

	before, err := auth.FetchDevice(ctx, s, auth.FetchDeviceInput{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := auth.RememberDevice(ctx, s, auth.RememberDeviceInput{}); err != nil {
		log.Fatal(err)
	}
	after, err := auth.FetchDevice(ctx, s, auth.FetchDeviceInput{})
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range []*auth.FetchDeviceOutput{before, after} {
		fmt.Println(d.Attributes["dev:device_remembered_status"])
	}
	// Output:
	// not_remembered
	// remembered
}

// A person who sells the computer has the pool forget it.
func ExampleForgetDevice() {
	ctx, _, s := anaSignedIn(authtest.Config{Devices: &authtest.DeviceTracking{}})

	out, err := auth.ForgetDevice(ctx, s, auth.ForgetDeviceInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("have to sign in again, in the end:", out.Current)
	devices, err := auth.FetchDevices(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("devices left:", len(devices.Devices))
	// Output:
	// have to sign in again, in the end: true
	// devices left: 0
}

// A program that moves to another store can take the device along.
func ExampleCachedDevice() {
	ctx, _, s := anaSignedIn(authtest.Config{Devices: &authtest.DeviceTracking{}})

	d, err := auth.CachedDevice(ctx, s, auth.CachedDeviceInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("has a key:", d.Key != "", "and a secret:", string(d.Secret) != "")
	fmt.Println(d.Secret)
	// Output:
	// has a key: true and a secret: true
	// [device secret]
}
