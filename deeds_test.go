package ringfence

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// changesNothing is what front ends may have the store write by itself, because nobody decides anything by it: why.
var changesNothing = map[string]string{
	"Drop":     "gives up contents of a list that nobody has put in force",
	"OpenBook": "notes when a device has read the address book", "TouchToken": "notes when a program has used its token", "UsedPasskey": "counts a passkey's uses",
	"AddLogin": "signs somebody in", "TouchLogin": "notes when a device was used last",
	"Together": "has several deeds done or none", "Close": "ends the program's own use",
}

// Everything that a person changes is a deed of household, or of accounts where it is about people: front ends call no writing method of store.
func TestFrontEndsWriteNothingByThemselves(t *testing.T) {
	writers := storeWriters(t)
	for _, known := range []string{"AddBlock", "SetWeek", "PauseGroup", "Subscribe", "AddAuditLine"} {
		if !writers[known] {
			t.Fatalf("%s is not found among the methods that write: %v", known, slices.Sorted(maps.Keys(writers)))
		}
	}
	for path, f := range parsed(t, "web", "cmd/ringfence") {
		if strings.HasPrefix(path, "cmd/ringfence/hub") || strings.HasPrefix(path, "web/hubpages") {
			continue // a hub has a database of its own
		}
		for _, method := range writesOf(f, writers) {
			t.Errorf("%s calls the store's %s: let it call a deed", path, method)
		}
	}
}

// writesOf are the writing methods of the store that a file calls by itself.
func writesOf(f *ast.File, writers map[string]bool) (called []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall {
			return true
		}
		method, isMethod := call.Fun.(*ast.SelectorExpr)
		if isMethod && isStore(method.X) && writers[method.Sel.Name] && changesNothing[method.Sel.Name] == "" {
			called = append(called, method.Sel.Name)
		}
		return true
	})
	return called
}

// However a front end comes to the store or to a part of it, a call that writes is found.
func TestEveryWayToTheStoreIsKnown(t *testing.T) {
	writers := storeWriters(t)
	for call, want := range map[string]bool{
		"db.AddBlock()": true, "s.Store.AddBlock()": true, "s.Server.Store.AddBlock()": true,
		"db.Lists.Remove()": true, "s.Store.Lists.Remove()": true, "db.Outbox.Remove()": true, "s.Store.Outbox.Remove()": true,
		"db.People.Remove()": true, "s.Store.People.Remove()": true, "s.account.Accounts.People.Remove()": true, "a.People.Remove()": true,
		"s.Admin(v).AddBlock()": false, "s.people().Remove()": false, "s.Lists.Remove()": false, "db.People.ByEmail()": false, "p.Accounts.SignIn()": false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "call.go", "package p\n\nfunc f() { "+call+" }\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if found := len(writesOf(f, writers)) > 0; found != want {
			t.Errorf("%s: %v", call, found)
		}
	}
}

// What is in an address stands in the logs of proxies and in the history of browsers: no secret is read from there.
func TestSecretsAreReadFromNoAddress(t *testing.T) {
	secrets := []string{"current", "new", "password", "code", "own-code", "recovery", "key", "link"}
	found := map[string]bool{}
	for path, f := range parsed(t, "web") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			if !isCall || len(call.Args) != 1 {
				return true
			}
			method, isMethod := call.Fun.(*ast.SelectorExpr)
			name, isName := call.Args[0].(*ast.BasicLit)
			if !isMethod || !isName || !slices.Contains(secrets, strings.Trim(name.Value, `"`)) {
				return true
			}
			found[strings.Trim(name.Value, `"`)] = true
			if method.Sel.Name == "FormValue" && path != "web/hubpages/keys.go" { // a household's public key, by which it is looked for
				t.Errorf("%s reads %s from the address, too: PostFormValue", path, name.Value)
			}
			return true
		})
	}
	for _, name := range secrets {
		if !found[name] {
			t.Errorf("no form has the secret %q any more", name)
		}
	}
}

// The audit log has one writer for each kind of deed, so that no line is forgotten, and none stands without its change.
func TestOnlyHouseholdAndAccountsWriteTheAuditLog(t *testing.T) {
	found := 0
	for path, f := range parsed(t, ".") {
		room := roomOf(filepath.Dir(path))
		ast.Inspect(f, func(n ast.Node) bool {
			s, isSelector := n.(*ast.SelectorExpr)
			if !isSelector || s.Sel.Name != "AddAuditLine" {
				return true
			}
			found++
			if !slices.Contains([]string{"household", "accounts", "store"}, room) {
				t.Errorf("%s writes a line of the audit log: let it call a deed", path)
			}
			return true
		})
	}
	if found == 0 {
		t.Error("nobody writes the audit log any more")
	}
}

// isStore says whether an expression is the households' store or one of its parts, as the code calls them.
func isStore(x ast.Expr) bool {
	part := ""
	if s, isSelector := x.(*ast.SelectorExpr); isSelector && slices.Contains([]string{"Lists", "Outbox", "People"}, s.Sel.Name) {
		part, x = s.Sel.Name, s.X
	}
	switch x := x.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "Store" || part == "People" && x.Sel.Name == "Accounts"
	case *ast.Ident:
		return x.Name == "db" || part == "People"
	}
	return false
}

// storeWriters are the methods of the store's rooms that change the database: those in which a statement stands that does, or that call an
// unexported function in which one stands.
func storeWriters(t *testing.T) map[string]bool {
	t.Helper()
	writes, calls := map[string]bool{}, map[string][]string{}
	for _, f := range parsed(t, "store") {
		for _, d := range f.Decls {
			fn, isFunc := d.(*ast.FuncDecl)
			if !isFunc || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					statement := strings.TrimLeft(n.Value, "`\" \t\n")
					for _, verb := range []string{"INSERT ", "UPDATE ", "DELETE "} {
						writes[fn.Name.Name] = writes[fn.Name.Name] || strings.HasPrefix(statement, verb)
					}
				case *ast.SelectorExpr:
					calls[fn.Name.Name] = append(calls[fn.Name.Name], n.Sel.Name)
				}
				return true
			})
		}
	}
	for grown := true; grown; {
		grown = false
		for name, called := range calls {
			for _, one := range called {
				if writes[one] && !ast.IsExported(one) && !writes[name] {
					writes[name], grown = true, true
				}
			}
		}
	}
	return writes
}

// parsed are the files of some folders that are no tests.
func parsed(t *testing.T, folders ...string) map[string]*ast.File {
	t.Helper()
	all := map[string]*ast.File{}
	for path := range sources(t) {
		if !slices.ContainsFunc(folders, func(folder string) bool { return folder == "." || strings.HasPrefix(path, folder+"/") }) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = f
	}
	return all
}
