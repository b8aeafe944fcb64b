// Package docs_test checks that the documentation and the comments name what is there. What a document tells people to do is tried where
// the program is tested (cmd/ringfence, such as groups_doc_test.go).
package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
)

// root is the top of the repository.
const root = ".."

// files are all files of the repository whose names end like that, from its top.
func files(t *testing.T, endings ...string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root+"/")
		switch {
		case d.IsDir() && (name == "bin" || name == "dist" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case d.Type().IsRegular() && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) }):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}

// commented are the files in which somebody may write a comment.
var commented = []string{".go", ".conf", ".sql", ".sh", ".css", ".js", ".html", ".txt", ".toml", ".yml", ".service", "Dockerfile", "Makefile", ".md"}

// A comment cites what its reader can open. The notes that the first version was written from are not in the repository.
func TestNothingCitesWhatIsNotHere(t *testing.T) {
	elsewhere := regexp.MustCompile(`\b(DESI` + `GN|FAC` + `TS)\b|\b(EXAM` + `PLES|LANGU` + `AGE|BRI` + `EF\d*|ISS` + `UE\d*)\.md\b|[Tt]he desi` + `gn (says|asks|wants|has)`)
	document := regexp.MustCompile(`\bdocs/[\w./-]*\.md\b`)
	for _, name := range files(t, commented...) {
		if name == "CHANGELOG.md" { // tells what was, not what is
			continue
		}
		for i, line := range strings.Split(read(t, name), "\n") {
			if found := elsewhere.FindString(line); found != "" {
				t.Errorf("%s:%d cites %s, which nobody can open", name, i+1, found)
			}
			for _, cited := range document.FindAllString(line, -1) {
				if !exists(cited) {
					t.Errorf("%s:%d names %s, which is not there", name, i+1, cited)
				}
			}
		}
	}
}

// Links between the documents lead somewhere: to a file that is there, and to a heading that it has.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]+)?\)`)
	for _, name := range files(t, ".md") {
		for _, found := range link.FindAllStringSubmatch(read(t, name), -1) {
			to, anchor := found[1], strings.TrimPrefix(found[2], "#")
			if strings.Contains(to, ":") { // an address of the web, or an e-mail's
				continue
			}
			file := name
			if to != "" {
				file = filepath.Join(filepath.Dir(name), to)
			}
			if !exists(file) {
				t.Errorf("%s links to %s, which is not there", name, to)
			} else if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s links to %s#%s, and there is no such heading", name, to, anchor)
			}
		}
	}
}

var (
	fenced  = regexp.MustCompile("(?ms)^```.*?^```")
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	linked  = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are those of a document's headings, as GitHub and others make them.
func anchors(text string) (all []string) {
	for _, found := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		words := dropped.ReplaceAllString(strings.ToLower(linked.ReplaceAllString(found[1], "$1")), "")
		all = append(all, strings.ReplaceAll(words, " ", "-"))
	}
	return all
}

// longestDocument is how many lines a document may have: a longer one is not read to its end.
const longestDocument = 200

// Every document begins with whom it is for, is short enough to be read, and is in the index, once.
func TestDocumentsAreShortAndInTheIndex(t *testing.T) {
	begins := regexp.MustCompile(`^# [^\n]+\n\nFor [\w' ,-]+`)
	index := read(t, "docs/README.md")
	for _, name := range files(t, ".md") {
		if filepath.Dir(name) != "docs" {
			continue
		}
		text := read(t, name)
		if !begins.MatchString(text) {
			t.Errorf("%s doesn't begin with whom it is for", name)
		}
		if n := strings.Count(text, "\n"); n > longestDocument {
			t.Errorf("%s has %d lines, and may have %d", name, n, longestDocument)
		}
		base := filepath.Base(name)
		if n := strings.Count(index, "("+base+")"); base != "README.md" && n != 1 {
			t.Errorf("docs/README.md has %s %d times", base, n)
		}
	}
	first := read(t, "README.md")
	if !strings.Contains(first, "(docs/README.md)") {
		t.Error("README.md doesn't lead to the index")
	}
	if words, lines := len(strings.Fields(first)), strings.Count(first, "\n"); words > mostInREADME || lines > 150 {
		t.Errorf("README.md has %d words on %d lines, and may have %d on 150: say it in docs/", words, lines, mostInREADME)
	}
}

// mostInREADME are words, half of what it had when nobody read it to its end.
const mostInREADME = 786

// Pictures that the documents show are there, and no others: `make pictures` makes them.
func TestPicturesAreThereAndShown(t *testing.T) {
	source := regexp.MustCompile(`(?:src|srcset)="([^":]+)"|!\[[^]]*\]\(([^):]+)\)`)
	shown := map[string]bool{}
	for _, name := range files(t, ".md") {
		for _, found := range source.FindAllStringSubmatch(read(t, name), -1) {
			picture := filepath.Join(filepath.Dir(name), found[1]+found[2])
			shown[picture] = true
			if !exists(picture) {
				t.Errorf("%s shows %s, which is not there", name, picture)
			}
		}
	}
	for _, picture := range files(t, ".webp", ".png", ".jpg") {
		if strings.HasPrefix(picture, "docs/") && !shown[picture] {
			t.Errorf("no document shows %s", picture)
		}
	}
}

// rules.md tells of every reason that a verdict can have. Those of kinds of callers are options, too, and in their document.
func TestRulesTellEveryReason(t *testing.T) {
	text := read(t, "docs/rules.md") + read(t, "docs/options.md")
	for _, code := range screening.Codes() {
		if !strings.Contains(text, "`"+string(code)+"`") {
			t.Errorf("docs/rules.md does not say when a call has the reason %q", code)
		}
	}
}

// names are all functions, methods, types, constants and variables of the repository: "screening.Decide", "ivr.Screener.Handle", and each
// without its package.
func names(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	set := token.NewFileSet()
	for _, name := range files(t, ".go") {
		file, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		add := func(declared string) {
			all[declared], all[file.Name.Name+"."+declared] = true, true
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				add(receiver(d) + d.Name.Name)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					for _, declared := range declaredBy(spec) {
						add(declared)
					}
				}
			}
		}
	}
	return all
}

// receiver is the type of a method, with a dot behind it.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*"), "[")
	return name + "."
}

// declaredBy are the names of a declaration: of a type its fields and methods too, "Verdict.Would".
func declaredBy(spec ast.Spec) (declared []string) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			declared = append(declared, name.Name)
		}
	case *ast.TypeSpec:
		declared = append(declared, spec.Name.Name)
		var fields *ast.FieldList
		switch of := spec.Type.(type) {
		case *ast.StructType:
			fields = of.Fields
		case *ast.InterfaceType:
			fields = of.Methods
		default:
			return declared
		}
		for _, field := range fields.List {
			for _, name := range field.Names {
				declared = append(declared, spec.Name.Name+"."+name.Name)
			}
		}
	}
	return declared
}

// What the documents for developers name in code type exists: files and folders, and functions, types, methods and fields. A name is written
// with its package (`screening.Decide`) or its type (`Verdict.Would`).
func TestDocumentsNameWhatIsThere(t *testing.T) {
	code := regexp.MustCompile("`([^`\n]+)`")
	path := regexp.MustCompile(`^[\w-]+(/[\w.-]+)*(/|/[\w-]+\.(go|conf|md|sql|html|css|js|service))$`)
	name := regexp.MustCompile(`^[a-z]\w*(\.\w+){1,2}$|^[A-Z]\w*\.\w+$`)
	file := regexp.MustCompile(`\.(go|conf|md|sql|html|css|js|toml|json|csv|vcf|wav|txt|db|lock|sum|mod|service)$`)
	known := names(t)
	for _, document := range developers(t) {
		for _, found := range code.FindAllStringSubmatch(read(t, document), -1) {
			switch word := strings.TrimSuffix(found[1], "()"); {
			case path.MatchString(word):
				if !exists(word) {
					t.Errorf("%s names %s, which is not there", document, word)
				}
			case file.MatchString(word): // a file of no folder's
			case name.MatchString(word) && !known[word]:
				t.Errorf("%s names %s, which is not there", document, word)
			}
		}
	}
}

// The drawing of the rooms has every room, and its arrows are imports.
func TestTheDrawingShowsTheRooms(t *testing.T) {
	_, drawing, _ := strings.Cut(read(t, "docs/architecture.md"), "```mermaid")
	drawing, _, _ = strings.Cut(drawing, "```")
	rooms := map[string]string{} // folders, by what the drawing calls them
	for _, box := range regexp.MustCompile(`(\w+)\["([\w/]+): `).FindAllStringSubmatch(drawing, -1) {
		rooms[box[1]] = box[2]
	}
	imports := imports(t)
	for folder := range imports {
		room, _, _ := strings.Cut(folder, "/")
		drawn := func(one string) bool { return one == room || strings.HasPrefix(one, room+"/") }
		if room != "internal" && room != "licences" && !slices.ContainsFunc(slices.Collect(maps.Values(rooms)), drawn) {
			t.Errorf("the drawing of docs/architecture.md lacks the room %s", room)
		}
	}
	arrows := regexp.MustCompile(`(\w+)(?:\[[^]]*\])? --> (\w+)`).FindAllStringSubmatch(drawing, -1)
	if len(arrows) < 10 {
		t.Errorf("the drawing of docs/architecture.md has %d arrows", len(arrows))
	}
	for _, arrow := range arrows {
		from, to := rooms[arrow[1]], rooms[arrow[2]]
		if from == "" || to == "" || !knows(imports, from, to) {
			t.Errorf("docs/architecture.md draws that %s knows of %s (%q, %q), and it does not", arrow[1], arrow[2], from, to)
		}
	}
}

// knows says whether a package in a folder imports one in another.
func knows(imports map[string][]string, from, to string) bool {
	in := func(folder, room string) bool { return folder == room || strings.HasPrefix(folder, room+"/") }
	for folder, all := range imports {
		if in(folder, from) && slices.ContainsFunc(all, func(one string) bool { return in(one, to) }) {
			return true
		}
	}
	return false
}

// imports are the folders whose packages the Go files of a folder import, tests apart.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, name := range files(t, ".go") {
		if strings.HasSuffix(name, "_test.go") || !strings.Contains(name, "/") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			all[filepath.Dir(name)] = append(all[filepath.Dir(name)], strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), "ringfence/"))
		}
	}
	return all
}

// developers are the documents for those who change the code.
func developers(t *testing.T) (documents []string) {
	t.Helper()
	for _, name := range []string{"CONTRIBUTING.md", "docs/architecture.md", "docs/asterisk.md", "docs/rules.md"} {
		if exists(name) {
			documents = append(documents, name)
		}
	}
	return documents
}
