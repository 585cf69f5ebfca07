package interop

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// goNames are the exported names of this module's packages, as in
// "auth.SignIn", "auth.Session.OnDevice" and "auth.SignInInput.Username".
func goNames(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	for _, dir := range []string{"..", "../tokens", "../srp", "../authtest"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(dir, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				addNames(names, f.Name.Name, d)
			}
		}
	}
	return names
}

func addNames(names map[string]bool, pkg string, d ast.Decl) {
	add := func(idents []*ast.Ident, of ...string) {
		for _, ident := range idents {
			if ident.IsExported() {
				names[strings.Join(append(append([]string{pkg}, of...), ident.Name), ".")] = true
			}
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add([]*ast.Ident{d.Name})
			return
		}
		receiver := d.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		if ident, ok := receiver.(*ast.Ident); ok {
			add([]*ast.Ident{d.Name}, ident.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				add(spec.Names)
			case *ast.TypeSpec:
				add([]*ast.Ident{spec.Name})
				switch typ := spec.Type.(type) {
				case *ast.StructType:
					for _, field := range typ.Fields.List {
						add(field.Names, spec.Name.Name)
					}
				case *ast.InterfaceType:
					for _, method := range typ.Methods.List {
						add(method.Names, spec.Name.Name)
					}
				}
			}
		}
	}
}

func TestGoNames(t *testing.T) {
	t.Parallel()
	known := goNames(t)
	for name, there := range map[string]bool{
		"auth.SignIn": true, "auth.Session.OnDevice": true, "auth.SignInInput.Username": true, "auth.ErrCodeMismatch": true,
		"tokens.Store.Load": true, "srp.Client.Prove": true, "authtest.Pool.Inbox": true,
		"auth.begin": false, "auth.Session.client": false, "auth.SignInWithNothing": false,
	} {
		if known[name] != there {
			t.Errorf("%s: found %t, want %t", name, known[name], there)
		}
	}
}
