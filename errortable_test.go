package auth

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/errors.md")

const errorsDocument = "docs/errors.md"

// A declaredCode is a constant of type ErrorCode as the source has it.
type declaredCode struct{ name, when string }

// A codeGroup is a declaration of codes with the comment that introduces it.
type codeGroup struct {
	intro string
	codes []declaredCode
}

// packageFiles parses the package's own source.
func packageFiles(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// declaredCodes returns the declarations of codes, wherever they are.
func declaredCodes(t *testing.T) []codeGroup {
	t.Helper()
	var groups []codeGroup
	for _, f := range packageFiles(t) {
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				continue
			}
			g := codeGroup{intro: d.Doc.Text()}
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				if typ, ok := s.Type.(*ast.Ident); !ok || typ.Name != "ErrorCode" {
					continue
				}
				for _, name := range s.Names {
					g.codes = append(g.codes, declaredCode{name.Name, strings.TrimSpace(s.Comment.Text())})
				}
			}
			if len(g.codes) > 0 {
				groups = append(groups, g)
			}
		}
	}
	return groups
}

// remedyNames returns the names in the first column of remedies.
func remedyNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, f := range packageFiles(t) {
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				if s := spec.(*ast.ValueSpec); s.Names[0].Name == "remedies" {
					for _, row := range s.Values[0].(*ast.CompositeLit).Elts {
						names = append(names, row.(*ast.CompositeLit).Elts[0].(*ast.Ident).Name)
					}
				}
			}
		}
	}
	return names
}

// Every code has its row, once, in the order of the declarations, and its
// comment says when it comes.
func TestEveryCodeHasARemedy(t *testing.T) {
	t.Parallel()
	var declared []string
	for _, g := range declaredCodes(t) {
		for _, c := range g.codes {
			declared = append(declared, c.name)
			if c.when == "" {
				t.Errorf("no comment says when %s comes", c.name)
			}
		}
	}
	if diff := cmp.Diff(declared, remedyNames(t)); diff != "" {
		t.Errorf("rows of remedies (-declared +row):\n%s", diff)
	}
	seen := make(map[ErrorCode]bool)
	for _, r := range remedies {
		if seen[r.code] {
			t.Errorf("two constants have the value %s", r.code)
		}
		seen[r.code] = true
	}
}

// A person reads the advice, and an attacker too.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for _, r := range remedies {
		if r.status < http.StatusBadRequest || http.StatusText(r.status) == "" {
			t.Errorf("%s: %d is no status of an error", r.code, r.status)
		}
		first, _ := utf8.DecodeRuneInString(r.advice)
		if r.advice != "" && (!unicode.IsUpper(first) || !strings.HasSuffix(r.advice, ".") || strings.Contains(r.advice, "Exception")) {
			t.Errorf("%s: %q is no sentence for a person", r.code, r.advice)
		}
		if r.status == http.StatusTooManyRequests && r.advice == "" {
			t.Errorf("%s: nothing says to wait", r.code)
		}
	}
	if wrong, unknown := remedyFor(ErrNotAuthorized), remedyFor(ErrUserNotFound); wrong.status != unknown.status || wrong.advice != unknown.advice {
		t.Errorf("a wrong password (%d %q) is told from an unknown user (%d %q)", wrong.status, wrong.advice, unknown.status, unknown.advice)
	}
}

// sections are the headings of the document, one for each declaration of codes.
var sections = []string{
	"Of the service", "Of the service, outside this package's journeys", "Finer than NotAuthorizedException", "Finer than other exceptions", "Of this package",
}

const errorsIntro = `# Errors

Generated from ` + "`errorcodes.go` and `errortable.go` by `go test . -run ErrorsDocument -update`" + `; a test keeps it current.

Every failed operation returns an ` + "`*auth.Error`" + ` with a code. ` + "`errors.Is(err, auth.ErrCodeMismatch)`" + ` asks for a code or for
the coarser one that it refines, ` + "`auth.CodeOf(err)`" + ` is for a switch. A web application can answer straight from the tables
below:

` + "```go" + `
func refuse(w http.ResponseWriter, err error) {
	advice := cmp.Or(auth.CodeOf(err).RecoverySuggestion(), "Something went wrong.")
	http.Error(w, advice, auth.HTTPStatus(err))
}
` + "```" + `

- **400** is what the person entered, **409** what does not fit the state of things, **404** a device or passkey that does
  not exist. **401** is for signing in, again or with other credentials, **403** for what is not allowed, **429** for
  waiting. **500** is a mistake of the program or of the pool's configuration, **502** and **503** are outages, failing
  triggers and exceptions that this version does not know, **504** is a context that ended.
- An empty cell means that there is nothing the person can do: log ` + "`err`" + `, ask whoever runs the pool.
- More can be said with ` + "`(*auth.Error).PasswordPolicy`" + `, which has the rule that a password breaks, and with
  ` + "`(*auth.Error).Trigger`" + `, which has the words of a Lambda trigger.
- ` + "`MaybeProcessed`" + ` says that the service may have acted all the same. Trying again can then find the work done.

A wrong password and an unknown user look alike. Other rows say as much about an account as the pool does: let the app
client hide whether users exist (` + "`PreventUserExistenceErrors`" + `), and answer a request for a forgotten password alike
whatever comes of it. ` + "`ErrUsernameExists`" + ` cannot be hidden by any setting.
`

// reference is a link of a doc comment.
var reference = regexp.MustCompile(`\[(\w+)\]`)

// errorsTable returns the document. It checks what comments say about codes
// that are finer than others.
func errorsTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(errorsIntro)
	groups := declaredCodes(t)
	if len(groups) != len(sections) {
		t.Fatalf("%d declarations of codes have %d headings", len(groups), len(sections))
	}
	values := make(map[string]remedy)
	for i, name := range remedyNames(t) {
		values[name] = remedies[i]
	}
	for i, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", sections[i], reference.ReplaceAllString(g.intro, "`$1`"))
		b.WriteString("| Code | Value | When | What to tell the person | HTTP |\n| --- | --- | --- | --- | --- |\n")
		for _, c := range g.codes {
			r := values[c.name]
			if _, coarse, ok := strings.Cut(c.when, "; refines "); ok && values[coarse].code != r.code.refines() {
				t.Errorf("%s does not refine %s", c.name, coarse)
			}
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %d |\n", c.name, string(r.code), c.when, r.advice, r.status)
		}
	}
	return b.String()
}

func TestErrorsDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	want := errorsTable(t)
	if *update {
		if err := os.WriteFile(errorsDocument, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(errorsDocument)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is out of date: run go test . -run ErrorsDocument -update\n%s", errorsDocument, diff)
	}
}
