package main

import "github.com/cognitokit/auth"

func resetPassword(x exchange, in person) error {
	out, err := auth.ResetPassword(x.r.Context(), x.s, auth.ResetPasswordInput{
		Username: in.Username, ClientContext: clientContext(x.r),
	})
	return answer(x, out, err)
}

type reset struct{ Username, Code, NewPassword string }

func confirmResetPassword(x exchange, in reset) error {
	out, err := auth.ConfirmResetPassword(x.r.Context(), x.s, auth.ConfirmResetPasswordInput{
		Username: in.Username, ConfirmationCode: in.Code, NewPassword: in.NewPassword, ClientContext: clientContext(x.r),
	})
	return answer(x, out, err)
}

type passwords struct{ OldPassword, NewPassword string }

func updatePassword(x exchange, in passwords) error {
	out, err := auth.UpdatePassword(x.r.Context(), x.s, auth.UpdatePasswordInput{
		OldPassword: in.OldPassword, NewPassword: in.NewPassword,
	})
	return answer(x, out, err)
}
