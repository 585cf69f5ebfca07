package authtest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana"})
	client := sdk(p.Transport())
	pool := aws.String(p.PoolID())
	in := &cip.CreateGroupInput{
		UserPoolId: pool, GroupName: aws.String("admins"), Description: aws.String("those who may"), RoleArn: aws.String(roleARN), Precedence: aws.Int32(0),
	}
	created := must[cip.CreateGroupOutput](t)(client.CreateGroup(t.Context(), in)).Group
	want := &types.GroupType{UserPoolId: pool, GroupName: in.GroupName, Description: in.Description, RoleArn: in.RoleArn, Precedence: in.Precedence}
	timeless := cmpopts.IgnoreFields(types.GroupType{}, "CreationDate", "LastModifiedDate")
	get := func() *types.GroupType {
		return must[cip.GetGroupOutput](t)(client.GetGroup(t.Context(), &cip.GetGroupInput{UserPoolId: pool, GroupName: in.GroupName})).Group
	}
	for name, got := range map[string]*types.GroupType{"created": created, "got": get()} {
		if diff := cmp.Diff(want, got, ignoreSDK(), timeless); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	must[cip.UpdateGroupOutput](t)(client.UpdateGroup(t.Context(), &cip.UpdateGroupInput{UserPoolId: pool, GroupName: in.GroupName, Precedence: aws.Int32(7)}))
	want.Precedence = aws.Int32(7)
	if diff := cmp.Diff(want, get(), ignoreSDK(), timeless); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}

	member := func(user, group string) (a cip.AdminAddUserToGroupInput, r cip.AdminRemoveUserFromGroupInput) {
		return cip.AdminAddUserToGroupInput{UserPoolId: pool, Username: &user, GroupName: &group},
			cip.AdminRemoveUserFromGroupInput{UserPoolId: pool, Username: &user, GroupName: &group}
	}
	groups := func() (names []string) {
		out := must[cip.AdminListGroupsForUserOutput](t)(client.AdminListGroupsForUser(t.Context(), &cip.AdminListGroupsForUserInput{UserPoolId: pool, Username: aws.String("ana")}))
		for _, g := range out.Groups {
			names = append(names, *g.GroupName)
		}
		return names
	}
	add, remove := member("ana", "admins")
	for range 2 { // doing it twice changes nothing
		must[cip.AdminAddUserToGroupOutput](t)(client.AdminAddUserToGroup(t.Context(), &add))
	}
	if diff := cmp.Diff([]string{"admins"}, groups()); diff != "" {
		t.Errorf("joined (-want +got):\n%s", diff)
	}
	for range 2 {
		must[cip.AdminRemoveUserFromGroupOutput](t)(client.AdminRemoveUserFromGroup(t.Context(), &remove))
	}
	if got := groups(); got != nil {
		t.Errorf("left: got %v", got)
	}
	must[cip.AdminAddUserToGroupOutput](t)(client.AdminAddUserToGroup(t.Context(), &add))
	must[cip.DeleteGroupOutput](t)(client.DeleteGroup(t.Context(), &cip.DeleteGroupInput{UserPoolId: pool, GroupName: in.GroupName}))
	if got := groups(); got != nil {
		t.Errorf("group deleted: got %v", got)
	}

	const noGroup = "Group not found."
	_, err := client.GetGroup(t.Context(), &cip.GetGroupInput{UserPoolId: pool, GroupName: in.GroupName})
	refused(t, err, "ResourceNotFoundException", noGroup)
	_, err = client.UpdateGroup(t.Context(), &cip.UpdateGroupInput{UserPoolId: pool, GroupName: in.GroupName})
	refused(t, err, "ResourceNotFoundException", noGroup)
	_, err = client.DeleteGroup(t.Context(), &cip.DeleteGroupInput{UserPoolId: pool, GroupName: in.GroupName})
	refused(t, err, "ResourceNotFoundException", noGroup)
	_, err = client.AdminAddUserToGroup(t.Context(), &add)
	refused(t, err, "ResourceNotFoundException", noGroup)
	_, err = client.AdminRemoveUserFromGroup(t.Context(), &remove)
	refused(t, err, "ResourceNotFoundException", noGroup)
	_, err = client.ListUsersInGroup(t.Context(), &cip.ListUsersInGroupInput{UserPoolId: pool, GroupName: in.GroupName})
	refused(t, err, "ResourceNotFoundException", noGroup)
	add, _ = member("nobody", "admins")
	_, err = client.AdminAddUserToGroup(t.Context(), &add)
	refused(t, err, "UserNotFoundException", "User does not exist.")
	p.AddGroup(Group{Name: "admins"})
	_, err = client.CreateGroup(t.Context(), in)
	refused(t, err, "GroupExistsException", "A group with the name already exists.")
	_, err = client.CreateGroup(t.Context(), &cip.CreateGroupInput{UserPoolId: pool, GroupName: aws.String("a b"), Precedence: aws.Int32(-1), RoleArn: aws.String("arn")})
	refused(t, err, "InvalidParameterException", `4 validation errors detected: Value 'a b' at 'groupName' failed to satisfy constraint: `+
		`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+; Value 'arn' at 'roleArn' failed to satisfy constraint: `+
		`Member must satisfy regular expression pattern: arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?; `+
		`Value 'arn' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; `+
		`Value '-1' at 'precedence' failed to satisfy constraint: Member must have value greater than or equal to 0`)
}

// TestGroupClaims looks at what tokens say of groups.
func TestGroupClaims(t *testing.T) {
	t.Parallel()
	role := func(name string) string { return "arn:aws:iam::123456789012:role/" + name }
	tests := []struct {
		name          string
		groups        []Group
		names, roles  []any
		preferredRole any
	}{
		{name: "none"},
		{"no roles", []Group{{Name: "b"}, {Name: "a"}}, []any{"a", "b"}, nil, nil},
		{"best precedence", []Group{{Name: "a", RoleARN: role("a")}, {Name: "b", RoleARN: role("b"), Precedence: new(2)}, {Name: "c", RoleARN: role("c"), Precedence: new(1)}},
			[]any{"c", "b", "a"}, []any{role("c"), role("b"), role("a")}, role("c")},
		{"two best with different roles", []Group{{Name: "a", RoleARN: role("a"), Precedence: new(0)}, {Name: "b", RoleARN: role("b"), Precedence: new(0)}},
			[]any{"a", "b"}, []any{role("a"), role("b")}, nil},
		{"best without a role", []Group{{Name: "a", Precedence: new(0)}, {Name: "b", RoleARN: role("b"), Precedence: new(1)}},
			[]any{"a", "b"}, []any{role("b")}, role("b")},
		{"two best with the same role", []Group{{Name: "a", RoleARN: role("a"), Precedence: new(0)}, {Name: "b", RoleARN: role("a"), Precedence: new(0)}},
			[]any{"a", "b"}, []any{role("a")}, role("a")},
	}
	for _, tt := range tests {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		u := User{Name: "ana", Password: testPassword}
		for _, g := range tt.groups {
			p.AddGroup(g)
			u.Groups = append(u.Groups, g.Name)
		}
		p.AddUser(u)
		access, id, refresh := signIn(t, p)
		_, accessClaims := parseToken(t, p, access)
		_, idClaims := parseToken(t, p, id)
		refreshed := result(t, ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", refresh)), "AccessToken")
		_, refreshedClaims := parseToken(t, p, refreshed)
		list := func(claims map[string]any, name string) []any { l, _ := claims[name].([]any); return l }
		for _, d := range []struct {
			what string
			diff string
		}{
			{"access token", cmp.Diff(tt.names, list(accessClaims, "cognito:groups"))},
			{"refreshed access token", cmp.Diff(tt.names, list(refreshedClaims, "cognito:groups"))},
			{"ID token", cmp.Diff(tt.names, list(idClaims, "cognito:groups"))},
			{"roles", cmp.Diff(tt.roles, list(idClaims, "cognito:roles"))},
			{"preferred role", cmp.Diff(tt.preferredRole, idClaims["cognito:preferred_role"])},
			{"roles in the access token", cmp.Diff(nil, accessClaims["cognito:roles"])},
		} {
			if d.diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", tt.name, d.what, d.diff)
			}
		}
	}
}

func TestGroupPages(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	pool := aws.String(p.PoolID())
	p.AddUser(User{Name: "ana"})
	var groups, users []string
	for i := range 7 {
		groups, users = append(groups, fmt.Sprintf("group%d", i)), append(users, fmt.Sprintf("user%d", 6-i))
		p.AddGroup(Group{Name: groups[i], Precedence: new(i)})
		p.AddUser(User{Name: users[i], Groups: []string{"people"}})
	}
	p.AddToGroups("ana", groups...)
	for _, limit := range []int32{1, 3, 7, 60} {
		var all, own, members []string
		lists := cip.NewListGroupsPaginator(client, &cip.ListGroupsInput{UserPoolId: pool, Limit: &limit})
		for lists.HasMorePages() {
			for _, g := range must[cip.ListGroupsOutput](t)(lists.NextPage(t.Context())).Groups {
				all = append(all, *g.GroupName)
			}
		}
		ofUser := cip.NewAdminListGroupsForUserPaginator(client, &cip.AdminListGroupsForUserInput{UserPoolId: pool, Username: aws.String("ana"), Limit: &limit})
		for ofUser.HasMorePages() {
			for _, g := range must[cip.AdminListGroupsForUserOutput](t)(ofUser.NextPage(t.Context())).Groups {
				own = append(own, *g.GroupName)
			}
		}
		inGroup := cip.NewListUsersInGroupPaginator(client, &cip.ListUsersInGroupInput{UserPoolId: pool, GroupName: aws.String("people"), Limit: &limit})
		for inGroup.HasMorePages() {
			for _, u := range must[cip.ListUsersInGroupOutput](t)(inGroup.NextPage(t.Context())).Users {
				members = append(members, *u.Username)
			}
		}
		for what, diff := range map[string]string{
			"groups": cmp.Diff(append(groups[:7:7], "people"), all), "groups of a user": cmp.Diff(groups, own), "users": cmp.Diff(users, members),
		} {
			if diff != "" {
				t.Errorf("%s by pages of %d (-want +got):\n%s", what, limit, diff)
			}
		}
	}
	_, err := client.ListUsersInGroup(t.Context(), &cip.ListUsersInGroupInput{UserPoolId: pool, GroupName: aws.String("people"), Limit: aws.Int32(61)})
	refused(t, err, "InvalidParameterException", "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60")
	// A token of one list leads nowhere in another.
	token := must[cip.ListGroupsOutput](t)(client.ListGroups(t.Context(), &cip.ListGroupsInput{UserPoolId: pool, Limit: aws.Int32(1)})).NextToken
	_, err = client.ListUsersInGroup(t.Context(), &cip.ListUsersInGroupInput{UserPoolId: pool, GroupName: aws.String("people"), NextToken: token})
	refused(t, err, "InvalidParameterException", "Invalid pagination token given")
}

// TestGroupLimits fills a pool and a user with groups.
func TestGroupLimits(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana"})
	for i := range maxGroups {
		p.AddGroup(Group{Name: fmt.Sprint(i)})
	}
	for i := range maxGroupsOfUser {
		p.AddToGroups("ana", fmt.Sprint(i))
	}
	client := sdk(p.Transport())
	_, err := client.CreateGroup(t.Context(), &cip.CreateGroupInput{UserPoolId: aws.String(p.PoolID()), GroupName: aws.String("x")})
	refused(t, err, "LimitExceededException", "The user pool has as many groups as a pool can have")
	in := &cip.AdminAddUserToGroupInput{UserPoolId: aws.String(p.PoolID()), Username: aws.String("ana"), GroupName: aws.String("100")}
	_, err = client.AdminAddUserToGroup(t.Context(), in)
	refused(t, err, "LimitExceededException", "The user is in as many groups as a user can be in")
	in.GroupName = aws.String("99")
	must[cip.AdminAddUserToGroupOutput](t)(client.AdminAddUserToGroup(t.Context(), in))
}

func TestGroupHelpers(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddGroup(Group{Name: "a"})
	p.AddUser(User{Name: "ana", Groups: []string{"c", "a"}})
	p.AddToGroups("ana", "b", "a")
	u, _ := p.User("ana")
	if diff := cmp.Diff([]string{"a", "b", "c"}, u.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	for name, do := range map[string]func(p *Pool){
		"AddGroup: A group with the name already exists.":             func(p *Pool) { p.AddGroup(Group{Name: "a"}); p.AddGroup(Group{Name: "a"}) },
		"AddGroup: Name must be 1 to 128 letters, digits and symbols": func(p *Pool) { p.AddGroup(Group{Name: "a b"}) },
		"AddToGroups: User does not exist.":                           func(p *Pool) { p.AddToGroups("nobody", "a") },
		"AddUser: Name must be 1 to 128 letters, digits and symbols":  func(p *Pool) { p.AddUser(User{Name: "ana", Groups: []string{"a", ""}}) },
	} {
		tb := &fakeTB{TB: t}
		p := newPool(tb, Config{})
		func() {
			defer func() { _ = recover() }()
			do(p)
		}()
		if diff := cmp.Diff([]string{"authtest: " + name}, tb.errors); diff != "" {
			t.Errorf("complaints (-want +got):\n%s", diff)
		}
		if g := p.groups["a"]; g != nil && len(g.members) > 0 {
			t.Errorf("%s: a user who is not in the pool is in the group", name)
		}
	}
	// Whoever is deleted is in no group.
	admin(t, p, "AdminDeleteUser", `"Username":"ana"}`)
	if n := len(p.groups["a"].members); n != 0 {
		t.Errorf("the group has %d members", n)
	}
}

// TestTriggerSeesGroups shows groups to the pre token generation trigger.
func TestTriggerSeesGroups(t *testing.T) {
	t.Parallel()
	var got GroupConfiguration
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Triggers: Triggers{PreTokenGeneration: func(e *PreTokenGenerationEvent) error {
		got = e.Request.GroupConfiguration
		return nil
	}}})
	p.AddGroup(Group{Name: "admins", RoleARN: roleARN})
	p.AddUser(User{Name: "ana", Password: testPassword, Groups: []string{"admins", "staff"}})
	_, id, _ := signIn(t, p)
	want := GroupConfiguration{GroupsToOverride: []string{"admins", "staff"}, IAMRolesToOverride: []string{roleARN}, PreferredRole: roleARN}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if _, claims := parseToken(t, p, id); len(claims["cognito:groups"].([]any)) != 2 {
		t.Errorf("got claims %v", claims)
	}
}
