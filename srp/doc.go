// Package srp implements Secure Remote Password as Amazon Cognito user pools
// speak it, for users and for remembered devices: the client half, which every
// sign-in with USER_SRP_AUTH, PASSWORD_SRP or a remembered device needs, and
// the server half, for programs that stand in for a user pool.
//
// Most programs have no use for it: package auth signs people in, and package
// authtest is a whole user pool.
//
// # The exchange
//
// The client sends SRP_A ([Client.A]). The service answers with a [Challenge],
// and the client proves with [Client.Prove] that it knows the password:
//
//	client := srp.NewClient()
//	// InitiateAuth with SRP_A = client.A() … ChallengeParameters
//	proof, err := client.Prove(srp.Challenge{
//		Group:       "AbC123def", // of the pool eu-west-1_AbC123def
//		ID:          parameters["USER_ID_FOR_SRP"],
//		Salt:        parameters["SALT"],
//		B:           parameters["SRP_B"],
//		SecretBlock: parameters["SECRET_BLOCK"],
//	}, password, time.Now())
//	// RespondToAuthChallenge with the fields of proof
//
// For a device (DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER) the group is its
// DeviceGroupKey, the ID its DeviceKey, and the password the secret that was
// made with [NewDeviceSecret] when the device was confirmed with a [Verifier].
//
// # How Cognito's variant differs from RFC 5054
//
// The group is the 3072-bit prime of RFC 5054 appendix A, but with the
// generator 2, and the hash is SHA-256. Where numbers are hashed they are in
// two's complement, as short as possible, never padded to the length of the
// modulus: a zero byte stands in front if the top bit is set. The salt is a
// number too, so its leading zero bytes count for nothing. The proof is an HMAC
// under a key that HKDF derives from the shared secret; the service sends no
// proof of its own.
//
// Passwords are taken as they are given: UTF-8, no trimming, no normalization.
//
// # Timing
//
// Everything that is computed from a password or from an ephemeral secret
// takes the same time and touches the same memory whatever the secret is, but
// for one thing that the protocol forces: the shared secret is hashed without
// its leading zero bytes, of which there is one in 256 exchanges. That is why
// the arithmetic is this package's own: with math/big or any other arithmetic
// whose time varies, one observed exchange can be enough to search for the
// password offline. It is also why an ephemeral secret of 256 bits is enough.
//
// The first computation of a process builds a table of 48 KiB, which takes
// about half as long as a proof. Nothing happens when the package is loaded.
//
// # Compatibility
//
// The API keeps Go 1 compatibility from version 1.0 of this module. Errors are
// matched with [errors.Is]; their texts may change.
package srp
