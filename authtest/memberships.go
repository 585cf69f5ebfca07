package authtest

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// AddToGroups puts a user, named by username, alias or sub, into groups. Groups
// that the pool does not have are made. A test fails, and a program panics, if
// there is no such user.
func (p *Pool) AddToGroups(user string, groups ...string) {
	if p.tb != nil {
		p.tb.Helper()
	}
	if err := p.addToGroups(user, groups); err != nil {
		p.misuse("AddToGroups: %s", err.message)
	}
}

func (p *Pool) addToGroups(name string, groups []string) *apiError {
	return p.change(func(c *call) *apiError {
		u := p.users.findAny(name)
		if u == nil {
			return userNotFound(msgUserNotFound)
		}
		return c.joinGroups(u, groups)
	})
}

// joinGroups makes a user a member of groups, which are made if need be.
func (c *call) joinGroups(u *user, names []string) *apiError {
	for _, name := range names {
		if c.pool.groups[name] == nil {
			if err := c.pool.addGroup(Group{Name: name}, c.now); err != nil {
				return err
			}
		}
		if err := u.join(c.pool.groups[name]); err != nil {
			return err
		}
	}
	return nil
}

// join makes a user a member of a group, which may have been done before.
func (u *user) join(g *group) *apiError {
	if u.groups[g.Name] == nil && len(u.groups) >= maxGroupsOfUser {
		return fail(wire.ExceptionLimitExceeded, msgGroupsOfUserLimit)
	}
	if u.groups == nil {
		u.groups = make(map[string]*group)
	}
	u.groups[g.Name], g.members[u] = g, struct{}{}
	return nil
}

func (u *user) leave(g *group) {
	delete(u.groups, g.Name)
	delete(g.members, u)
}

// leaveAll takes a user out of all groups.
func (u *user) leaveAll() {
	for _, g := range u.groups {
		u.leave(g)
	}
}

// groupList returns the user's groups, the best precedence first. The order
// among equals is by name.
func (u *user) groupList() []*group {
	return slices.SortedFunc(maps.Values(u.groups), func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Name, b.Name))
	})
}

// rank is the precedence as a number, lower being better.
func (g *group) rank() int {
	if g.Precedence == nil {
		return math.MaxInt
	}
	return *g.Precedence
}

// groupConfiguration is what tokens say of the user's groups. The preferred
// role is the one of the best precedence among groups that have roles
// (inferred: what those without count for was not published). There is none if
// several of that precedence have different roles.
func (u *user) groupConfiguration() GroupConfiguration {
	var g GroupConfiguration
	best := math.MinInt
	for _, group := range u.groupList() {
		g.GroupsToOverride = append(g.GroupsToOverride, group.Name)
		if group.RoleARN == "" {
			continue
		}
		if !slices.Contains(g.IAMRolesToOverride, group.RoleARN) {
			g.IAMRolesToOverride = append(g.IAMRolesToOverride, group.RoleARN)
		}
		switch {
		case best == math.MinInt: // the first that has a role
			best, g.PreferredRole = group.rank(), group.RoleARN
		case group.rank() == best && group.RoleARN != g.PreferredRole:
			g.PreferredRole = ""
		}
	}
	return g
}

// groupTarget returns the user and the group that a request names.
func (c *call) groupTarget(r *groupMemberRequest) (*user, *group, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, nil, err
	}
	g := c.pool.groups[r.GroupName]
	if g == nil {
		return nil, nil, resourceNotFound(msgGroupNotFound)
	}
	return u, g, nil
}

type groupMemberRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Username   string `aws:"Username,Username,required"`
	GroupName  string `aws:"GroupName,GroupName,required"`
}

func adminAddUserToGroup(c *call, r *groupMemberRequest) (*noBody, *apiError) {
	u, g, err := c.groupTarget(r)
	if err != nil {
		return nil, err
	}
	if err := u.join(g); err != nil {
		return nil, err
	}
	return &noBody{}, nil
}

func adminRemoveUserFromGroup(c *call, r *groupMemberRequest) (*noBody, *apiError) {
	u, g, err := c.groupTarget(r)
	if err != nil {
		return nil, err
	}
	u.leave(g)
	return &noBody{}, nil
}
