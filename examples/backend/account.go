package main

import (
	"log/slog"
	"net/http"

	"github.com/cognitokit/auth"
)

func deleteAccount(x exchange) error {
	out, err := auth.DeleteUser(x.r.Context(), x.s)
	if err != nil {
		return err
	}
	if out.CleanupError != nil {
		slog.WarnContext(x.r.Context(), "a deleted account has left something behind", "error", out.CleanupError)
	}
	leave(x)
	write(x.w, http.StatusOK, map[string]bool{"deleted": true})
	return nil
}

func updateAttributes(x exchange, in map[string]string) error {
	out, err := auth.UpdateUserAttributes(x.r.Context(), x.s, auth.UpdateUserAttributesInput{UserAttributes: in})
	if err == nil && out.ClaimsStale {
		refreshClaims(x)
	}
	return answer(x, out, err)
}

// refreshClaims has the tokens show what was changed. The change is made: a
// refresh that fails now happens later by itself.
func refreshClaims(x exchange) {
	if _, err := auth.FetchAuthSession(x.r.Context(), x.s, auth.FetchAuthSessionInput{ForceRefresh: true}); err != nil {
		slog.WarnContext(x.r.Context(), "the claims are stale", "error", err)
	}
}

func sendAttributeCode(x exchange) error {
	out, err := auth.SendUserAttributeVerificationCode(x.r.Context(), x.s, auth.SendUserAttributeVerificationCodeInput{
		UserAttributeKey: x.r.PathValue("name"),
	})
	return answer(x, out, err)
}

type code struct{ Code string }

func confirmAttribute(x exchange, in code) error {
	out, err := auth.ConfirmUserAttribute(x.r.Context(), x.s, auth.ConfirmUserAttributeInput{
		UserAttributeKey: x.r.PathValue("name"), ConfirmationCode: in.Code,
	})
	if err == nil && out.ClaimsStale {
		refreshClaims(x)
	}
	return answer(x, out, err)
}

func forgetDevice(x exchange) error {
	out, err := auth.ForgetDevice(x.r.Context(), x.s, auth.ForgetDeviceInput{DeviceID: x.r.PathValue("id")})
	return answer(x, out, err)
}
