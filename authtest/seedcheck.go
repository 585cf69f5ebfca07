package authtest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxProblems bounds how many problems are told at once.
const maxProblems = 100

// err joins the problems in the order of their lines.
func (r *seedReader) err() error {
	slices.SortStableFunc(r.problems, func(a, b *SeedError) int { return cmp.Compare(a.Line, b.Line) })
	var errs []error
	for i, problem := range r.problems {
		if i == maxProblems {
			errs = append(errs, &SeedError{Line: problem.Line, Message: "there are more problems from here on"})
			break
		}
		errs = append(errs, problem)
	}
	return errors.Join(errs...)
}

// at reports a problem of a field, or of the innermost thing around it that
// the file has.
func (r *seedReader) at(field, format string, args ...any) {
	around := field
	line, ok := r.lines[around]
	for !ok {
		around = around[:max(strings.LastIndexByte(around, '.'), 0)]
		line, ok = r.lines[around]
	}
	r.problem(line, field, format, args...)
}

// check makes the pools, to see what is wrong with them, unless there are
// things in the file that nobody understands.
func (r *seedReader) check(seed *Seed) {
	if len(r.problems) > 0 {
		return
	}
	if len(seed.Pools) == 0 {
		r.at("pools", "there are none")
		return
	}
	region, taken := "", make(map[string]bool)
	claim := func(kind, name, field string) {
		if name != "" && taken[kind+"\x00"+name] {
			r.at(field, "there is another %s with it", kind)
		}
		taken[kind+"\x00"+name] = true
	}
	for i := range seed.Pools {
		pool, path := &seed.Pools[i], fmt.Sprintf("pools[%d]", i)
		claim("pool", pool.Config.PoolID, path+".poolId")
		claim("pool", pool.Config.Domain, path+".domain")
		for j, client := range pool.Clients {
			// Two of one pool are a problem of its configuration.
			if !slices.ContainsFunc(pool.Clients[:j], func(c AppClient) bool { return c.ClientID == client.ClientID }) {
				claim("client", client.ClientID, fmt.Sprintf("%s.clients[%d].clientId", path, j))
			}
		}
		own, _, _ := strings.Cut(pool.Config.PoolID, "_")
		region = cmp.Or(region, own)
		if own != "" && own != region {
			r.at(path+".poolId", "the pools are of several regions")
		}
		r.checkPool(pool, path, cmp.Or(own, defaultRegion))
	}
}

// checkPool makes a pool in a server of its own.
func (r *seedReader) checkPool(pool *PoolSeed, path, region string) {
	s, err := NewStandaloneServer(ServerConfig{Region: region})
	if err != nil {
		r.at(path+".poolId", "it must begin with a region")
		return
	}
	p, err := s.build(pool.config())
	if err != nil {
		r.reportConfig(err, path, len(pool.Clients) > 0)
		return
	}
	for i, g := range pool.Groups {
		if err := p.addGroup(g, p.now()); err != nil {
			r.at(fmt.Sprintf("%s.groups[%d].name", path, i), "%s", err.message)
		}
	}
	for i, u := range pool.Users {
		r.checkUser(p, u, fmt.Sprintf("%s.users[%d]", path, i))
	}
}

// configField finds the field that a problem of a configuration begins with.
var configField = regexp.MustCompile(`\A(?:Clients\[(\d+)\]: )?([A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)*)?`)

// reportConfig reports the problems of a configuration with the fields that
// they name.
func (r *seedReader) reportConfig(err error, path string, clients bool) {
	problems := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems = joined.Unwrap()
	}
	for _, problem := range problems {
		message := strings.TrimPrefix(problem.Error(), "authtest: config: ")
		match := configField.FindStringSubmatch(message)
		message = strings.TrimPrefix(message, "Clients["+match[1]+"]: ")
		first, _, _ := strings.Cut(match[2], ".")
		field := path
		_, ofClient := reflect.TypeFor[AppClient]().FieldByName(first)
		if clients && (ofClient || match[1] != "") {
			further, err := strconv.Atoi(match[1])
			if err == nil {
				further++
			}
			field = fmt.Sprintf("%s.clients[%d]", path, further)
		}
		if match[2] != "" {
			for name := range strings.SplitSeq(match[2], ".") {
				field += "." + seedName(name)
			}
		}
		r.at(field, "%s", message)
	}
}

// checkUser puts a user into a pool. The password has no part in that.
func (r *seedReader) checkUser(p *Pool, u User, path string) {
	password := u.Password
	u.Password = ""
	if password != "" && len(shapes()["Password"].violations("", password)) > 0 {
		r.at(path+".password", "no client could send it: it has to have 6 to 256 characters, without a space at either end")
	}
	if u.Name != "" && len(shapes()["Username"].violations("", u.Name)) > 0 {
		r.at(path+".name", "no client could send it: it has to have 1 to 128 characters that can be seen")
	}
	if _, err := p.addUser(u); err != nil {
		r.at(path+faultyField(p, u, err.message), "%s", err.message)
	}
}

// faultyField finds the field that keeps a user out of a pool: one without
// which there is no problem, or else one without which there is another.
func faultyField(p *Pool, u User, message string) string {
	var changes string
	for field, changed := range u.withoutEach {
		added, err := p.addUser(changed)
		if err == nil {
			p.mu.Lock()
			p.users.remove(added)
			p.mu.Unlock()
			return field
		}
		if err.message != message {
			changes = cmp.Or(changes, field)
		}
	}
	return changes
}

// withoutEach yields users who lack a field that u has, and which that is.
func (u User) withoutEach(yield func(field string, without User) bool) {
	for _, name := range slices.Sorted(maps.Keys(u.Attributes)) {
		without := u
		without.Attributes = maps.Clone(u.Attributes)
		delete(without.Attributes, name)
		if !yield(".attributes."+name, without) {
			return
		}
	}
	for field := range reflect.TypeFor[User]().Fields() {
		without := u
		value := reflect.ValueOf(&without).Elem().FieldByIndex(field.Index)
		if value.IsZero() {
			continue
		}
		value.SetZero()
		if !yield("."+seedName(field.Name), without) {
			return
		}
	}
}
