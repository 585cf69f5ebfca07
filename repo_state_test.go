package auth_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
	fset := token.NewFileSet()
	imports := exportImporter(fset, all)
	for _, p := range own {
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		problems, err := checkState(p.ImportPath, fset, files, imports)
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
// only ever reads, directly, through local variables and in functions of its
// own.
type stateChecker struct {
	info *types.Info
	// uses has, for every object, the way from the file to each identifier that
	// refers to it; funcs the declarations; seen the variables on the way.
	uses  map[types.Object][][]ast.Node
	funcs map[*types.Func]*ast.FuncDecl
	seen  map[types.Object]bool
}

type stateProblem struct {
	name, why string
	pos       token.Pos
}

// checkState type-checks a package and returns what [stateChecker] finds in it.
func checkState(path string, fset *token.FileSet, files []*ast.File, imports types.Importer) ([]stateProblem, error) {
	c := stateChecker{
		info: &types.Info{
			Types:      make(map[ast.Expr]types.TypeAndValue),
			Defs:       make(map[*ast.Ident]types.Object),
			Uses:       make(map[*ast.Ident]types.Object),
			Selections: make(map[*ast.SelectorExpr]*types.Selection),
		},
		uses:  make(map[types.Object][][]ast.Node),
		funcs: make(map[*types.Func]*ast.FuncDecl),
		seen:  make(map[types.Object]bool),
	}
	conf := types.Config{
		Importer: imports,
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
	c.index(files)
	for obj, name := range tables {
		for _, path := range c.uses[obj] {
			if !c.reads(path) {
				problems = append(problems, stateProblem{name.Name, "is a table that may be written to or handed out", path[len(path)-1].Pos()})
				break
			}
		}
	}
	slices.SortFunc(problems, func(a, b stateProblem) int { return int(a.pos - b.pos) })
	return problems
}

func (c stateChecker) index(files []*ast.File) {
	for _, f := range files {
		var path []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			path = append(path, n)
			switch n := n.(type) {
			case *ast.FuncDecl:
				c.funcs[c.info.Defs[n.Name].(*types.Func)] = n
			case *ast.Ident:
				if obj := c.info.Uses[n]; obj != nil {
					c.uses[obj] = append(c.uses[obj], slices.Clone(path))
				}
			}
			return true
		})
	}
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

// embedded reports whether a string or a file system is filled by a go:embed
// directive. Nobody can write to such a file system, and who reads from it gets a
// copy.
func embedded(d *ast.GenDecl, s *ast.ValueSpec) bool {
	if d.Doc == nil || s.Type == nil || !slices.Contains([]string{"string", "embed.FS"}, types.ExprString(s.Type)) {
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
			return p.X == e && (p.Value == nil || !shared(c.info.TypeOf(p.Value)) || c.onlyRead(p.Value))
		case *ast.BinaryExpr:
			return true
		case *ast.CallExpr:
			return !shared(c.info.TypeOf(e)) || c.readsArg(p, slices.Index(p.Args, e))
		case *ast.AssignStmt:
			i := slices.Index(p.Rhs, e)
			return i >= 0 && (!shared(c.info.TypeOf(e)) || c.onlyRead(p.Lhs[i]))
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

// onlyRead reports whether e is a new local variable that is only looked into.
func (c stateChecker) onlyRead(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	obj := c.info.Defs[id]
	if obj == nil {
		return id.Name == "_"
	}
	if c.seen[obj] {
		return true
	}
	c.seen[obj] = true
	for _, path := range c.uses[obj] {
		if !c.reads(path) {
			return false
		}
	}
	return true
}

// readsArg reports whether the function called leaves its argument i alone and
// keeps no reference to it.
func (c stateChecker) readsArg(call *ast.CallExpr, i int) bool {
	if i < 0 {
		return false
	}
	fun := call.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return false
	}
	switch callee := c.info.Uses[id].(type) {
	case *types.Builtin:
		return callee.Name() == "len" || callee.Name() == "cap"
	case *types.Func:
		if decl, ok := c.funcs[callee]; ok {
			var params []*ast.Ident
			for _, field := range decl.Type.Params.List {
				params = append(params, field.Names...)
			}
			return len(params) > 0 && c.onlyRead(params[min(i, len(params)-1)])
		}
		switch callee.FullName() {
		case "maps.Clone", "maps.Keys", "maps.Values",
			"slices.All", "slices.BinarySearch", "slices.Clone", "slices.Contains", "slices.ContainsFunc", "slices.Index",
			"slices.IndexFunc", "slices.Values", "strings.Join":
			return true
		}
	}
	return false
}

func TestStateCheckerSeesState(t *testing.T) {
	t.Parallel()
	_, all := modulePackages(t)
	fset := token.NewFileSet()
	imports := exportImporter(fset, all)
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
		{`var list = []string{"a"}; func f() int { return g(list) }; func g(l []string) int { return len(l) }`, ""},
		{`var list = []string{"a"}; func f() { g(list) }; func g(l []string) { l[0] = "b" }`, "list"},
		{`var list = []string{"a"}; func f() []string { l := list; return l }`, "list"},
		{`var rows = []struct{ names []string }{{}}; func f() int { r := rows[0]; return len(r.names) }`, ""},
		{`var rows = []struct{ names []string }{{}}; func f() { for _, r := range rows { r.names[0] = "b" } }`, "rows"},
	} {
		src := `package p; import ("bytes"; "errors"; "io"; "slices"; "sync"; "time"); ` + tt.code
		f, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := checkState("p", fset, []*ast.File{f}, imports)
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

func TestStateCheckerKnowsEmbeddedFiles(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"//go:embed x\nvar x string":         true,
		"//go:embed x\nvar x embed.FS":       true,
		"//go:embed x\nvar x []byte":         false,
		"// A comment.\nvar x embed.FS":      false,
		"var x string":                       false,
		"//go:embed x\nvar x = fs.FS(nil)\n": false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\n\n"+code, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := f.Decls[0].(*ast.GenDecl)
		spec, _ := d.Specs[0].(*ast.ValueSpec)
		if got := embedded(d, spec); got != want {
			t.Errorf("%q: got %t", code, got)
		}
	}
}
