package authtest

// An Error is what the service answers to a request that it refuses.
type Error struct {
	Code    string // as in "UserNotFoundException"
	Message string // the service's text
}

func (e *Error) Error() string { return "authtest: " + e.Code + ": " + e.Message }

// act does what an operation does, without a request for it.
func act[Request, Response any](p *Pool, handle func(*call, *Request) (*Response, *apiError), r *Request) error {
	c := &call{pool: p, now: p.now()}
	_, err := locked(c, func() (*Response, *apiError) { return handle(c, r) })
	if err != nil {
		return &Error{err.code, err.message}
	}
	for _, f := range c.deferred {
		f()
	}
	return nil
}

func (p *Pool) targeting(user string) *adminTarget {
	return &adminTarget{UserPoolID: p.cfg.PoolID, Username: user}
}

// CreateUser is [Pool.AddUser] for programs that expect problems, which are of
// type [*Error].
func (p *Pool) CreateUser(u User) (sub string, err error) {
	added, refused := p.addUser(u)
	if refused != nil {
		return "", &Error{refused.code, refused.message}
	}
	return added.sub, nil
}

// ConfirmUser confirms a user who has signed up, without a code, as
// AdminConfirmSignUp does. The user is named by username, alias or sub here and
// in the methods that follow, and errors are of type [*Error].
func (p *Pool) ConfirmUser(user string) error {
	return act(p, adminConfirmSignUp, &adminConfirmSignUpRequest{UserPoolID: p.cfg.PoolID, Username: user})
}

// ResetUserPassword sends a code to a user who has to choose a new password
// with it, as AdminResetUserPassword does.
func (p *Pool) ResetUserPassword(user string) error {
	return act(p, adminResetUserPassword, &adminResetUserPasswordRequest{UserPoolID: p.cfg.PoolID, Username: user})
}

// SetUserPassword gives a user a password, which has to be changed at the next
// sign-in unless it is permanent, as AdminSetUserPassword does.
func (p *Pool) SetUserPassword(user, password string, permanent bool) error {
	return act(p, adminSetUserPassword, &adminSetUserPasswordRequest{
		UserPoolID: p.cfg.PoolID, Username: user, Password: password, Permanent: permanent,
	})
}

// DisableUser keeps a user from signing in and revokes the tokens, as
// AdminDisableUser does.
func (p *Pool) DisableUser(user string) error {
	return act(p, onUser[empty](adminDisable), p.targeting(user))
}

// EnableUser takes back what DisableUser did, except that it revives no tokens.
func (p *Pool) EnableUser(user string) error {
	return act(p, onUser[empty](adminEnable), p.targeting(user))
}

// SignOutUser revokes the tokens of a user, as AdminUserGlobalSignOut does.
func (p *Pool) SignOutUser(user string) error {
	return act(p, onUser[empty](adminGlobalSignOut), p.targeting(user))
}

// DeleteUser deletes a user, as AdminDeleteUser does.
func (p *Pool) DeleteUser(user string) error {
	return act(p, onUser[noBody](adminDelete), p.targeting(user))
}
