package authtest

import (
	"fmt"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

type adminCreateUserRequest struct {
	UserPoolID             string            `aws:"UserPoolId,UserPoolId,required"`
	Username               string            `aws:"Username,Username,required"`
	UserAttributes         []attribute       `aws:"UserAttributes"`
	ValidationData         []attribute       `aws:"ValidationData"`
	TemporaryPassword      string            `aws:"TemporaryPassword,TemporaryPassword"`
	ForceAliasCreation     bool              `aws:"ForceAliasCreation"`
	MessageAction          string            `aws:"MessageAction,MessageAction"`
	DesiredDeliveryMediums []string          `aws:"DesiredDeliveryMediums,DeliveryMedium"`
	ClientMetadata         map[string]string `aws:"ClientMetadata"`
}

type adminCreateUserResponse struct {
	User userDescription
}

const (
	messageResend   = "RESEND"
	messageSuppress = "SUPPRESS"
)

// adminCreateUser creates a user with a temporary password, given or made up,
// and sends it. Required attributes may be left out; the user will be asked.
//
// Where a code can be the only factor, no password is made up: the user has
// none, and is confirmed (observed). That holds for unverified contacts too
// (inferred); the first code that is answered shows whose they are.
func adminCreateUser(c *call, r *adminCreateUserRequest) (*adminCreateUserResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	password := r.TemporaryPassword
	toCodes := c.pool.codeContacts()
	withoutPassword := password == "" && len(toCodes) > 0 && r.MessageAction != messageResend
	if password == "" && !withoutPassword {
		password = temporaryPassword(c.pool.cfg.PasswordPolicy)
	}
	if r.MessageAction == messageResend {
		return c.resendInvitation(r, password)
	}
	u, err := c.newUser(r.Username, r.UserAttributes)
	if err != nil {
		return nil, err
	}
	if withoutPassword {
		if !slices.ContainsFunc(toCodes, func(name string) bool { return u.attributes[name] != "" }) {
			return nil, invalidParameter(msgCodeContact)
		}
	} else if err := c.pool.cfg.PasswordPolicy.check(password); err != nil {
		return nil, err
	}
	if err := c.checkNew(u, r.ForceAliasCreation); err != nil {
		return nil, err
	}
	if _, err := c.preSignUp(sourceAdminCreateUser, u, r.UserAttributes, r.ValidationData); err != nil {
		return nil, err
	}
	if err := c.checkNew(u, r.ForceAliasCreation); err != nil { // the trigger ran without the lock
		return nil, err
	}
	if withoutPassword {
		u.status = StatusConfirmed
	} else {
		c.setTemporaryPassword(u, password)
	}
	c.pool.users.add(u)
	if r.MessageAction != messageSuppress {
		if err := c.invite(u, password, r.DesiredDeliveryMediums); err != nil {
			return nil, err
		}
	}
	return &adminCreateUserResponse{u.describe()}, nil
}

// checkNew refuses a user who has a name or, unless it may be taken over, a
// verified alias of another.
func (c *call) checkNew(u *user, forceAlias bool) *apiError {
	if err := c.checkNameFree(u, msgAccountExists); err != nil {
		return err
	}
	for _, name := range contacts {
		if !forceAlias && u.verifiedContact(name) && c.checkAliasFree(u, name) != nil {
			return fail(wire.ExceptionUsernameExists, fmt.Sprintf(msgAliasExists, name))
		}
	}
	return nil
}

// resendInvitation renews the temporary password of a user who has not used
// it yet.
func (c *call) resendInvitation(r *adminCreateUserRequest, password string) (*adminCreateUserResponse, *apiError) {
	u := c.pool.users.findAny(r.Username)
	if u == nil {
		return nil, userNotFound(msgUserNotFound)
	}
	if u.status != StatusForceChangePassword {
		return nil, fail(wire.ExceptionUnsupportedUserState, msgUserNotForceChange)
	}
	if err := c.pool.cfg.PasswordPolicy.check(password); err != nil {
		return nil, err
	}
	c.setTemporaryPassword(u, password)
	if err := c.invite(u, password, r.DesiredDeliveryMediums); err != nil {
		return nil, err
	}
	return &adminCreateUserResponse{u.describe()}, nil
}

// codeContacts are the contacts that a code which is the only factor can be
// sent to; none where everybody has to give a second factor.
func (p *Pool) codeContacts() []string {
	var names []string
	if p.cfg.MFA == MFARequired {
		return nil
	}
	if slices.Contains(p.cfg.FirstFactors, FirstFactorEmailOTP) {
		names = append(names, attrEmail)
	}
	if slices.Contains(p.cfg.FirstFactors, FirstFactorSMSOTP) {
		names = append(names, attrPhone)
	}
	return names
}

// invite sends a temporary password, or a welcome to whoever has none, by the
// media that were asked for, SMS where nothing was said, as far as the user can
// be reached by them.
func (c *call) invite(u *user, password string, media []string) *apiError {
	if len(media) == 0 {
		media = []string{string(MediumSMS)}
	}
	for _, name := range contacts {
		if u.attributes[name] == "" || !slices.Contains(media, string(medium(name))) {
			continue
		}
		if _, err := c.deliver(u, MessageInvitation, name, u.attributes[name], password); err != nil {
			return err
		}
	}
	return nil
}
