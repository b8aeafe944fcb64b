package wording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// twoWords is what makes a literal a text: two words with a space between them.
	twoWords = regexp.MustCompile(`\p{L}{2,}[\p{L}'’]*[,;:.!?)”"’]* +[(“"‘]*\p{L}+`)
	verb     = regexp.MustCompile(`%[-+# 0]*[\d*]*(\.\d+)?(\[\d+\])?[a-zA-Z]`)
	// query begins SQL, whole or a part of it.
	query = regexp.MustCompile(`(^| )(WHERE|IS NULL|ORDER BY|JOIN) |^\s*\(?(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|PRAGMA|VACUUM|ANALYZE|ATTACH|DETACH|REPLACE|BEGIN|COMMIT|FROM|WHERE|AND|OR|ORDER BY|GROUP BY|LIMIT|JOIN|LEFT JOIN|ON CONFLICT|SET|VALUES|UNION|EXISTS|CASE|INDEXED|SAVEPOINT|RELEASE|ROLLBACK)\b`)
)

// notForPeople are the functions whose texts nobody reads on a page or a terminal: the log, patterns, SQL, and what cannot happen.
var notForPeople = []string{
	"Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext", "Log", "LogAttrs",
	"MustCompile", "Compile", "Exec", "ExecContext", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Prepare", "PrepareContext", "panic",
}

// readGo returns the texts of a Go file: literals with two words or more, as they are put together with "+", but for those of the log, of patterns,
// of SQL and of panics; and the help of options, which stands in struct tags.
func readGo(content string) ([]Text, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", content, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	r := &goFile{set: set}
	ast.Inspect(file, r.inspect)
	return r.texts, nil
}

type goFile struct {
	set   *token.FileSet
	texts []Text
}

func (r *goFile) inspect(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.Field:
		if n.Tag != nil {
			r.tag(n.Tag)
			ast.Inspect(n.Type, r.inspect)
			return false
		}
	case *ast.CallExpr:
		return !slices.Contains(notForPeople, called(n.Fun)) || !hasLogOrPattern(n.Fun)
	case *ast.BinaryExpr:
		if words, is := joined(n); is {
			r.add(n.Pos(), words)
			for _, part := range others(n) {
				ast.Inspect(part, r.inspect)
			}
			return false
		}
	case *ast.BasicLit:
		if words, is := literal(n); is {
			r.add(n.Pos(), words)
		}
	}
	return true
}

func (r *goFile) add(pos token.Pos, words string) {
	words = verb.ReplaceAllString(strings.ReplaceAll(words, "%%", "%"), something)
	if query.MatchString(words) || !twoWords.MatchString(words) {
		return
	}
	if strings.Contains(words, "\n# ") { // settings that are written with their comments
		comments, _ := readExample(words)
		for _, c := range comments {
			r.texts = append(r.texts, Text{Line: r.set.Position(pos).Line + c.Line - 1, Words: c.Words})
		}
		return
	}
	r.texts = append(r.texts, Text{Line: r.set.Position(pos).Line, Words: words})
}

// tag reads the words of an option of a command.
func (r *goFile) tag(lit *ast.BasicLit) {
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return
	}
	for _, key := range []string{"help", "placeholder"} {
		r.add(lit.Pos(), reflect.StructTag(text).Get(key))
	}
}

// called is the name of a function or method.
func called(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// hasLogOrPattern tells slog.Error from an Error of something else.
func hasLogOrPattern(fun ast.Expr) bool {
	f, is := fun.(*ast.SelectorExpr)
	if !is {
		return true
	}
	return !strings.HasPrefix(f.Sel.Name, "Error") || strings.Contains(strings.ToLower(called(f.X)), "log")
}

// joined is what a chain of "+" says, with something for what is no literal.
func joined(e ast.Expr) (words string, is bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e)
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, isLeft := joined(e.X)
		right, isRight := joined(e.Y)
		if !isLeft {
			left = something
		}
		if !isRight {
			right = something
		}
		return left + right, isLeft || isRight
	}
	return "", false
}

// others are the parts of a chain of "+" that are no literals.
func others(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.BasicLit:
		return nil
	case *ast.ParenExpr:
		return others(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return append(others(e.X), others(e.Y)...)
		}
	}
	return []ast.Expr{e}
}

func literal(lit *ast.BasicLit) (string, bool) {
	if lit.Kind != token.STRING {
		return "", false
	}
	words, err := strconv.Unquote(lit.Value)
	return words, err == nil
}
