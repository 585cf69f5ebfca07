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

// The repo tests are about the repository itself: what its packages
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
			// The two ways of the standard library: "Gofmt formats", "Command go is".
			begins := []string{"Package " + f.Name.Name + " "}
			if f.Name.Name == "main" {
				name := filepath.Base(dir.path)
				begins = []string{strings.ToUpper(name[:1]) + name[1:] + " ", "Command " + name + " "}
			}
			text := f.Doc.Text()
			if !slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(text, begin) }) {
				t.Errorf("%s: package comment does not begin with %q", name, begins[0])
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
	for _, article := range []string{"", "A ", "An ", "The "} {
		if strings.HasPrefix(text, article+name.Name+" ") {
			return
		}
	}
	c.t.Errorf("%s: the comment on %s does not begin with its name", c.fset.Position(name.Pos()), name.Name)
}

func (c docChecker) decl(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || !exportedReceiver(d) {
			return
		}
		switch {
		case d.Doc != nil:
			c.sentence(d.Name, d.Doc)
		case d.Recv != nil && (d.Name.Name == "Error" || d.Name.Name == "String"):
			// What they return is the package's business.
		default:
			c.missing(d.Name, "function")
		}
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
		c.members(u.Fields, "field", doc)
	case *ast.InterfaceType:
		c.members(u.Methods, "method", doc)
	}
}

// members checks fields or interface methods. A comment above a run of lines
// without a gap speaks for all of them, the comment on the type for the ones
// that it names, and a type of this package for a field that is one.
func (c docChecker) members(list *ast.FieldList, what string, doc *ast.CommentGroup) {
	covered, last := false, 0
	for _, m := range list.List {
		first := c.fset.Position(m.Pos()).Line
		if m.Doc != nil {
			covered = true
		} else if first != last+1 {
			covered = false
		}
		last = c.fset.Position(m.End()).Line
		typ := m.Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		id, ok := typ.(*ast.Ident)
		if covered || m.Comment != nil || ok && id.IsExported() {
			continue
		}
		for _, name := range m.Names {
			if name.IsExported() && !strings.Contains(doc.Text(), name.Name) {
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
