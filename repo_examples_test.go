package auth_test

import (
	"go/ast"
	"go/doc"
	"maps"
	"slices"
	"strings"
	"testing"
)

// plumbing are methods that fmt, errors, encoding/json and log/slog call.
var plumbing = map[string]bool{
	"Error": true, "Unwrap": true, "Is": true, "String": true, "GoString": true, "Format": true, "LogValue": true, "MarshalJSON": true,
}

// TestEveryFunctionHasAnExample checks that every exported function and method
// of the root package is shown at work by an example that is run.
func TestEveryFunctionHasAnExample(t *testing.T) {
	t.Parallel()
	dirs := allSourceDirs(t)
	root := dirs[slices.IndexFunc(dirs, func(d sourceDir) bool { return d.path == "." })]
	shown := make(map[string]bool)
	for _, e := range doc.Examples(slices.Collect(maps.Values(root.tests))...) {
		if e.Output == "" {
			t.Errorf("Example%s has no output, so it is not run", e.Name)
		}
		if e.Name == "" {
			shown[""] = true
			continue
		}
		name := strings.Split(e.Name, "_")
		shown[name[0]] = true
		if len(name) > 1 && ast.IsExported(name[1]) {
			shown[name[0]+"_"+name[1]] = true
		}
	}
	if !shown[""] {
		t.Error("the package has no example")
	}
	for _, f := range root.code {
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok || !d.Name.IsExported() || !exportedReceiver(d) || d.Recv != nil && plumbing[d.Name.Name] {
				continue
			}
			name := d.Name.Name
			if d.Recv != nil {
				name = receiverName(d) + "_" + name
			}
			if !shown[name] {
				t.Errorf("%s: there is no Example%s", root.fset.Position(d.Pos()), name)
			}
		}
	}
}

func receiverName(d *ast.FuncDecl) string {
	recv := d.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	return recv.(*ast.Ident).Name
}
