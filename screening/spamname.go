package screening

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Networks that take a call for spam put that in place of the caller's name, or before it: "Scam Likely", "Potential Spam", "[SPAM] Acme". A name
// counts if one of its pieces has no other words than those below, so that Anna Spamer and the Scampi Bar keep theirs.

// flagWord is how much a word says by itself.
type flagWord int

const (
	fills     flagWord = iota + 1 // says nothing
	qualifies                     // says something beside a word that accuses
	accuses                       // alone it may be a bank's department: "Fraud Alert"
	names                         // says it alone
)

// flagWords are the words of networks' flags, in lower case and without accents: English, German, French, Spanish, Italian and Dutch.
func flagWords(kind flagWord) []string {
	switch kind {
	case names:
		return []string{
			"spam", "scam", "scams", "spammer", "scammer", "robocall", "robocalls", "robocaller", "telemarketer", "telemarketers", "telemarketing", "nuisance",
			"spamverdacht", "spamanruf", "spamwarnung", "werbeanruf", "betrugsverdacht", "betrugsanruf", "betrugswarnung",
			"demarchage", "indesirable", "telemarketeur", "teleprospection", "arnaque",
			"estafa", "televenta", "truffa",
			"oplichting", "oplichter", "spamoproep", "telemarketeer",
		}
	case accuses:
		return []string{
			"fraud", "fraudster", "robo", "unwanted", "suspect",
			"betrug", "werbung", "verdacht",
			"fraude", "suspecte", "sospechosa", "sospechoso", "publicidad",
			"frode", "sospetta", "sospetto", "verdachte",
		}
	case qualifies:
		return []string{
			"likely", "potential", "potentially", "suspected", "possible", "possibly", "probable", "probably", "risk", "call", "caller", "calls", "warning", "detected", "maybe", "known",
			"achtung", "vorsicht", "warnung", "moglich", "moglicher", "moglicherweise", "vermutlich", "vermuteter", "wahrscheinlich", "anruf", "anrufer",
			"appel", "appelant", "risque", "presume", "presumee", "suspicion", "attention", "possiblement", "probablement", "potentiel", "potentielle", "signale",
			"posible", "posiblemente", "sospecha", "sospechas", "llamada", "riesgo", "probablemente",
			"possibile", "probabile", "probabilmente", "chiamata", "rischio", "attenzione", "potenziale", //nolint:misspell // this is Italian
			"mogelijk", "mogelijke", "vermoedelijk", "vermoedelijke", "waarschijnlijk", "oproep", "beller", "waarschuwing", "pas",
		}
	default:
		return []string{
			"alert", "high", "number", "or", "of", "v", "hinweis", "auf", "von", "nummer", "alerte", "numero", "de", "d", "alerta", "aviso", "avviso", "di", "van", "op", "let",
		}
	}
}

// flagWordOf is a map made once: calls wait for it.
var flagWordOf = sync.OnceValue(func() map[string]flagWord {
	all := map[string]flagWord{}
	for _, kind := range []flagWord{fills, qualifies, accuses, names} {
		for _, word := range flagWords(kind) {
			all[word] = kind
		}
	}
	return all
})

// isSpamName says whether a name is a network's own flag, or has one before it.
func isSpamName(name string) bool {
	if isFlag(name) {
		return true
	}
	pieces := strings.FieldsFunc(strings.ReplaceAll(name, " - ", ":"), func(r rune) bool {
		return strings.ContainsRune("[](){}<>:;|/?!*,–—", r) || unicode.IsSymbol(r)
	})
	return len(pieces) > 1 && slices.ContainsFunc(pieces, isFlag)
}

func isFlag(text string) bool {
	known := flagWordOf()
	accused, sure := false, false
	for _, word := range strings.FieldsFunc(unaccented(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch known[word] {
		case 0:
			return false
		case names:
			accused, sure = true, true
		case accuses:
			sure = sure || accused
			accused = true
		case qualifies:
			sure = true
		}
	}
	return accused && sure
}

// unaccented is text in lower case and without accents, as networks write it in some places and not in others.
func unaccented(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}
