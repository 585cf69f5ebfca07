package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tests in this file keep the migration guides complete: everything that
// the installed JavaScript clients export has its row, no row is about anything
// else, and what a row names in Go is there.

// A guide is a document that says what becomes of a JavaScript library's
// members.
type guide struct {
	file        string
	library     string   // the npm package
	entryPoints []string // its modules that the guide is about
}

func guides() []guide {
	return []guide{
		{"../docs/from-amplify-js.md", "aws-amplify", []string{
			"aws-amplify/auth", "aws-amplify/auth/server", "aws-amplify/auth/cognito", "aws-amplify/auth/cognito/server",
			"aws-amplify/auth/enable-oauth-listener",
		}},
		{"../docs/from-cognito-identity-js.md", "amazon-cognito-identity-js", []string{"amazon-cognito-identity-js"}},
	}
}

// members are what entry points export: by entry point and name, the place of
// the declaration.
type members map[string]map[string]string

// sideEffects stands for the member of an entry point that exports nothing: to
// import it is all there is.
const sideEffects = "import"

// installedMembers asks Node what the installed packages export.
func installedMembers(t *testing.T) members {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "exports.mjs")
	cmd.Dir = "js"
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("exports.mjs: %v\n%s", err, exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	var all members
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	for name, exported := range all {
		if len(exported) == 0 {
			exported[sideEffects] = name
		}
	}
	return all
}

// installedVersion is the version of an npm package that is installed.
func installedVersion(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("js/node_modules/" + name + "/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Version string }
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Version
}

// A guideRow is a row of a guide: what becomes of members of an entry point.
type guideRow struct {
	line       int
	entryPoint string
	members    []string
	goNames    []string
	later      bool // the Go names are those of a release to come
}

var (
	quotedPattern = regexp.MustCompile("`([^`]+)`")
	listPattern   = regexp.MustCompile("^`[^`]+`(, `[^`]+`)*$")
	goNamePattern = regexp.MustCompile("`((?:auth|tokens|srp|authtest)\\.[A-Z][\\w.]*)`")
	headerPattern = regexp.MustCompile(`^\| JavaScript \| Go \| [^|]+ \|$`)
)

// readGuide returns the rows of the tables whose columns are "JavaScript",
// "Go" and remarks. The first has members; the second has their counterparts
// in Go, "later: " and those of a release to come, or "none". A row without a
// counterpart says why. The last heading that names an entry point says whose
// members they are.
func readGuide(text string, entryPoints []string) ([]guideRow, error) {
	var (
		rows       []guideRow
		errs       []error
		entryPoint string
		within     bool // a table with members
	)
	for n, line := range strings.Split(text, "\n") {
		n++
		switch {
		case strings.HasPrefix(line, "#"):
			within = false
			for _, m := range quotedPattern.FindAllStringSubmatch(line, -1) {
				if slices.Contains(entryPoints, m[1]) {
					entryPoint = m[1]
				}
			}
		case headerPattern.MatchString(line):
			within = true
		case !strings.HasPrefix(line, "|"):
			within = false
		case within && !strings.HasPrefix(line, "| ---"):
			row, err := readGuideRow(line)
			if err != nil {
				errs = append(errs, fmt.Errorf("line %d: %w", n, err))
			}
			row.line, row.entryPoint = n, entryPoint
			rows = append(rows, row)
		}
	}
	return rows, errors.Join(errs...)
}

func readGuideRow(line string) (guideRow, error) {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	if len(cells) != 3 {
		return guideRow{}, fmt.Errorf("%d cells instead of 3", len(cells))
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if !listPattern.MatchString(cells[0]) {
		return guideRow{}, fmt.Errorf("%q is not a list of members", cells[0])
	}
	row := guideRow{members: quoted(cells[0])}
	names, later := strings.CutPrefix(cells[1], "later: ")
	switch {
	case (later || cells[1] == "none") && cells[2] == "":
		return row, errors.New("no counterpart, and no reason why")
	case cells[1] == "none":
		return row, nil
	case !listPattern.MatchString(names):
		return row, fmt.Errorf("%q is not a list of Go names", cells[1])
	}
	row.goNames, row.later = quoted(names), later
	return row, nil
}

func quoted(cell string) []string {
	var names []string
	for _, m := range quotedPattern.FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}

// checkGuide returns what is wrong with a guide.
func checkGuide(text string, entryPoints []string, exported members, known map[string]bool) error {
	rows, err := readGuide(text, entryPoints)
	errs := []error{err}
	report := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	described := make(map[string]int) // lines by place of declaration
	listed := make(map[string]int)    // lines by entry point and member
	planned := make(map[string]bool)
	for _, row := range rows {
		for _, name := range row.members {
			place, ok := exported[row.entryPoint][name]
			if !ok {
				report("line %d: %q exports no %s", row.line, row.entryPoint, name)
				continue
			}
			key := row.entryPoint + " " + name
			if line, twice := listed[key]; twice {
				report("line %d: %s has a row in line %d", row.line, name, line)
			}
			listed[key], described[place] = row.line, row.line
		}
		for _, name := range row.goNames {
			switch {
			case row.later && known[name]:
				report("line %d: %s is there, not later", row.line, name)
			case row.later:
				planned[name] = true
			case !known[name]:
				report("line %d: there is no %s", row.line, name)
			}
		}
	}
	for _, entryPoint := range entryPoints {
		for _, name := range slices.Sorted(maps.Keys(exported[entryPoint])) {
			if described[exported[entryPoint][name]] == 0 {
				report("%s of %s has no row", name, entryPoint)
			}
		}
	}
	for n, line := range strings.Split(text, "\n") {
		for _, m := range goNamePattern.FindAllStringSubmatch(line, -1) {
			if !known[m[1]] && !planned[m[1]] {
				report("line %d: there is no %s", n+1, m[1])
			}
		}
	}
	return errors.Join(errs...)
}

func TestGuidesAreComplete(t *testing.T) {
	t.Parallel()
	exported, known := installedMembers(t), goNames(t)
	for _, g := range guides() {
		text, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkGuide(string(text), g.entryPoints, exported, known); err != nil {
			t.Errorf("%s:\n%v", g.file, err)
		}
		version := g.library + "` " + installedVersion(t, g.library)
		if !strings.Contains(string(text), version) {
			t.Errorf("%s was not written for %s, which is installed", g.file, strings.Replace(version, "`", "", 1))
		}
	}
}

func TestInstalledMembers(t *testing.T) {
	t.Parallel()
	exported := installedMembers(t)
	for entryPoint, names := range map[string][]string{
		"aws-amplify/auth":                       {"signIn", "autoSignIn", "AuthError", "SignInInput", "JWT", "AuthWebAuthnCredential"},
		"aws-amplify/auth/server":                {"getCurrentUser"},
		"aws-amplify/auth/cognito":               {"cognitoUserPoolsTokenProvider", "CognitoUserPoolTokenProviderType"},
		"aws-amplify/auth/cognito/server":        {"fetchUserAttributes"},
		"aws-amplify/auth/enable-oauth-listener": {sideEffects},
		"amazon-cognito-identity-js": {
			"CognitoUser", "CognitoUser.authenticateUser", "CognitoUser.revokeTokens", "CognitoUser.challengeName",
			"CognitoIdToken.getJwtToken", "IAuthenticationCallback.mfaSetup", "NodeCallback.Any", "DateHelper", "UserAgent",
		},
	} {
		for _, name := range names {
			if exported[entryPoint][name] == "" {
				t.Errorf("%s of %s is missing", name, entryPoint)
			}
		}
	}
	if got, want := exported["aws-amplify/auth/cognito"]["signIn"], exported["aws-amplify/auth"]["signIn"]; got != want {
		t.Errorf("signIn is declared in %s and in %s", got, want)
	}
}

func TestCheckGuideSeesMistakes(t *testing.T) {
	t.Parallel()
	exported := members{
		"lib":      {"signIn": "a#signIn", "signOut": "a#signOut", "Input": "a#Input"},
		"lib/more": {"signIn": "a#signIn", "extra": "b#extra"},
		"lib/side": {sideEffects: "lib/side"},
	}
	known := map[string]bool{"auth.SignIn": true, "auth.SignOut": true, "auth.SignInInput": true, "auth.SignInInput.Username": true}
	const head = "## `lib`\n\n| JavaScript | Go | Differences |\n| --- | --- | --- |\n"
	const rest = "\n### More of `lib/more`\n\n| JavaScript | Go | Differences |\n| --- | --- | --- |\n" +
		"| `extra` | none | no need |\n\n## `lib/side`\n\n| JavaScript | Go | Differences |\n| --- | --- | --- |\n" +
		"| `import` | later: `auth.Redirect` | see `auth.SignIn` |\n"
	for _, tt := range []struct {
		name, rows string
		want       string // part of the error, "" for none
	}{
		{"complete", "| `signIn`, `Input` | `auth.SignIn`, `auth.SignInInput` | |\n| `signOut` | `auth.SignOut` | |\n", ""},
		{"other tables", "| `signIn`, `Input` | `auth.SignIn` | |\n| `signOut` | none | why |\n\n| a | b |\n| --- | --- |\n| `x` | y |\n", ""},
		{"no row", "| `signIn`, `Input` | `auth.SignIn` | |\n", "signOut of lib has no row"},
		{"stale row", "| `signIn`, `Input`, `signOut`, `gone` | `auth.SignIn` | |\n", `line 5: "lib" exports no gone`},
		{"two rows", "| `signIn`, `Input` | `auth.SignIn` | |\n| `signOut`, `signIn` | `auth.SignOut` | |\n", "line 6: signIn has a row in line 5"},
		{"unknown Go name", "| `signIn`, `Input`, `signOut` | `auth.LogIn` | |\n", "line 5: there is no auth.LogIn"},
		{"unknown Go field", "| `signIn`, `Input`, `signOut` | `auth.SignInInput.Name` | |\n", "there is no auth.SignInInput.Name"},
		{"unknown Go name in a remark", "| `signIn`, `Input`, `signOut` | `auth.SignIn` | not `auth.LogIn` |\n", "line 5: there is no auth.LogIn"},
		{"no longer later", "| `signIn`, `Input`, `signOut` | later: `auth.SignIn` | wait |\n", "line 5: auth.SignIn is there, not later"},
		{"no reason", "| `signIn`, `Input`, `signOut` | none | |\n", "line 5: no counterpart, and no reason why"},
		{"no reason for later", "| `signIn`, `Input`, `signOut` | later: `auth.LogIn` | |\n", "line 5: no counterpart, and no reason why"},
		{"no Go names", "| `signIn`, `Input`, `signOut` | see below | |\n", `line 5: "see below" is not a list of Go names`},
		{"no members", "| signIn | `auth.SignIn` | |\n", `line 5: "signIn" is not a list of members`},
		{"a cell too many", "| `signIn` | `auth.SignIn` | a | b |\n", "line 5: 4 cells instead of 3"},
	} {
		err := checkGuide(head+tt.rows+rest, []string{"lib", "lib/more", "lib/side"}, exported, known)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
