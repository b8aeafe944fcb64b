package columns

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ringfence/screening"
)

// Some tables have numbers that are no scam as well: those that are allowed, that were taken off, that the household has rung itself, or that others think harmless. The
// column that says so is found by its heading, and is understood by what is in all its rows.

// question is what a column with such a heading says.
type question int

const (
	nothing question = iota
	isBad            // "spam": whether the number is one
	isGood           // "allowed": whether it is not
	verbal           // "status": in words
	scored           // "rating": on a scale
	tellows          // "tellows score": on that of tellows
)

// askedBy are the headings, as wordsOf has them.
var askedBy = map[question][]string{
	isBad: {
		"spam", "is spam", "scam", "is scam", "fraud", "is fraud", "nuisance", "is nuisance", "unwanted", "block", "blocked", "is blocked", "is block", "blacklist", "blacklisted",
		"is blacklist", "is blacklisted", "is blocklist", "blocklist", "blocklisted", "black list", "is black list", "malicious", "is scammer", "is spammer", "is unwanted", "spam scam", "scam spam", "confirmed scam",
		"betrug", "arnaque", "estafa", "truffa", "oplichting", "gesperrt", "bloque", "bloqueado", "bloccato", "geblokkeerd",
	},
	isGood: {
		"allow", "allowed", "is allowed", "is allow", "whitelist", "whitelisted", "is whitelist", "is whitelisted", "white list", "is white list", "allowlist", "allow list", "is allowlist", "trusted",
		"is trusted", "safe", "is safe", "legit", "legitimate", "is legitimate", "permit", "permitted", "not spam", "not scam", "not a scam", "ham", "known", "is known", "is contact", "false positive", "erlaubt", "vertrauenswurdig", "seriose", "serios",
		"autorise", "liste blanche", "fiable", "permitido", "lista blanca", "seguro", "consentito", "lista bianca", "sicuro", "toegestaan", "witte lijst", "veilig", "vertrouwd",
	},
	verbal: {
		"type", "kind", "status", "action", "verdict", "classification", "class", "result", "disposition", "list", "list type", "category", "call type", "type of call", "direction", "call direction",
		"decision", "judgement", "typ", "art", "aktion", "anruftyp", "anrufart", "richtung", "kategorie", "etat", "statut", "categorie", "type d appel", "sens", "tipo", "estado", "accion", "categoria",
		"direccion", "tipo de llamada", "stato", "azione", "direzione", "tipo di chiamata", "soort", "actie", "richting", "einstufung", "avis",
	},
	scored: {
		"score", "rating", "rank", "risk", "trust", "reputation", "risk score", "spam score", "scam score", "fraud score", "threat score", "risk rating", "spam rating", "trust score", "safety", "safety score",
		"spam risk", "scam risk", "spam probability", "scam probability", "fraud risk", "risk level", "level", "stars", "bewertung", "note globale", "evaluation", "risque", "risiko", "valoracion", "puntuacion",
		"riesgo", "valutazione", "punteggio", "rischio", "beoordeling", "waardering", "severity",
	},
}

// sureBy are scores that say how sure somebody is that a number is a scam: from 0 to 1, the more the surer.
var sureBy = []string{"risk score", "spam score", "scam score", "fraud score", "spam probability", "scam probability", "spam risk", "scam risk", "fraud risk"}

// tellows' score goes from 1, serious, to 9, dubious. 5 is neutral, and its own lists of callers to block have those from 7 on
// (blog.tellows.co.uk, "tellows database", February 2020; tellows.de, terms of use).
const (
	leastOfTellows = 1
	mostOfTellows  = 9
	goodOfTellows  = 3
	badOfTellows   = 7
)

// ofScale are words of headings that only say how long a scale is: "rating (out of 5)".
var ofScale = []string{"out", "of", "max", "from", "to", "von", "bis", "sur", "de", "a", "su", "da", "van", "tot", "percent", "prozent", "pct", "scale", "skala", "points", "punkte"}

// withoutScale is a heading, as wordsOf has it, without what it says at its end about a scale, and how far that goes: 100 for "spam score 0 100" and "spam score
// percent"; 0 if it says nothing, or something else.
func withoutScale(heading string) (base string, most float64) {
	all := strings.Fields(heading)
	var numbers []string
	percent := false
	for len(all) > 1 {
		last := all[len(all)-1]
		number := strings.Trim(last, "0123456789") == ""
		if !number && !slices.Contains(ofScale, last) {
			break
		}
		if number {
			numbers = append(numbers, last)
		}
		percent = percent || slices.Contains([]string{"percent", "prozent", "pct"}, last)
		all = all[:len(all)-1]
	}
	base = strings.Join(all, " ")
	switch {
	case percent && len(numbers) == 0, slices.Equal(numbers, []string{"100"}), slices.Equal(numbers, []string{"100", "0"}):
		return base, 100
	case slices.Equal(numbers, []string{"1", "0"}):
		return base, 1
	default:
		return base, 0
	}
}

// askOf is what a column says by its heading, as wordsOf has it.
func askOf(heading string) question {
	if asked := asks()[heading]; asked != nothing {
		return asked
	}
	base, _ := withoutScale(heading)
	others := slices.DeleteFunc(strings.Fields(base), func(word string) bool { return word == "tellows" })
	if len(others) < len(strings.Fields(base)) {
		if rest := strings.Join(others, " "); rest == "" || asks()[rest] == scored || slices.Contains([]string{"wert", "value", "note"}, rest) {
			return tellows
		}
		return nothing
	}
	if asks()[base] == scored {
		return scored
	}
	return nothing
}

// goodWords and badWords are what such columns say of a number, in lower case with one space between words.
var (
	goodWords = []string{
		"allow", "allowed", "allowlist", "allow list", "white", "whitelist", "whitelisted", "white list", "permit", "permitted", "safe", "legit", "legitimate", "trusted", "known", "contact", "family", "friend",
		"friends", "personal", "not spam", "no spam", "not scam", "not a scam", "no scam", "non spam", "ham", "false positive", "false alarm", "removed", "withdrawn", "retracted", "cleared", "inactive", "expired",
		"unblocked", "unblock", "deleted", "delisted", "disputed", "outgoing", "outbound", "dialled", "dialed", "out", "positive", "good", "ok", "harmless", "neutral", "a legitimate", "clean", "genuine", "accept", "accepted",
		"ausgehend", "erlaubt", "serios", "harmlos", "vertrauenswurdig", "sicher", "positiv", "entfernt", "sortant", "autorise", "fiable", "sur", "positif", "neutre", "retire", "saliente", "permitido", "seguro", "legitimo", "positivo",
		"uscente", "in uscita", "consentito", "sicuro", "affidabile", "uitgaand", "toegestaan", "veilig", "betrouwbaar", "positief", "neutraal",
	}
	badWords = []string{
		"spam", "scam", "block", "blocked", "black", "blacklist", "blacklisted", "black list", "blocklist", "deny", "denied", "reject", "rejected", "robocall", "telemarketer", "telemarketing", "fraud", "nuisance",
		"unwanted", "negative", "bad", "dangerous", "harassing", "suspicious", "active", "confirmed", "incoming", "inbound", "in", "missed", "voicemail", "malicious", "high", "critical", "unsafe",
		"eingehend", "verpasst", "gesperrt", "betrug", "negativ", "gefahrlich", "entrant", "manque", "bloque", "arnaque", "negatif", "dangereux", "entrante", "perdida", "bloqueado", "estafa", "negativo", "peligroso",
		"persa", "bloccato", "truffa", "pericoloso", "inkomend", "gemist", "geblokkeerd", "oplichting", "negatief", "gevaarlijk",
	}
	yes = []string{"1", "true", "yes", "y", "t", "x", "on", "ja", "wahr", "oui", "vrai", "si", "verdadero", "vero", "waar", "✓", "✔"}
	no  = []string{"0", "false", "no", "n", "f", "off", "nein", "falsch", "non", "faux", "falso", "nee", "onwaar"}
)

// incoming are the types of incoming calls in the call lists of the FRITZ!Box: taken, missed, being talked on, and turned away. Others are outgoing calls, or differ between its versions.
var incoming = []string{"1", "2", "9", "10"}

var asks = sync.OnceValue(func() map[string]question {
	all := map[string]question{}
	for q, headings := range askedBy {
		for _, heading := range headings {
			all[heading] = q
		}
	}
	return all
})

// values are what such a column has: each different word, as long as there are few.
type values struct {
	asked   question
	heading string
	looked  bool
	of      map[string]bool
	many    bool
	// Of all of them, however many: whether one is a number, and whether one says something.
	numeric, known bool
}

// maxValues is how many different words a column can have that says something of each number.
const maxValues = 200

func (v *values) add(cell, heading string) {
	if !v.looked {
		v.looked, v.heading = true, strings.Join(wordsOf(heading), " ")
		v.asked = askOf(v.heading)
	}
	if v.asked == nothing {
		return
	}
	word := valueOf(cell)
	if word == "" || v.of[word] {
		return
	}
	says := wordSays(word, v.asked) != nothing
	v.known = v.known || says
	v.numeric = v.numeric || !says && isNumeric(word)
	if v.many {
		return
	}
	if len(v.of) == maxValues {
		v.many = true
		return
	}
	if v.of == nil {
		v.of = map[string]bool{}
	}
	v.of[word] = true
}

// valueOf is what a cell says, in lower case and without accents.
func valueOf(cell string) string {
	cell = strings.TrimSpace(cell)
	if len(cell) > 60 {
		cell = screening.CleanLine(cell, 60)
	}
	if strings.Trim(cell, "0123456789.,%+- ") == "" || strings.Trim(cell, "✓✔") == "" {
		return cell
	}
	return strings.Join(wordsOf(cell), " ")
}

func isNumeric(word string) bool { return strings.Trim(word, "0123456789.,%+- ") == "" }

// verdict is a column that says which rows are no scam.
type verdict struct {
	at       int
	name     Column
	asked    question
	callList bool // it has the types of a FRITZ!Box's calls
}

// LeavesOut says why a row is no caller's; "" if it is one's.
func (c Choice) LeavesOut(cells []string) string {
	for _, v := range c.verdicts {
		if v.at >= len(cells) {
			continue
		}
		word := valueOf(cells[v.at])
		if word == "" {
			continue
		}
		if v.callList && !slices.Contains(incoming, word) {
			return fmt.Sprintf("%s has “%s”, which is no incoming call", v.name.named(), screening.CleanLine(word, 30))
		}
		if is, understood := tellowsScore(word); v.asked == tellows && understood && is > goodOfTellows && is < badOfTellows {
			return fmt.Sprintf("%s says “%s”, and tellows itself blocks no numbers below %d", v.name.named(), screening.CleanLine(word, 30), badOfTellows)
		}
		if !v.callList && wordSays(word, v.asked) == isGood {
			return fmt.Sprintf("%s says “%s”, so it is no scam", v.name.named(), screening.CleanLine(strings.TrimSpace(cells[v.at]), 30))
		}
	}
	for _, one := range c.remarks {
		if one.Index < len(cells) && absolves(cells[one.Index]) {
			return fmt.Sprintf("%s says “%s”, so it is no scam", one.named(), screening.CleanLine(strings.TrimSpace(cells[one.Index]), 30))
		}
	}
	return ""
}

// SameRows says whether a choice that was made by the first rows has left out what this one does, which was made by all.
func (c Choice) SameRows(earlier Choice) bool {
	return !slices.ContainsFunc(c.verdicts, func(v verdict) bool {
		return !slices.ContainsFunc(earlier.verdicts, func(w verdict) bool { return w.at == v.at && w.callList == v.callList })
	})
}

// Verdicts are the columns that may say of some rows that they are no scam.
func (c Choice) Verdicts() (all []Column) {
	for _, v := range c.verdicts {
		all = append(all, v.name)
	}
	return all
}

// tellowsScore reads one of tellows' scores.
func tellowsScore(word string) (score float64, understood bool) {
	score, err := strconv.ParseFloat(strings.ReplaceAll(word, ",", "."), 64)
	return score, err == nil && score >= leastOfTellows && score <= mostOfTellows
}

// score is the column that says how sure somebody is of each number, and up to what; -1 without one.
func (j *Judge) score(numbers []int) (column int, most float64) {
	for at := range j.seen {
		v := &j.seen[at].words
		base, scale := withoutScale(v.heading)
		if slices.Contains(numbers, at) || !slices.Contains(sureBy, base) || len(v.of) == 0 || v.many {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(v.of)), func(word string) bool { return !isShare(word, scale) }) {
			return at, max(scale, 1)
		}
	}
	return -1, 1
}

// isShare says whether a word is a share: 0.85, or 85%; or a part of a scale that the heading names. Of 1 alone nobody knows otherwise.
func isShare(word string, scale float64) bool {
	if share, percent := strings.CutSuffix(word, "%"); percent {
		p, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		return err == nil && p >= 0 && p <= 100
	}
	p, err := strconv.ParseFloat(word, 64)
	if scale > 0 {
		return err == nil && p >= 0 && p <= scale
	}
	return err == nil && p >= 0 && p <= 1 && strings.Contains(word, ".")
}

// verdicts are the columns that say which rows are no scam. The error, a *Question, is for one that may say so, and is not understood.
func (j *Judge) verdicts(numbers []int, sure int) (all []verdict, err error) {
	for at := range j.seen {
		v := &j.seen[at].words
		if v.asked == nothing || at == sure || slices.Contains(numbers, at) || j.seen[at].surely() {
			continue
		}
		one := verdict{at: at, name: newColumn(at, j.headings), asked: v.asked}
		meaning, clear := j.understand(v)
		if !clear {
			return nil, &Question{
				Why: fmt.Sprintf("The column %s may say that some numbers are no scam, and it is not clear which (%s)", one.name.Label(), strings.Join(firstOf(v.of, 4), ", ")), Rows: one.name.Label(),
			}
		}
		if one.callList = meaning == typesOfCalls; meaning != freeText {
			all = append(all, one)
		}
	}
	return all, nil
}

// meaning is how a column is understood.
type meaning int

const (
	inGeneral    meaning = iota // by its words
	typesOfCalls                // by the numbers that the FRITZ!Box has for types of calls
	freeText                    // not at all
)

func firstOf(words map[string]bool, most int) []string {
	all := slices.Sorted(maps.Keys(words))
	return all[:min(len(all), most)]
}

// understand says how the words of a column are to be understood. clear is false if some may say that a number is no scam.
func (j *Judge) understand(v *values) (is meaning, clear bool) {
	switch {
	case v.asked == tellows:
		return inGeneral, !v.many && !slices.ContainsFunc(slices.Collect(maps.Keys(v.of)), func(word string) bool {
			_, understood := tellowsScore(word)
			return !understood
		})
	case v.many && v.asked == verbal:
		return inGeneral, !v.numeric
	case v.many:
		return freeText, !v.known && v.asked != scored
	}
	numeric, known := 0, 0
	for word := range v.of {
		if wordSays(word, v.asked) != nothing {
			known++
		} else if isNumeric(word) {
			numeric++
		}
	}
	switch {
	case v.asked == verbal && len(v.of) > 0 && numeric == len(v.of) && j.isCallList():
		return typesOfCalls, true
	case known == len(v.of):
		return inGeneral, true
	case v.asked == scored:
		return inGeneral, false
	case numeric > 0:
		return inGeneral, v.asked == verbal && len(v.of) == 1 // the same code everywhere tells no rows apart
	case v.asked == verbal:
		return inGeneral, true // other words are kinds of scams, telephones or cases
	default: // free text, unless some of it is yes and no
		return freeText, known == 0
	}
}

// wordSays is what a word says in a column.
func wordSays(word string, asked question) question {
	if asked == tellows {
		switch score, understood := tellowsScore(word); {
		case understood && score <= goodOfTellows:
			return isGood
		case understood && score >= badOfTellows:
			return isBad
		}
		return nothing
	}
	switch {
	case asked == isGood && slices.Contains(yes, word), asked == isBad && slices.Contains(no, word), slices.Contains(goodWords, word):
		return isGood
	case asked == isBad && slices.Contains(yes, word), asked == isGood && slices.Contains(no, word), slices.Contains(badWords, word):
		return isBad
	default:
		return nothing
	}
}

// isCallList says whether a table is the list of calls of one line: it says which of one's own numbers each was for.
func (j *Judge) isCallList() bool { return slices.Contains(j.owners, Else) }
