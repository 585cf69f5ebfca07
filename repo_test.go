package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The tests in this file are about the repository itself: what its packages
// say about themselves, what they may import, and that nothing in them is
// state of the process.

const modulePath = "github.com/cognitokit/auth"

// listed is what these tests read of one package in `go list -json`.
type listed struct {
	Dir        string
	ImportPath string
	Name       string
	Export     string
	Standard   bool
	Module     *struct{ Path string }
	GoFiles    []string
	Imports    []string
	Deps       []string
}

// ours reports whether the package belongs to the root module.
func (p *listed) ours() bool { return p.Module != nil && p.Module.Path == modulePath }

// rel is the package's path inside the module, "." for the root.
func (p *listed) rel() string {
	if p.ImportPath == modulePath {
		return "."
	}
	return strings.TrimPrefix(p.ImportPath, modulePath+"/")
}

// goList runs `go list -deps -export -json` and returns what it says by
// import path.
func goList(patterns ...string) (map[string]*listed, error) {
	args := append([]string{
		"list", "-deps", "-export",
		"-json=Dir,ImportPath,Name,Export,Standard,Module,GoFiles,Imports,Deps", "--",
	}, patterns...)
	cmd := exec.Command("go", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	pkgs := make(map[string]*listed)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs[p.ImportPath] = p
	}
}

var listModule = sync.OnceValues(func() (map[string]*listed, error) {
	return goList(append([]string{"./..."}, snippetImports...)...)
})

// modulePackages returns the packages of the root module, sorted by path, and
// everything they import.
func modulePackages(t *testing.T) (own []*listed, all map[string]*listed) {
	t.Helper()
	all, err := listModule()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.ours() {
			own = append(own, p)
		}
	}
	slices.SortFunc(own, func(a, b *listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return own, all
}

// exportImporter imports packages from the compiler's export data.
func exportImporter(fset *token.FileSet, pkgs map[string]*listed) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		p, ok := pkgs[path]
		if !ok || p.Export == "" {
			return nil, fmt.Errorf("no export data for %q", path)
		}
		return os.Open(p.Export)
	})
}

// unvisited reports whether a directory holds nothing of ours.
func unvisited(name string) bool {
	return name == ".git" || name == "testdata" || name == "node_modules"
}

// sourceDir is one directory with Go files, in any module of the repository.
type sourceDir struct {
	path        string // slash-separated, relative to the root
	fset        *token.FileSet
	code, tests map[string]*ast.File // by file name
}

var sourceDirs = sync.OnceValues(func() ([]sourceDir, error) {
	var dirs []sourceDir
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if unvisited(d.Name()) {
			return fs.SkipDir
		}
		names, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil || len(names) == 0 {
			return err
		}
		dir := sourceDir{
			path: filepath.ToSlash(path), fset: token.NewFileSet(),
			code: make(map[string]*ast.File), tests: make(map[string]*ast.File),
		}
		for _, file := range names {
			f, err := parser.ParseFile(dir.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			if strings.HasSuffix(file, "_test.go") {
				dir.tests[file] = f
			} else {
				dir.code[file] = f
			}
		}
		dirs = append(dirs, dir)
		return nil
	})
	return dirs, err
})

func allSourceDirs(t *testing.T) []sourceDir {
	t.Helper()
	dirs, err := sourceDirs()
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestEveryPackageHasOneComment(t *testing.T) {
	t.Parallel()
	for _, dir := range allSourceDirs(t) {
		files := dir.code
		if len(files) == 0 {
			files = dir.tests
		}
		var documented []string
		for name, f := range files {
			if f.Doc == nil {
				continue
			}
			documented = append(documented, name)
			text := f.Doc.Text()
			want := "Package " + f.Name.Name + " "
			if f.Name.Name == "main" {
				want = "Command " + filepath.Base(dir.path) + " "
			}
			if !strings.HasPrefix(text, want) {
				t.Errorf("%s: package comment does not begin with %q", name, want)
			}
		}
		slices.Sort(documented)
		switch len(documented) {
		case 0:
			t.Errorf("%s: no package comment", dir.path)
		case 1:
		default:
			t.Errorf("%s: more than one package comment: %s", dir.path, strings.Join(documented, ", "))
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	t.Parallel()
	for _, dir := range allSourceDirs(t) {
		for _, f := range dir.code {
			if f.Name.Name == "main" {
				continue
			}
			c := docChecker{t: t, fset: dir.fset, public: !strings.Contains("/"+dir.path+"/", "/internal/")}
			for _, decl := range f.Decls {
				c.decl(decl)
			}
		}
	}
}

// docChecker reports exported names without a comment.
type docChecker struct {
	t      *testing.T
	fset   *token.FileSet
	public bool // also fields and interface methods, which users see in the documentation
}

func (c docChecker) missing(name *ast.Ident, what string) {
	c.t.Errorf("%s: exported %s %s has no comment", c.fset.Position(name.Pos()), what, name.Name)
}

// sentence checks that a comment is about the name it stands on.
func (c docChecker) sentence(name *ast.Ident, doc *ast.CommentGroup) {
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	if !strings.HasPrefix(text, name.Name) {
		c.t.Errorf("%s: the comment on %s does not begin with its name", c.fset.Position(name.Pos()), name.Name)
	}
}

func (c docChecker) decl(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || !exportedReceiver(d) {
			return
		}
		if d.Doc == nil {
			c.missing(d.Name, "function")
			return
		}
		c.sentence(d.Name, d.Doc)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				c.typeSpec(d, s)
			case *ast.ValueSpec:
				// One comment may introduce a whole group of constants.
				if d.Doc != nil || s.Doc != nil || s.Comment != nil {
					continue
				}
				for _, name := range s.Names {
					if name.IsExported() {
						c.missing(name, d.Tok.String())
					}
				}
			}
		}
	}
}

func (c docChecker) typeSpec(d *ast.GenDecl, s *ast.TypeSpec) {
	if !s.Name.IsExported() {
		return
	}
	doc := s.Doc
	if doc == nil && !d.Lparen.IsValid() {
		doc = d.Doc
	}
	if doc == nil {
		c.missing(s.Name, "type")
	} else {
		c.sentence(s.Name, doc)
	}
	if !c.public {
		return
	}
	switch u := s.Type.(type) {
	case *ast.StructType:
		c.members(u.Fields, "field")
	case *ast.InterfaceType:
		c.members(u.Methods, "method")
	}
}

// members checks fields or interface methods. A comment above a run of lines
// without a gap speaks for all of them.
func (c docChecker) members(list *ast.FieldList, what string) {
	covered, last := false, 0
	for _, m := range list.List {
		first := c.fset.Position(m.Pos()).Line
		if m.Doc != nil {
			covered = true
		} else if first != last+1 {
			covered = false
		}
		last = c.fset.Position(m.End()).Line
		if covered || m.Comment != nil {
			continue
		}
		for _, name := range m.Names {
			if name.IsExported() {
				c.missing(name, what)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	recv := d.Recv.List[0].Type
	for {
		switch r := recv.(type) {
		case *ast.StarExpr:
			recv = r.X
		case *ast.IndexExpr:
			recv = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return false
		}
	}
}

// immutable lists package-level variables that [stateChecker] cannot see to be
// constant, each with why it is. Keys are the package's path in the module and
// the variable's name.
var immutable = map[string]string{}

// TestNoPackageState fails on package-level variables that could carry
// something from one call, one user or one test to another.
func TestNoPackageState(t *testing.T) {
	t.Parallel()
	own, all := modulePackages(t)
	unused := make(map[string]bool)
	for name := range immutable {
		unused[name] = true
	}
	for _, p := range own {
		fset := token.NewFileSet()
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		problems, err := checkState(p.ImportPath, fset, files, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range problems {
			key := p.rel() + "." + problem.name
			if _, ok := immutable[key]; ok {
				delete(unused, key)
				continue
			}
			t.Errorf("%s: package-level variable %s %s; make it a constant, a field, a sync.OnceValue, or list it in immutable with the reason",
				fset.Position(problem.pos), problem.name, problem.why)
		}
	}
	for name := range unused {
		t.Errorf("immutable lists %s, which needs no exception", name)
	}
}

// stateChecker finds package-level variables that are more than a named value.
// Free of suspicion are blank variables, errors made by errors.New, functions
// made by sync.OnceValue and its siblings, compiled patterns, and tables:
// unexported arrays, slices and maps written out as literals that the package
// only ever reads.
type stateChecker struct {
	info *types.Info
}

type stateProblem struct {
	name, why string
	pos       token.Pos
}

// checkState type-checks a package and returns what [stateChecker] finds in it.
func checkState(path string, fset *token.FileSet, files []*ast.File, imports map[string]*listed) ([]stateProblem, error) {
	c := stateChecker{&types.Info{
		Types:      make(map[ast.Expr]types.TypeAndValue),
		Defs:       make(map[*ast.Ident]types.Object),
		Uses:       make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}}
	conf := types.Config{
		Importer: exportImporter(fset, imports),
		Error:    func(error) {}, // go on to the end; the first error is returned
	}
	if _, err := conf.Check(path, fset, files, c.info); err != nil {
		if e, ok := errors.AsType[types.Error](err); !ok || !e.Soft {
			return nil, err
		}
	}
	return c.check(files), nil
}

func (c stateChecker) check(files []*ast.File) []stateProblem {
	var problems []stateProblem
	tables := make(map[types.Object]*ast.Ident)
	for _, f := range files {
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				for i, name := range s.Names {
					if name.Name == "_" || i < len(s.Values) && c.namedValue(s.Values[i]) || embedded(d, s) {
						continue
					}
					if i < len(s.Values) && isTable(c.info.Defs[name].Type(), s.Values[i]) && !name.IsExported() {
						tables[c.info.Defs[name]] = name
						continue
					}
					problems = append(problems, stateProblem{name.Name, "is not a value fixed at compile time", name.Pos()})
				}
			}
		}
	}
	for _, f := range files {
		var path []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			path = append(path, n)
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := c.info.Uses[id]
			if name, ok := tables[obj]; ok && !c.reads(path) {
				problems = append(problems, stateProblem{name.Name, "is a table that may be written to or handed out", id.Pos()})
			}
			return true
		})
	}
	return problems
}

// namedValue reports whether e calls a function whose result nobody can change.
func (c stateChecker) namedValue(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun := call.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	switch fn.FullName() {
	case "errors.New", "fmt.Errorf", "regexp.MustCompile", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues":
		return true
	}
	return false
}

// embedded reports whether a string variable is filled by a go:embed directive.
func embedded(d *ast.GenDecl, s *ast.ValueSpec) bool {
	typ, ok := s.Type.(*ast.Ident)
	if !ok || typ.Name != "string" || d.Doc == nil {
		return false
	}
	return slices.ContainsFunc(d.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

func isTable(typ types.Type, value ast.Expr) bool {
	if _, ok := value.(*ast.CompositeLit); !ok {
		return false
	}
	switch typ.Underlying().(type) {
	case *types.Array, *types.Slice, *types.Map:
		return true
	}
	return false
}

// reads reports whether the table at the end of path is only looked into.
func (c stateChecker) reads(path []ast.Node) bool {
	e := path[len(path)-1].(ast.Expr)
	for i := len(path) - 2; i >= 0; i-- {
		switch p := path[i].(type) {
		case *ast.ParenExpr:
			e = p
		case *ast.IndexExpr:
			if p.X != e {
				return !shared(c.info.TypeOf(e)) // an element used as an index
			}
			e = p
		case *ast.SelectorExpr:
			sel := c.info.Selections[p]
			if sel == nil {
				return false
			}
			if sel.Kind() != types.FieldVal {
				_, pointer := sel.Obj().Type().(*types.Signature).Recv().Type().(*types.Pointer)
				return !pointer && !shared(c.info.TypeOf(e))
			}
			e = p
		case *ast.RangeStmt:
			return p.X == e
		case *ast.BinaryExpr:
			return true
		case *ast.CallExpr:
			return !shared(c.info.TypeOf(e)) || slices.Contains(p.Args, e) && c.readOnly(p.Fun)
		case *ast.AssignStmt:
			return !slices.Contains(p.Lhs, e) && !shared(c.info.TypeOf(e))
		case *ast.IncDecStmt, *ast.SliceExpr:
			return false
		case *ast.UnaryExpr:
			return p.Op != token.AND
		default:
			return !shared(c.info.TypeOf(e))
		}
	}
	return false
}

// shared reports whether a copy of a value of type t still refers to the
// original's memory.
func shared(t types.Type) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic, *types.Signature:
		return false
	case *types.Array:
		return shared(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if shared(f.Type()) {
				return true
			}
		}
		return false
	case *types.Tuple: // v, ok := table[k]
		return shared(u.At(0).Type())
	}
	return true
}

// readOnly reports whether fun is a function that leaves its arguments alone
// and keeps no reference to them.
func (c stateChecker) readOnly(fun ast.Expr) bool {
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		b, ok := c.info.Uses[f].(*types.Builtin)
		return ok && (b.Name() == "len" || b.Name() == "cap")
	case *ast.SelectorExpr:
		fn, ok := c.info.Uses[f.Sel].(*types.Func)
		if !ok {
			return false
		}
		switch fn.FullName() {
		case "maps.Clone", "maps.Keys", "maps.Values",
			"slices.All", "slices.BinarySearch", "slices.Clone", "slices.Contains", "slices.ContainsFunc", "slices.Index",
			"slices.IndexFunc", "slices.Values", "strings.Join":
			return true
		}
	}
	return false
}

// importRule says what a package may not import.
type importRule struct {
	packages  []string // paths inside the module; "..." at the end for all below
	except    []string // of packages
	forbidden []string // import paths; a trailing slash stands for all below
	directly  bool     // only the package's own imports count, not theirs
	reason    string
}

var importRules = []importRule{
	{
		packages:  []string{"."},
		forbidden: []string{"testing", "testing/", "net/http/httptest", modulePath + "/authtest"},
		reason:    "programs would carry test code and its flags",
	},
	{
		packages:  []string{"."},
		forbidden: []string{"github.com/pquerna/", "github.com/go-webauthn/", "github.com/redis/", "go.opentelemetry.io/"},
		reason:    "a tree of its own belongs in authtest or in a nested module",
	},
	{
		packages:  []string{"..."},
		except:    []string{"authtest", "authtest/..."},
		directly:  true,
		forbidden: []string{"github.com/pquerna/", "github.com/boombuler/", "github.com/go-webauthn/"},
		reason:    "it is the fake pool's half of a ceremony",
	},
	{
		packages:  []string{"..."},
		forbidden: []string{"github.com/google/go-cmp/", "filippo.io/bigmod"},
		reason:    "tests and oracles only",
	},
	{
		packages:  []string{"..."},
		except:    []string{"internal/cognito"},
		directly:  true,
		forbidden: []string{"github.com/aws/aws-sdk-go-v2/service/"},
		reason:    "internal/cognito is the only place that knows the AWS client",
	},
	{
		packages:  []string{"authtest", "authtest/..."},
		directly:  true,
		forbidden: []string{modulePath + "/internal/flow", modulePath + "/internal/cognito", modulePath + "/internal/refresh"},
		reason:    "a mistake in the SDK must not be repeated by the pool it is tested on",
	},
	{
		packages: []string{"internal/flow"},
		directly: true,
		forbidden: []string{
			"net", "net/", "os", "os/", "io/", "time", "context", "sync", "sync/", "log", "log/", "crypto/rand", "github.com/",
			modulePath + "/internal/cognito", modulePath + "/internal/refresh",
		},
		reason: "the state machine is a pure function: no I/O, no clock, no randomness",
	},
	{
		packages:  []string{"srp", "tokens", "internal/flow", "internal/wire"},
		forbidden: []string{"github.com/aws/"},
		reason:    "it is of use without the AWS client",
	},
	{
		packages:  []string{"srp"},
		forbidden: []string{"net", "net/", "github.com/"},
		reason:    "the protocol's arithmetic talks to nobody",
	},
	{
		packages:  []string{"srp"},
		directly:  true,
		forbidden: []string{"math/big"},
		reason:    "its time depends on the secret",
	},
	{
		packages:  []string{"..."},
		directly:  true,
		forbidden: []string{"unsafe", "C", "math/rand", "math/rand/", "plugin"},
		reason:    "no use in this module is worth the risk",
	},
}

// forbids reports whether the rule names path.
func (r importRule) forbids(path string) bool {
	return slices.ContainsFunc(r.forbidden, func(f string) bool {
		return path == f || strings.HasSuffix(f, "/") && strings.HasPrefix(path, f) && !strings.HasPrefix(path, modulePath)
	})
}

// covers reports whether the rule is about the package at rel.
func (r importRule) covers(rel string) bool {
	in := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			below, subtree := strings.CutSuffix(p, "...")
			return p == rel || subtree && strings.HasPrefix(rel, below)
		})
	}
	return in(r.packages) && !in(r.except)
}

func TestForbiddenImports(t *testing.T) {
	t.Parallel()
	own, all := modulePackages(t)
	for _, rule := range importRules {
		for _, p := range own {
			if !rule.covers(p.rel()) {
				continue
			}
			imports := p.Deps
			if rule.directly {
				imports = p.Imports
			}
			for _, path := range imports {
				if rule.forbids(path) {
					t.Errorf("%s must not import %s: %s%s", p.rel(), path, rule.reason, importChain(all, p, path))
				}
			}
		}
	}
}

// importChain says through which packages p reaches path.
func importChain(all map[string]*listed, p *listed, path string) string {
	var chain string
	for !slices.Contains(p.Imports, path) {
		i := slices.IndexFunc(p.Imports, func(imp string) bool {
			q, ok := all[imp]
			return ok && slices.Contains(q.Deps, path)
		})
		if i < 0 {
			break
		}
		p = all[p.Imports[i]]
		chain += " via " + p.ImportPath
	}
	return chain
}

// goMod is what these tests read of a go.mod file.
type goMod struct {
	Module  struct{ Path string }
	Require []struct {
		Path     string
		Indirect bool
	}
	Replace []struct {
		Old, New struct{ Path string }
	}
	Exclude []struct{ Path string }
}

func readGoMod(t *testing.T, file string) goMod {
	t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json", file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit %s: %v", file, err)
	}
	var mod goMod
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	return mod
}

func TestStateCheckerSeesState(t *testing.T) {
	t.Parallel()
	_, all := modulePackages(t)
	for _, tt := range []struct {
		code string
		want string // the variable found, "" for none
	}{
		{`var ErrX = errors.New("x")`, ""},
		{`var _ io.Reader = (*bytes.Buffer)(nil)`, ""},
		{`var load = sync.OnceValue(func() int { return 1 })`, ""},
		{`var digits = [...]byte{1, 2}; func f(i int) byte { return digits[i] }`, ""},
		{`var names = map[string]string{"a": "b"}; func f(s string) (string, bool) { v, ok := names[s]; return v, ok }`, ""},
		{`var rows = []struct{ n int }{{1}}; func f() (sum int) { for _, r := range rows { sum += r.n }; return sum + rows[0].n }`, ""},
		{`var list = []string{"a"}; func f(s string) bool { return slices.Contains(list, s) && len(list) > 0 }`, ""},
		{`var now = time.Now`, "now"},
		{`var count int`, "count"},
		{`var mu sync.Mutex`, "mu"},
		{`var cache = map[string]int{}; func f() { cache["a"] = 1 }`, "cache"},
		{`var cache = map[string]int{"a": 1}; func f() { delete(cache, "a") }`, "cache"},
		{`var list = []string{"a"}; func f() { list = append(list, "b") }`, "list"},
		{`var list = []string{"a"}; func f() []string { return list }`, "list"},
		{`var list = []string{"a"}; func f() []string { return list[:1] }`, "list"},
		{`var list = []int{1}; func f() { list[0]++ }`, "list"},
		{`var list = [1]int{1}; func f() *int { return &list[0] }`, "list"},
		{`var rows = []struct{ names []string }{{}}; func f() []string { return rows[0].names }`, "rows"},
		{`var Names = []string{"a"}`, "Names"},
	} {
		fset := token.NewFileSet()
		src := `package p; import ("bytes"; "errors"; "io"; "slices"; "sync"; "time"); ` + tt.code
		f, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := checkState("p", fset, []*ast.File{f}, all)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if len(problems) > 0 {
			got = problems[0].name
		}
		if got != tt.want {
			t.Errorf("%s\nfound %q, want %q", tt.code, got, tt.want)
		}
	}
}

// TestNoReplace keeps the module's graph the one that its users get. A nested
// module, which nobody imports, may point at this checkout and at nothing else.
func TestNoReplace(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && unvisited(d.Name()) {
			return fs.SkipDir
		}
		if d.Name() != "go.mod" {
			return nil
		}
		mod := readGoMod(t, path)
		for _, r := range mod.Replace {
			up, err := filepath.Rel(filepath.Dir(path), ".")
			if err != nil {
				return err
			}
			if path == "go.mod" || r.Old.Path != modulePath || r.New.Path != filepath.ToSlash(up) {
				t.Errorf("%s replaces %s with %s", path, r.Old.Path, r.New.Path)
			}
		}
		for _, e := range mod.Exclude {
			t.Errorf("%s excludes %s", path, e.Path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
