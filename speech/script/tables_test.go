package script

import (
	"strings"
	"testing"
)

// small is a language of three phrases.
const small = `language = "xx"
numbers = ["ein", "zwei"]
within-numbers = ["und"]
skipped = ["äh"]

[sentences]
claim-and-hook = "Sagt, es ist {claim} und {hook}."
claim = "Sagt, es ist {claim}."
hook = "Sagt, dass {hook}."
ask = "Will {ask}."
sales = "Verkauft {sale}."

[symbols]
"€" = "euro"

[heard]
"mikro soft" = "microsoft"

[words]
geld = ["geld", "# euro"]

[[claim]]
says = "Microsoft"
weak = ["microsoft"]

[[hook]]
says = "etwas kaputt ist"
weak = ["kaputt*"]

[[ask]]
name = "geld"
says = "Geld"
strong = ["(schick*|gib) .. {geld}"]
`

// Another language is another file, and nothing else.
func TestAnotherLanguageIsAFile(t *testing.T) {
	tables, err := Load([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Level{
		"Hier ist Mikro Soft, Ihr Gerät ist äh kaputt, schicken Sie uns zwei und zwei Euro": Warn,
		"Hier ist Microsoft, schicken Sie €22":                                              Warn,
		"Hier ist Microsoft":                                                                None,
	} {
		if got := tables.Read(text); got.Level != want {
			t.Errorf("%q is %v, not %s", text, got, want)
		}
	}
}

// A file with a fault is refused, and it is said where.
func TestFaultyTablesAreRefused(t *testing.T) {
	for _, fault := range []struct{ old, fresh, says string }{
		{"language", "langage", "line 1: nothing is called langage"},
		{`language = "xx"`, `language = xx`, "line 1:"},
		{`language = "xx"`, ``, "language is missing"},
		{"{claim} und {hook}", "{claim}", "claim-and-hook needs"},
		{"ist {claim}.", "ist.", "sentences.claim needs"},
		{"dass {hook}", "dass", "sentences.hook needs"},
		{"Will {ask}", "Will", "sentences.ask needs"},
		{"{sale}", "", "sentences.sales needs"},
		{"[[hook]]", "[[sale]]", "claims, hooks and asks"},
		{`"€" = "euro"`, `"eur" = "euro"`, "a symbol and a word"},
		{`"microsoft"` + "\n\n[words]", `"..."` + "\n\n[words]", "says nothing"},
		{`["geld", "# euro"]`, `[]`, "words.geld is empty"},
		{`["kaputt*"]`, `["Kaputt"]`, `write "kaputt" instead of "Kaputt"`},
		{`["kaputt*"]`, `["zwei"]`, `write "#" instead of "zwei"`},
		{`["kaputt*"]`, `["mikro soft|kaputt"]`, "a choice stands in brackets"},
		{`["kaputt*"]`, `["(kaputt"]`, "a bracket is missing"},
		{`["kaputt*"]`, `["kaputt)"]`, "a bracket too many"},
		{`["kaputt*"]`, `["kaputt?"]`, "fits everything"},
		{`["kaputt*"]`, `[".."]`, "fits everything"},
		{`["kaputt*"]`, `["? kaputt"]`, "a question mark follows"},
		{`["kaputt*"]`, `["ist {kaputt}"]`, "[words] has no {kaputt}"},
		{`["kaputt*"]`, `["kaputt+"]`, `"kaputt+"`},
		{`weak = ["kaputt*"]`, ``, "there is no phrase"},
		{`weak = ["kaputt*"]`, `week = ["kaputt*"]`, "nothing is called hook.week"},
		{`says = "etwas kaputt ist"`, ``, "says is missing"},
		{`weak = ["microsoft"]`, `alone = ["microsoft"]`, "never enough by itself"},
		{`weak = ["microsoft"]`, "weak = [\"microsoft\"]\nwith = [\"gold\"]", `no hook and no ask has the name "gold"`},
		{`weak = ["kaputt*"]`, "weak = [\"kaputt*\"]\nwith = [\"geld\"]", "with is for claims"},
	} {
		if strings.Count(small, fault.old) == 0 {
			t.Fatalf("there is no %q", fault.old)
		}
		_, err := Load([]byte(strings.Replace(small, fault.old, fault.fresh, 1)))
		if err == nil || !strings.Contains(err.Error(), fault.says) {
			t.Errorf("%q instead of %q: %v, not %q", fault.fresh, fault.old, err, fault.says)
		}
	}
}

// Carers read these: each is a part of a sentence, or a sentence.
func TestWhatTheTablesSayFitsIntoSentences(t *testing.T) {
	for _, language := range tables() {
		for _, all := range [][]evidence{language.claims, language.hooks, language.asks, language.sales} {
			for _, e := range all {
				if strings.HasSuffix(e.says, ".") || e.says != strings.TrimSpace(e.says) {
					t.Errorf("%q is a sentence, not a part of one", e.says)
				}
				if e.advice != "" && !strings.HasSuffix(e.advice, ".") {
					t.Errorf("%q is no sentence", e.advice)
				}
			}
		}
	}
}
