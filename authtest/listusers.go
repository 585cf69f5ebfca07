package authtest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type listUsersRequest struct {
	UserPoolID      string   `aws:"UserPoolId,UserPoolId,required"`
	AttributesToGet []string `aws:"AttributesToGet,AttributeName"`
	Limit           int      `aws:"Limit,QueryLimit"`
	PaginationToken string   `aws:"PaginationToken,PaginationKey"`
	Filter          string   `aws:"Filter,UserFilter"`
}

type listUsersResponse struct {
	Users           []userDescription
	PaginationToken string `json:",omitempty"`
}

// listUsers lists users in the order in which they came (inferred). A page is
// full, or the last: the service may also give less.
func listUsers(c *call, r *listUsersRequest) (*listUsersResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	filter, err := parseUserFilter(r.Filter)
	if err != nil {
		return nil, err
	}
	users := c.pool.users.ordered
	if filter != nil {
		users = nil
		for _, u := range c.pool.users.ordered {
			if filter.matches(u) {
				users = append(users, u)
			}
		}
	}
	page, next, err := paginate(c, "users "+r.Filter, r.PaginationToken, r.Limit, users, (*user).serialKey)
	if err != nil {
		return nil, err
	}
	response := &listUsersResponse{Users: []userDescription{}, PaginationToken: next}
	for _, u := range page {
		described := u.describe()
		if described.Attributes, err = pick(described.Attributes, r.AttributesToGet); err != nil {
			return nil, err
		}
		response.Users = append(response.Users, described)
	}
	return response, nil
}

// pick returns the attributes of the names, all if none are given. An
// attribute that a user does not have is an error (documented).
func pick(attributes []attribute, names []string) ([]attribute, *apiError) {
	if names == nil {
		return attributes, nil
	}
	picked := []attribute{}
	for _, a := range attributes {
		if slices.Contains(names, a.Name) {
			picked = append(picked, a)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(picked, func(a attribute) bool { return a.Name == name }) {
			return nil, invalidParameter(msgAttributesToGet)
		}
	}
	return picked, nil
}

// serialKey is the user's place in the order of users, for page tokens.
func (u *user) serialKey() string {
	const width = 16
	text := strconv.FormatUint(u.serial, 16)
	return strings.Repeat("0", width-len(text)) + text
}

func bySerial(a, b *user) int { return cmp.Compare(a.serial, b.serial) }

// A userFilter is the filter of ListUsers: one condition on one attribute.
type userFilter struct {
	attribute string
	prefix    bool
	value     string
}

// parseUserFilter parses
//
//	attribute = "value"    or    attribute ^= "value"
//
// The attribute may be quoted too. In values a backslash makes the character
// that follows stand for itself. It returns nil for a filter that is empty.
func parseUserFilter(text string) (*userFilter, *apiError) {
	rest := strings.TrimSpace(text)
	if rest == "" {
		return nil, nil
	}
	malformed := invalidParameter(msgFilter)
	f := &userFilter{}
	var ok bool
	if rest[0] == '"' {
		if f.attribute, rest, ok = cutQuoted(rest); !ok {
			return nil, malformed
		}
	} else {
		end := strings.IndexAny(rest, " \t^=\"")
		if end <= 0 {
			return nil, malformed
		}
		f.attribute, rest = rest[:end], rest[end:]
	}
	rest = strings.TrimLeft(rest, " \t")
	if rest, f.prefix = strings.CutPrefix(rest, "^="); !f.prefix {
		if rest, ok = strings.CutPrefix(rest, "="); !ok {
			return nil, malformed
		}
	}
	rest = strings.TrimLeft(rest, " \t")
	if f.value, rest, ok = cutQuoted(rest); !ok || strings.TrimSpace(rest) != "" {
		return nil, malformed
	}
	if !slices.Contains(searchable, f.attribute) {
		return nil, invalidParameter(msgFilterAttribute + f.attribute)
	}
	return f, nil
}

// cutQuoted reads a string in quotation marks.
func cutQuoted(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", text, false
	}
	var b strings.Builder
	for i := 1; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch r {
		case '"':
			return b.String(), text[i:], true
		case '\\':
			r, size = utf8.DecodeRuneInString(text[i:])
			if size == 0 {
				return "", text, false
			}
			i += size
		}
		b.WriteRune(r)
	}
	return "", text, false
}

const (
	searchUsername = "username"
	searchStatus   = "status"
	searchState    = "cognito:user_status"
)

// searchable are the attributes that users can be found by. Custom ones are
// not among them.
var searchable = []string{
	searchUsername, attrEmail, attrPhone, "name", "given_name", "family_name", attrPreferredUsername, searchState, searchStatus, attrSub,
}

func (f *userFilter) matches(u *user) bool {
	value, has := f.valueOf(u)
	if !has {
		return false
	}
	wanted := f.value
	if f.attribute == searchState {
		value, wanted = strings.ToLower(value), strings.ToLower(wanted)
	}
	if f.prefix {
		return strings.HasPrefix(value, wanted)
	}
	return value == wanted
}

// valueOf is what the filter looks at.
func (f *userFilter) valueOf(u *user) (value string, has bool) {
	switch f.attribute {
	case searchUsername:
		return u.username, true
	case attrSub:
		return u.sub, true
	case searchState:
		return string(u.status), true
	case searchStatus:
		if u.enabled {
			return "Enabled", true
		}
		return "Disabled", true
	default:
		value, has = u.attributes[f.attribute]
		return value, has
	}
}
