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

// flagWords are the words of networks' flags, in lower case and without accents: English; German; French; Spanish and Portuguese; Italian; Dutch; Polish
// and Czech; Swedish, Danish, Norwegian and Finnish; Russian; Chinese and Japanese.
func flagWords(kind flagWord) []string {
	switch kind {
	case names:
		return []string{
			"spam", "scam", "scams", "spammer", "scammer", "robocall", "robocalls", "robocaller", "telemarketer", "telemarketers", "telemarketing",
			"nuisance", "phishing", "vishing", "spoofed",
			"spamlikely", "scamlikely", "spamrisk", "spamcall", "spamcaller", "scamcall",
			"spamverdacht", "spamanruf", "spamwarnung", "spamrisiko", "werbeanruf", "werbeanrufer", "telefonwerbung", "betrugsverdacht", "betrugsanruf", "betrugswarnung", "unserios",
			"unserioes",
			"demarchage", "indesirable", "telemarketeur", "teleprospection", "arnaque",
			"estafa", "televenta",
			"truffa",
			"oplichting", "oplichter", "spamoproep", "telemarketeer",
			"spamu",
			"telefonforsaljare", "telefonforsaljning", "roskapuhelu",
			"спам", "мошенники", "мошенник",
			"诈骗电话", "骚扰电话", "推销电话", "疑似诈骗", "迷惑電話",
		}
	case accuses:
		return []string{
			"fraud", "fraudster", "robo", "unwanted", "suspect", "suspicious", "junk", "fake",
			"betrug", "betruger", "werbung", "verdacht", "verdachtig", "verdachtiger", "verdaechtiger", "unerwunscht", "unerwunschter", "unerwuenschter", "unserioser",
			"unserioeser",
			"fraude", "suspecte", "frauduleux", "malveillant", "commercial",
			"sospechosa", "sospechoso", "publicidad", "deseada", "fraudulenta", "comercial", "golpe", "suspeita", "suspeito", "indesejada",
			"frode", "sospetta", "sospetto", "indesiderata", "fraudolenta", "commerciale",
			"verdachte", "ongewenst", "ongewenste", "frauduleuze",
			"oszustwo", "oszust", "niechciane", "podejrzane", "podvod", "podezrele",
			"bedrageri", "svindel", "huijaus",
			"обман", "мошенничество",
		}
	case qualifies:
		return []string{
			"likely", "potential", "potentially", "suspected", "possible", "possibly", "probable", "probably", "risk", "call", "caller",
			"calls", "warning", "detected", "maybe", "known", "unknown", "reported", "confirmed", "verified",
			"blocked", "report",
			"achtung", "vorsicht", "warnung", "mogl", "moglich", "moglicher", "moglicherweise", "moeglich", "moeglicher", "vermutet", "vermutlich",
			"vermuteter", "wahrscheinlich", "eventuell", "anruf", "anrufer",
			"appel", "appelant", "risque", "presume", "presumee", "suspectee", "suspicion", "attention", "possiblement", "probablement", "potentiel",
			"potentielle", "signale",
			"posible", "posiblemente", "sospecha", "sospechas", "llamada", "riesgo", "probablemente", "possivel", "provavel", "potencial", "chamada",
			"risco",
			"possibile", "probabile", "probabilmente", "chiamata", "rischio", "attenzione", "potenziale",
			"mogelijk", "mogelijke", "vermoedelijk", "vermoedelijke", "waarschijnlijk", "oproep", "beller", "waarschuwing", "pas",
			"mozliwy", "mozliwe", "podejrzenie", "prawdopodobny", "prawdopodobne", "potencjalny", "połaczenie", "pravdepodobne", "mozny", "mozna", "podezreni",
			"volani",
			"misstankt", "mojlig", "mojligt", "samtal", "mistenkt", "mistænkt", "mistanke", "mulig", "muligt", "opkald", "oppringning",
			"epailty", "mahdollinen", "puhelu",
			"возможно", "возможныи", "подозрение", "вероятно", "звонок",
		}
	default:
		return []string{
			"alert", "high", "number", "or", "of", "v", "hinweis", "auf", "von", "nummer", "alerte",
			"telephonique", "numero", "de", "d", "alerta", "aviso", "no", "avviso", "di", "van", "op",
			"let", "om", "на",
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

// IsSpamName says whether a name is a network's own flag, or has one before it. Behind a name, "fraud" or "nuisance" is that of somebody's office, so that
// there only spam and scam count.
func IsSpamName(name string) bool {
	pieces := strings.FieldsFunc(strings.ReplaceAll(name, " - ", ":"), func(r rune) bool {
		return strings.ContainsRune("[](){}<>:;|/?!*,–—", r) || unicode.IsSymbol(r)
	})
	if isFlag(name) {
		return true
	}
	for i, piece := range pieces {
		if isFlag(strings.Join(pieces[:i+1], " ")) || i > 0 && isFlag(piece) && isAboutSpam(piece) {
			return true
		}
	}
	return false
}

func isAboutSpam(text string) bool {
	return slices.ContainsFunc(wordsOf(text), func(word string) bool { return word == "scam" || strings.HasPrefix(word, "spam") })
}

func isFlag(text string) bool {
	known := flagWordOf()
	accused, sure := false, strings.Contains(text, "?")
	for _, word := range wordsOf(text) {
		switch kind := known[word]; {
		case kind == 0 && strings.Trim(word, "0123456789") != "": // but "Spam 80%"
			return false
		case kind == names:
			accused, sure = true, true
		case kind == accuses:
			sure = sure || accused
			accused = true
		case kind == qualifies:
			sure = true
		}
	}
	return accused && sure
}

// wordsOf are the words of a text in lower case and without accents, as networks write them in some places and not in others; wide letters (ＳＰＡＭ) are
// the usual ones.
func wordsOf(text string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
