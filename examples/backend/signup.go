package main

import "github.com/cognitokit/auth"

type account struct{ Username, Password, Email string }

func signUp(x exchange, in account) error {
	out, err := auth.SignUp(x.r.Context(), x.s, auth.SignUpInput{
		Username: in.Username, Password: in.Password, UserAttributes: map[string]string{"email": in.Email},
		ClientContext: clientContext(x.r),
	})
	return answer(x, out, err)
}

type codeFor struct{ Username, Code string }

func confirmSignUp(x exchange, in codeFor) error {
	out, err := auth.ConfirmSignUp(x.r.Context(), x.s, auth.ConfirmSignUpInput{
		Username: in.Username, ConfirmationCode: in.Code, ClientContext: clientContext(x.r),
	})
	return answer(x, out, err)
}

type person struct{ Username string }

func resendSignUpCode(x exchange, in person) error {
	out, err := auth.ResendSignUpCode(x.r.Context(), x.s, auth.ResendSignUpCodeInput{
		Username: in.Username, ClientContext: clientContext(x.r),
	})
	return answer(x, out, err)
}
