package authtest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// seedName returns what a field is called in seed files.
func seedName(field string) string {
	var b strings.Builder
	for len(field) > 0 {
		word := seedWord(field)
		field = field[len(word):]
		word = strings.ToLower(word)
		if b.Len() > 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}

// initialisms are words that are written in capitals, longer ones first.
var initialisms = []string{"OAuth", "TOTP", "URLs", "ARN", "MFA", "SMS", "URI", "URL", "ID"}

// seedWord returns the first word of a name.
func seedWord(name string) string {
	lower := func(i int) bool { return i < len(name) && 'a' <= name[i] && name[i] <= 'z' }
	for _, word := range initialisms {
		if strings.HasPrefix(name, word) && !lower(len(word)) {
			return word
		}
	}
	end := 1
	for lower(end) {
		end++
	}
	return name[:end]
}

// seedFields returns the fields of a type that seed files can set, by their
// names there.
func seedFields(typ reflect.Type) map[string]reflect.StructField {
	fields := make(map[string]reflect.StructField)
	for field := range typ.Fields() {
		if !inSeeds(typ, field.Name) {
			continue
		}
		fields[seedName(field.Name)] = field
	}
	return fields
}

func inSeeds(typ reflect.Type, field string) bool {
	if typ != reflect.TypeFor[Config]() {
		return true
	}
	_, ofClient := reflect.TypeFor[AppClient]().FieldByName(field)
	return !ofClient && !slices.Contains([]string{"Clients", "Triggers", "ExpectUnknown"}, field)
}

// A seedReader fills in a seed and collects what is wrong.
type seedReader struct {
	problems []*SeedError
	lines    map[string]int // of fields
}

func (r *seedReader) problem(line int, field, format string, args ...any) {
	r.problems = append(r.problems, &SeedError{Line: line, Field: field, Message: fmt.Sprintf(format, args...)})
}

// seed fills in the file as a whole.
func (r *seedReader) seed(root *lineNode, seed *Seed) {
	r.lines[""] = root.line
	r.object(root, "", func(m lineMember, path string) bool {
		if m.name != "pools" {
			return false
		}
		seed.Pools = make([]PoolSeed, r.list(m.node, path))
		for i, item := range m.node.items {
			r.pool(item, fmt.Sprintf("%s[%d]", path, i), &seed.Pools[i])
		}
		return true
	})
}

// pool fills in a pool: the lists of what is in it, and the configuration.
func (r *seedReader) pool(node *lineNode, path string, pool *PoolSeed) {
	r.lines[path] = node.line
	lists := reflect.ValueOf(pool).Elem()
	config := reflect.ValueOf(&pool.Config).Elem()
	fields := seedFields(config.Type())
	r.object(node, path, func(m lineMember, path string) bool {
		for _, name := range []string{"Clients", "Groups", "Users"} {
			if m.name == seedName(name) {
				r.fill(m.node, path, lists.FieldByName(name))
				return true
			}
		}
		field, ok := fields[m.name]
		if ok {
			r.fill(m.node, path, config.FieldByIndex(field.Index))
		}
		return ok
	})
}

// object calls known with every member of an object and the path to it. What
// is not known is a problem.
func (r *seedReader) object(node *lineNode, path string, known func(m lineMember, path string) bool) {
	if !r.expect(node, path, jsonObject) {
		return
	}
	for _, m := range node.members {
		inner := m.name
		if path != "" {
			inner = path + "." + m.name
		}
		r.lines[inner] = m.line
		if !known(m, inner) {
			r.problem(m.line, path, "unknown field %.100q", m.name)
		}
	}
}

// list returns the length of a list.
func (r *seedReader) list(node *lineNode, path string) int {
	if node.kind != jsonNull {
		r.expect(node, path, jsonArray)
	}
	return len(node.items)
}

// expect reports whether a value is of a kind.
func (r *seedReader) expect(node *lineNode, path, kind string) bool {
	if node.kind != kind {
		r.problem(node.line, path, "it has to be %s", kind)
	}
	return node.kind == kind
}

// fill gives a value what a node says. What the node leaves out, and null,
// stays zero.
func (r *seedReader) fill(node *lineNode, path string, value reflect.Value) {
	r.lines[path] = node.line
	if node.kind == jsonNull {
		return
	}
	if value.Type() == reflect.TypeFor[time.Duration]() {
		r.duration(node, path, value)
		return
	}
	switch value.Kind() {
	case reflect.String:
		if r.expect(node, path, jsonString) {
			value.SetString(node.value.(string))
		}
	case reflect.Bool:
		if r.expect(node, path, jsonBool) {
			value.SetBool(node.value.(bool))
		}
	case reflect.Int:
		r.integer(node, path, value)
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		r.fill(node, path, value.Elem())
	case reflect.Slice:
		n := r.list(node, path)
		value.Set(reflect.MakeSlice(value.Type(), n, n))
		for i, item := range node.items {
			r.fill(item, fmt.Sprintf("%s[%d]", path, i), value.Index(i))
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		r.object(node, path, func(m lineMember, path string) bool {
			element := reflect.New(value.Type().Elem()).Elem()
			r.fill(m.node, path, element)
			value.SetMapIndex(reflect.ValueOf(m.name), element)
			return true
		})
	case reflect.Struct:
		fields := seedFields(value.Type())
		r.object(node, path, func(m lineMember, path string) bool {
			field, ok := fields[m.name]
			if ok {
				r.fill(m.node, path, value.FieldByIndex(field.Index))
			}
			return ok
		})
	default:
		panic("authtest: seed files cannot have a " + value.Type().String())
	}
}

func (r *seedReader) integer(node *lineNode, path string, value reflect.Value) {
	if !r.expect(node, path, jsonNumber) {
		return
	}
	n, err := strconv.ParseInt(string(node.value.(json.Number)), 10, 32)
	if err != nil {
		r.problem(node.line, path, "it has to be a whole number")
		return
	}
	value.SetInt(n)
}

// duration reads what time.ParseDuration does, or a number of days.
func (r *seedReader) duration(node *lineNode, path string, value reflect.Value) {
	text, ok := node.value.(string)
	if ok {
		if days, whole := strings.CutSuffix(text, "d"); whole {
			n, err := strconv.ParseInt(days, 10, 16)
			text, ok = strconv.FormatInt(n*24, 10)+"h", err == nil
		}
	}
	d, err := time.ParseDuration(text)
	if !ok || err != nil {
		r.problem(node.line, path, `it has to be a duration, as in "90s", "1h30m" or "30d"`)
		return
	}
	value.SetInt(int64(d))
}
