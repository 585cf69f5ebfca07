package authtest

import (
	"fmt"
	"maps"
	"slices"
)

type listGroupsRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Limit      int    `aws:"Limit,QueryLimit"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listGroupsResponse struct {
	Groups    []groupDescription
	NextToken string `json:",omitempty"`
}

func listGroups(c *call, r *listGroupsRequest) (*listGroupsResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(c.pool.groups))
	page, next, err := paginate(c, "groups", r.NextToken, r.Limit, names, itself)
	if err != nil {
		return nil, err
	}
	response := &listGroupsResponse{Groups: []groupDescription{}, NextToken: next}
	for _, name := range page {
		response.Groups = append(response.Groups, c.pool.describeGroup(c.pool.groups[name]))
	}
	return response, nil
}

type listGroupsForUserRequest struct {
	Username   string `aws:"Username,Username,required"`
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Limit      int    `aws:"Limit,QueryLimit"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

// adminListGroupsForUser lists a user's groups, the best precedence first.
func adminListGroupsForUser(c *call, r *listGroupsForUserRequest) (*listGroupsResponse, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	page, next, err := paginate(c, "groups of "+u.sub, r.NextToken, r.Limit, u.groupList(), func(g *group) string {
		return fmt.Sprintf("%016x%s", uint64(g.rank()), g.Name)
	})
	if err != nil {
		return nil, err
	}
	response := &listGroupsResponse{Groups: []groupDescription{}, NextToken: next}
	for _, g := range page {
		response.Groups = append(response.Groups, c.pool.describeGroup(g))
	}
	return response, nil
}

type listUsersInGroupRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	GroupName  string `aws:"GroupName,GroupName,required"`
	Limit      int    `aws:"Limit,QueryLimit"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listUsersInGroupResponse struct {
	Users     []userDescription
	NextToken string `json:",omitempty"`
}

func listUsersInGroup(c *call, r *listUsersInGroupRequest) (*listUsersInGroupResponse, *apiError) {
	g, err := c.group(r.UserPoolID, r.GroupName)
	if err != nil {
		return nil, err
	}
	members := slices.SortedFunc(maps.Keys(g.members), bySerial)
	page, next, err := paginate(c, "users in "+g.Name, r.NextToken, r.Limit, members, (*user).serialKey)
	if err != nil {
		return nil, err
	}
	response := &listUsersInGroupResponse{Users: []userDescription{}, NextToken: next}
	for _, u := range page {
		response.Users = append(response.Users, u.describe())
	}
	return response, nil
}
