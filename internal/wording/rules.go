package wording

import (
	"fmt"
	"regexp"
	"strings"
)

// A rule objects to something in a sentence.
type rule struct {
	name, say string
	find      func(sentence string) []string
	// where limits it to some files; nil is all.
	where func(file string) bool
	// What it finds, and what it leaves alone, for the test.
	finds, leaves []string
}

// mostWords is how long a sentence may be.
const mostWords = 25

var rules = append(phrases, []rule{
	{
		name: "long", say: fmt.Sprintf("at most %d words: one idea a sentence", mostWords), find: long,
		finds:  []string{strings.Repeat("word ", mostWords+1)},
		leaves: []string{strings.Repeat("word ", mostWords)},
	},
	{
		name: "passives", say: "say who does it", find: passives,
		finds: []string{
			"The list is checked before it is used.",
			"What was written down is kept until it has been deleted.",
		},
		leaves: []string{"The list is checked and replaced.", "Ringfence checks the list before it is used.", "It is open, and the phone is connected."},
	},
	{
		name: "so that", say: "so …, or a sentence of its own", find: pattern(`so that [^,.;:]{1,60}? (?:is|are|was|were)`),
		finds:  []string{"It asks twice, so that nobody is rung for nothing.", "so that calls are kept"},
		leaves: []string{"It asks twice, so nobody is rung for nothing.", "so that you can ring back"},
	},
	{
		name: "that which", say: "what, or the noun", find: pattern(`(?:that|those|that one) (?:which|whom)`),
		finds:  []string{"It rings that which is free.", "those whom you know"},
		leaves: []string{"It rings whichever is free.", "the people that you know"},
	},
	{
		name: "free relative", say: "name the thing: anything reported since, blocked callers",
		find: func(s string) []string {
			if found := freeRelative.FindString(s); found != "" && !strings.HasSuffix(s, "?") {
				return []string{around(s, 0, len(found))}
			}
			return nil
		},
		finds:  []string{"What was reported since is lost.", "Who is blocked never rings.", "What has not been sent stays there."},
		leaves: []string{"What was that?", "What's new", "Whose number is it?", "What happens to unknown callers"},
	},
	{
		name: "formal", say: "anyone who; who; whose; if", where: forPeople,
		find: func(s string) []string {
			if strings.HasPrefix(s, "Whoever ") {
				return []string{around(s, 0, 7)}
			}
			return formalWord(s)
		},
		finds:  []string{"Whoever is blocked never rings.", "the people whom you know", "lists of which you are sure"},
		leaves: []string{"Blocked callers never ring.", "Ask whoever gave you the link.", "Once upset"},
	},
	{
		name: "telephone", say: "phone; phone number", find: telephone,
		finds:  []string{"No telephone rings.", "Telephones", "Telephone number"},
		leaves: []string{"No phone rings.", "The Telephone Preference Service", "a telephony adapter", "Telephony Devices, Telephone, LAN/WLAN (IP telephone)"},
	},
	{
		name: "technical", say: "say it in everybody's words, and put the detail in the log", where: forPeople,
		find: pattern(`sqlite|sql|eof|errno|goroutines?|nil|null|mutex|stack trace|exception|unmarshal|stdin|stdout|stderr|boolean|regexp?|` +
			`connection refused|no such host|i/o timeout|context (?:canceled|deadline exceeded)|deadline exceeded|broken pipe|connection reset|` +
			`database is locked|no rows|http (?:error|status)|status code|timed out|timeout|dns|tcp|udp|tls handshake|x509|invalid argument|permission denied|json`),
		finds:  []string{"dial tcp: connection refused", "the database is locked", "SQLite says no"},
		leaves: []string{"The adapter doesn't answer.", "It took too long."},
	},
}...)

// words is a pattern of whole words in any case.
func words(expression string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN_/-])((?:` + expression + `))(?:[^\pL\pN_/-]|$)`)
}

func pattern(expression string) func(string) []string {
	compiled := words(expression)
	return func(s string) (found []string) {
		for _, at := range compiled.FindAllStringSubmatchIndex(s, -1) {
			found = append(found, around(s, at[2], at[3]))
		}
		return found
	}
}

// around is a part of a sentence with a little of what stands beside it.
func around(s string, from, to int) string {
	const beside = 30
	from, to = max(0, from-beside), min(len(s), to+beside)
	return strings.ToValidUTF8(s[from:to], "")
}

var formalWord = pattern(`whom|of which|to which|by which|whichever|wherever|upon|shall|thus|hence`)

// freeRelative is a subject that names nothing.
var freeRelative = regexp.MustCompile(`^(?:What|Who) (?:is|was|has|have|are|were|had|can|cannot|can't|may) [^?:]*\.$`)

func long(s string) []string {
	n := countWords(s)
	if n <= mostWords {
		return nil
	}
	return []string{fmt.Sprintf("%d words: %s", n, s)}
}

// state are participles that say how something is, rather than what is done to it.
const state = `called|named|connected|finished|closed|signed|supposed|used to|based|related|interested|tired|open|even|often|seven|eleven|then|when|been|needed|united`

var (
	passive = regexp.MustCompile(`(?i)\b(?:am|is|are|was|were|be|been|being|gets|got)(?:n['’]t)?((?: (?:not|never|also|only|then|always|still|already|yet|once|all|both|now|\w+ly))*) ` +
		`(\w+ed|\w+en|read|heard|told|said|made|kept|sent|put|set|found|done|let|rung|sung|held|lost|left|cut|brought|bought|caught|sold|paid|meant|built|begun|shown|known|blown|drawn|thrown|worn|torn|sworn|got|hung|dealt|felt|laid|led|lent|lit|met|shut|spent|stood|understood|taught|thought|won|run|come)\b`)
	isState = regexp.MustCompile(`(?i)^(?:` + state + `)$`)
)

func passives(s string) []string {
	n := 0
	for _, found := range passive.FindAllStringSubmatch(s, -1) {
		if !isState.MatchString(found[2]) {
			n++
		}
	}
	if n < 2 {
		return nil
	}
	return []string{fmt.Sprintf("%d passives: %s", n, s)}
}

// fritzBox are labels in a FRITZ!Box's own pages, which people have to find there.
const fritzBox = `Telephone, LAN/WLAN \(IP telephone\)|Telephone book, New telephone book`

var (
	phoneWord = regexp.MustCompile(`(?i)\btelephones?\b`)
	names     = regexp.MustCompile(`Telephone Preference Service|Telephone Numbers?ing Plan|` + fritzBox)
)

func telephone(s string) (found []string) {
	s = names.ReplaceAllString(s, something)
	for _, at := range phoneWord.FindAllStringIndex(s, -1) {
		found = append(found, around(s, at[0], at[1]))
	}
	return found
}
