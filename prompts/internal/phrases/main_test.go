package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEveryPhraseHasAConstantWithItsWords(t *testing.T) {
	dir := folder(t, map[string]string{"en-GB.toml": "[b]\nsay-when = \"Say when.\"\n[a]\nn0 = 'zero'\n"})
	text, err := write(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\t// SayWhen is: Say when.\n\tSayWhen ID = \"say-when\"\n\t// N0 is: zero\n\tN0 ID = \"n0\"\n",
		"var All = []ID{\n\tSayWhen,\n\tN0,\n}", // the order of the file, not of the alphabet
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("phrases.go lacks %q; it is\n%s", want, text)
		}
	}
}

func TestEveryRecordingOfEveryLanguageIsNamed(t *testing.T) {
	dir := folder(t, map[string]string{
		"en-GB.toml": "[a]\nyes = 'Yes.'\nno = 'No.'\n",
		"fr-FR.toml": "[z]\nno = 'Non.'\nyes = 'Oui.'\n",
	})
	text, err := write(dir)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "phrases.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var embedded []string
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Doc != nil {
			for _, line := range g.Doc.List {
				if files, ok := strings.CutPrefix(line.Text, "//go:embed "); ok {
					embedded = append(embedded, strings.Fields(files)...)
				}
			}
		}
	}
	want := []string{
		"en-GB.toml", "en-GB/yes.wav", "en-GB/yes.wav16", "en-GB/no.wav", "en-GB/no.wav16",
		"fr-FR.toml", "fr-FR/yes.wav", "fr-FR/yes.wav16", "fr-FR/no.wav", "fr-FR/no.wav16",
	}
	if !slices.Equal(embedded, want) {
		t.Errorf("embedded are %v, want %v", embedded, want)
	}
}

func TestWordsThatCannotBeSpokenAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		british, french string
		want            string
	}{
		"no words":              {british: "[a]\nyes = ''", want: `"yes" must be one line`},
		"two lines":             {british: "[a]\nyes = '''Yes.\nYes!'''", want: `"yes" must be one line`},
		"not text":              {british: "[a]\nyes = 1", want: `"yes" must be one line`},
		"twice":                 {british: "[a]\nyes = 'Yes.'\n[b]\nyes = 'Yes!'", want: `called "yes" already`},
		"the tone":              {british: "[a]\ntone = 'Peep.'", want: `called "tone" already`},
		"the waiting tone":      {british: "[a]\nwaiting = 'Peep, peep.'", want: `called "waiting" already`},
		"a name with a space":   {british: "[a]\n'oh yes' = 'Yes.'", want: `cannot be called "oh yes"`},
		"a name with a path":    {british: "[a]\n'../yes' = 'Yes.'", want: `cannot be called "../yes"`},
		"not TOML":              {british: "[a]\nyes = ", want: "en-GB.toml: "},
		"a language lacks one":  {british: "[a]\nyes = 'Yes.'\nno = 'No.'", french: "[a]\nyes = 'Oui.'", want: `fr-FR.toml has no words for "no"`},
		"a language has more":   {british: "[a]\nyes = 'Yes.'", french: "[a]\nyes = 'Oui.'\nsi = 'Si.'", want: `fr-FR.toml has a phrase "si"`},
		"a language is no TOML": {british: "[a]\nyes = 'Yes.'", french: "yes", want: "fr-FR.toml: "},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"en-GB.toml": test.british}
			if test.french != "" {
				files["fr-FR.toml"] = test.french
			}
			text, err := write(folder(t, files))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want one with %q; the text is\n%s", err, test.want, text)
			}
		})
	}
}
