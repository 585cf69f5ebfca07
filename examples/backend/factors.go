package main

import (
	"encoding/json"
	"net/http"

	"github.com/cognitokit/auth"
)

type preferences struct{ SMS, TOTP, Email auth.MFAPreference }

func updateMFAPreference(x exchange, in preferences) error {
	out, err := auth.UpdateMFAPreference(x.r.Context(), x.s, auth.UpdateMFAPreferenceInput{SMS: in.SMS, TOTP: in.TOTP, Email: in.Email})
	return answer(x, out, err)
}

// setUpTOTP answers with what the page makes a QR code of.
func setUpTOTP(x exchange) error {
	user, err := auth.GetCurrentUser(x.r.Context(), x.s)
	if err != nil {
		return err
	}
	setup, err := auth.SetUpTOTP(x.r.Context(), x.s)
	if err != nil {
		return err
	}
	write(x.w, http.StatusOK, map[string]string{
		"secret": setup.SharedSecret, "uri": setup.SetupURI("Example & Co", user.SignInDetails.LoginID),
	})
	return nil
}

func verifyTOTP(x exchange, in code) error {
	if _, err := auth.VerifyTOTPSetup(x.r.Context(), x.s, auth.VerifyTOTPSetupInput{Code: in.Code}); err != nil {
		return err
	}
	out, err := auth.UpdateMFAPreference(x.r.Context(), x.s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferencePreferred})
	return answer(x, out, err)
}

func passkeys(x exchange) error {
	all := []auth.WebAuthnCredential{}
	for c, err := range auth.AllWebAuthnCredentials(x.r.Context(), x.s) {
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	write(x.w, http.StatusOK, all)
	return nil
}

// finishPasskey takes what toJSON of the browser's new credential returned.
func finishPasskey(x exchange, credential json.RawMessage) error {
	out, err := auth.FinishWebAuthnRegistration(x.r.Context(), x.s, auth.FinishWebAuthnRegistrationInput{Credential: credential})
	return answer(x, out, err)
}

func deletePasskey(x exchange) error {
	out, err := auth.DeleteWebAuthnCredential(x.r.Context(), x.s, auth.DeleteWebAuthnCredentialInput{CredentialID: x.r.PathValue("id")})
	return answer(x, out, err)
}
