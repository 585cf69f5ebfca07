package auth_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tests in this file keep what the documents say true: Go in them
// compiles, commands in them exist, dependencies are explained.

// snippet is one fenced block of a Markdown file.
type snippet struct {
	file string
	line int // of its first line of code
	lang string
	code string
}

func (s snippet) String() string { return fmt.Sprintf("%s:%d", s.file, s.line) }

// snippetsOf returns the fenced blocks of a Markdown text.
func snippetsOf(file string, text []byte) ([]snippet, error) {
	var (
		all  []snippet
		cur  *snippet
		code strings.Builder
	)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		info, fence := strings.CutPrefix(strings.TrimSpace(lines.Text()), "```")
		switch {
		case fence && cur == nil:
			cur = &snippet{file: file, line: n + 1, lang: info}
			code.Reset()
		case fence:
			cur.code = code.String()
			all, cur = append(all, *cur), nil
		case cur != nil:
			code.WriteString(lines.Text() + "\n")
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if cur != nil {
		return nil, fmt.Errorf("%s: the code block is not closed", cur)
	}
	return all, nil
}

// docSnippets returns the fenced blocks of all documents in the repository
// that are in one of the languages.
func docSnippets(t *testing.T, langs ...string) []snippet {
	t.Helper()
	var all []snippet
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && unvisited(d.Name()) {
			return fs.SkipDir
		}
		if filepath.Ext(file) != ".md" {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		found, err := snippetsOf(filepath.ToSlash(file), text)
		all = append(all, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(s snippet) bool { return !slices.Contains(langs, s.lang) })
}

// snippetImports are the packages that a snippet may use without importing
// them; the public ones of this module come on top.
var snippetImports = []string{
	"bytes", "cmp", "context", "crypto/rand", "encoding/json", "errors", "fmt", "io", "iter", "log", "log/slog", "maps",
	"net/http", "net/http/httptest", "net/url", "os", "slices", "strings", "sync", "testing", "testing/synctest", "time",
	"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/config",
}

// snippetNames are the variables that a snippet made of statements may use
// without declaring them, as the text around it has them.
const snippetNames = `ctx context.Context, w http.ResponseWriter, r *http.Request, t *testing.T, mux *http.ServeMux,
	client *auth.Client, s *auth.Session, verifier *tokens.Verifier, store tokens.Store, pool *authtest.Pool`

// snippetWraps are the surroundings in which a snippet may be complete: none,
// a file's clauses, and functions with different results.
var snippetWraps = []struct{ before, after string }{
	{"", ""},
	{"package snippet;", ""},
	{"package snippet; IMPORTS;", ""},
	{"package snippet; IMPORTS; func _(" + snippetNames + ") {{", "}}"},
	{"package snippet; IMPORTS; func _(" + snippetNames + ") error {{", "}; panic(0)}"},
	{"package snippet; IMPORTS; func _(" + snippetNames + ") (any, error) {{", "}; panic(0)}"},
}

// snippetChecker type-checks snippets.
type snippetChecker struct {
	pkgs     map[string]*listed
	fset     *token.FileSet
	importer types.Importer
}

func newSnippetChecker(t *testing.T) snippetChecker {
	t.Helper()
	_, all := modulePackages(t)
	fset := token.NewFileSet()
	return snippetChecker{all, fset, exportImporter(fset, all)}
}

// imports is one import clause for everything that snippets may use.
func (c snippetChecker) imports() string {
	var clause strings.Builder
	clause.WriteString("import (")
	for _, p := range c.pkgs {
		public := p.ours() && p.Name != "main" && !strings.Contains(p.ImportPath, "/internal/")
		if public || slices.Contains(snippetImports, p.ImportPath) {
			fmt.Fprintf(&clause, "%s %q;", p.Name, p.ImportPath)
		}
	}
	clause.WriteString(")")
	return clause.String()
}

// check returns nil if the snippet compiles in one of its surroundings, and
// otherwise what is wrong in the one that suits it best; of equals, the one
// that offers more.
func (c snippetChecker) check(s snippet) error {
	var best error
	fewest := -1
	for _, wrap := range snippetWraps {
		before := strings.Replace(wrap.before, "IMPORTS", c.imports(), 1)
		src := fmt.Sprintf("%s\n//line %s:%d:1\n%s\n%s", before, s.file, s.line, s.code, wrap.after)
		f, err := parser.ParseFile(c.fset, s.file, src, parser.SkipObjectResolution)
		if err != nil {
			if best == nil {
				best = err
			}
			continue
		}
		var problems []error
		conf := types.Config{
			Importer: c.importer,
			Error: func(err error) {
				// An excerpt may declare what it does not use.
				if e, ok := errors.AsType[types.Error](err); !ok || !e.Soft {
					problems = append(problems, err)
				}
			},
		}
		// Everything it returns went through conf.Error.
		conf.Check("snippet", c.fset, []*ast.File{f}, nil)
		if len(problems) == 0 {
			return nil
		}
		if fewest < 0 || len(problems) <= fewest {
			best, fewest = errors.Join(problems...), len(problems)
		}
	}
	return best
}

func TestDocumentedSnippetsCompile(t *testing.T) {
	t.Parallel()
	checker := newSnippetChecker(t)
	found := docSnippets(t, "go")
	examples := exampleCode(t)
	for _, s := range found {
		if strings.Contains(examples, strings.TrimSpace(s.code)) {
			continue // cut out of a program that compiles
		}
		if err := checker.check(s); err != nil {
			t.Errorf("%s: the snippet does not compile:\n%v", s, err)
		}
	}
	if !slices.ContainsFunc(found, func(s snippet) bool { return s.file == "README.md" }) {
		t.Error("README.md shows no Go code")
	}
}

// exampleCode returns the Go code of the example programs.
func exampleCode(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("examples/*/*.go")
	if err != nil || len(names) == 0 {
		t.Fatalf("no example programs: %v", err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// TestGuideIsCutOutOfItsExample keeps the guide and the program that it explains
// one.
func TestGuideIsCutOutOfItsExample(t *testing.T) {
	t.Parallel()
	const guide = "docs/http-handlers.md"
	code := exampleCode(t)
	n := 0
	for _, s := range docSnippets(t, "go") {
		if s.file != guide {
			continue
		}
		n++
		if !strings.Contains(code, strings.TrimSpace(s.code)) {
			t.Errorf("%s: not in examples/backend", s)
		}
	}
	if n < 10 {
		t.Errorf("%s shows %d pieces of the program", guide, n)
	}
}

func TestSnippetCheckerSeesMistakes(t *testing.T) {
	t.Parallel()
	checker := newSnippetChecker(t)
	for _, tt := range []struct {
		name, code, want string // want is part of the error, "" for none
	}{
		{"statements", "id := rand.Text()\nhttp.Error(w, id, http.StatusTeapot)", ""},
		{"unused result", "u, err := url.Parse(r.URL.Path)", ""},
		{"early return", "if ctx.Err() != nil {\n\treturn ctx.Err()\n}", ""},
		{"declaration", "func handle(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }", ""},
		{"own imports", "import \"strconv\"\n\nvar n = strconv.Itoa(1)", ""},
		{"file", "package main\n\nfunc main() {}", ""},
		{"unknown name", "fmt.Println(nobody)", "doc.md:7:13: undefined: nobody"},
		{"unknown member", "\nhttp.Frobnicate()", "doc.md:8:6: undefined: http.Frobnicate"},
		{"wrong type", "var n int = ctx.Err()", "cannot use ctx.Err()"},
		{"missing argument", "func f() { http.Error(nil, \"\") }", "not enough arguments"},
		{"no package", "import \"example.com/nowhere\"\n\nvar _ = nowhere.X", "could not import example.com/nowhere"},
		{"no Go", "go run ./examples/quickstart", "doc.md:7:"},
	} {
		err := checker.check(snippet{file: "doc.md", line: 7, code: tt.code})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

// TestDocumentedCommandsExist checks that a package named in a go command of a
// document is there to run.
func TestDocumentedCommandsExist(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`(?m)^\$? ?go (?:run|test|build|doc) .*?(\./[\w./-]*)`)
	for _, s := range docSnippets(t, "sh", "console", "") {
		for _, m := range pattern.FindAllStringSubmatch(s.code, -1) {
			dir, _ := strings.CutSuffix(m[1], "...")
			if names, err := filepath.Glob(filepath.Join(dir, "*.go")); err != nil || len(names) == 0 {
				t.Errorf("%s: %q: no package in %s", s, m[0], dir)
			}
		}
	}
}

func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readGoMod(t, "go.mod").Require {
		if !r.Indirect && !bytes.Contains(text, []byte("`"+r.Path+"`")) {
			t.Errorf("docs/dependencies.md does not say why the module needs %s", r.Path)
		}
	}
	for _, dir := range javaScript {
		var manifest struct{ Dependencies, DevDependencies map[string]string }
		data, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &manifest); err != nil {
			t.Fatal(err)
		}
		for name := range manifest.Dependencies {
			if !bytes.Contains(text, []byte("`"+name+"`")) {
				t.Errorf("docs/dependencies.md does not say why %s needs %s", dir, name)
			}
		}
		for name := range manifest.DevDependencies {
			t.Errorf("%s needs no development dependency, but asks for %s", dir, name)
		}
	}
}

// javaScript are the directories that have packages from npm.
var javaScript = []string{"interop/js", "interop/peers"}

// TestLockfileNamesNoHost keeps downloads with the registry that each machine
// is set up for.
func TestLockfileNamesNoHost(t *testing.T) {
	t.Parallel()
	for _, dir := range javaScript {
		data, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
		if err != nil {
			t.Fatal(err)
		}
		var lock struct {
			Packages map[string]struct{ Resolved, Integrity string }
		}
		if err := json.Unmarshal(data, &lock); err != nil {
			t.Fatal(err)
		}
		for name, p := range lock.Packages {
			if p.Resolved != "" {
				t.Errorf("%s: %s is locked to %s", dir, name, p.Resolved)
			}
			if name != "" && p.Integrity == "" {
				t.Errorf("%s: %s has no checksum", dir, name)
			}
		}
	}
}
