package auth_test

import (
	"encoding/json"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
			if path == "go.mod" || r.Old.Path != modulePath || filepath.Clean(r.New.Path) != up {
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
