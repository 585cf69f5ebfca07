package auth

import "context"

// An AuthUser is the person who is signed in. Its JSON is Amplify's.
type AuthUser struct {
	_ [0]func()

	Username      string        `json:"username"` // the pool's own name of the user; a UUID where the pool signs in with e-mail addresses
	UserID        string        `json:"userId"`   // sub
	SignInDetails SignInDetails `json:"signInDetails"`
}

// SignInDetails says how the person signed in.
type SignInDetails struct {
	_ [0]func()

	LoginID  string   `json:"loginId,omitempty"`      // the name as typed
	AuthFlow AuthFlow `json:"authFlowType,omitempty"` // the flow that began it
}

// GetCurrentUser returns who is signed in, as the verified tokens say. Expired
// tokens are refreshed first; no request is sent otherwise.
//
// Errors: those of [FetchAuthSession].
func GetCurrentUser(ctx context.Context, s *Session) (*AuthUser, error) {
	if err := begin(s, opCurrentUser); err != nil {
		return nil, err
	}
	cur, err := s.current(ctx, opCurrentUser, nil)
	if err != nil {
		return nil, err
	}
	b := cur.bundle
	return &AuthUser{
		Username: b.Username, UserID: b.Subject,
		SignInDetails: SignInDetails{LoginID: b.SignInDetails.LoginID, AuthFlow: AuthFlow(b.SignInDetails.AuthFlow)},
	}, nil
}
