package columns

import (
	"slices"
	"strings"
)

// remarks are the headings of what somebody has written about each number, as wordsOf has them.
var remarks = []string{
	"label", "labels", "tag", "tags", "flag", "note", "notes", "comment", "comments", "remark", "remarks", "description", "reason", "name", "caller name", "notiz", "notizen", "bemerkung", "bemerkungen",
	"kommentar", "grund", "beschreibung", "commentaire", "commentaires", "remarque", "remarques", "raison", "motif", "nota", "notas", "comentario", "comentarios", "motivo", "descripcion", "commento",
	"descrizione", "opmerking", "opmerkingen", "reden", "omschrijving",
}

// Such a remark says that a number is no scam: one of harmless alone, or one that begins like absolved.
var (
	harmless = []string{"legit", "legitimate", "whitelist", "whitelisted", "white list", "allowlist", "allowlisted", "allow list", "false positive", "false alarm", "ham", "liste blanche", "lista blanca", "lista bianca", "witte lijst"}
	absolved = []string{
		"not spam", "not a spam", "not scam", "not a scam", "not a scammer", "no scam", "no spam", "non spam", "isn t spam", "isn t a scam", "kein spam", "kein betrug", "keine werbung", "keine abzocke",
		"pas spam", "pas un spam", "pas du spam", "pas une arnaque", "pas un demarchage", "no es spam", "no es estafa", "no es una estafa", "non e spam", "non e una truffa", "non e truffa", "geen spam", "geen oplichting", "geen oplichter",
	}
)

// saysGood says whether a heading is of callers who are let through: "Whitelist", "Allowed numbers".
func saysGood(heading string) bool {
	all := slices.DeleteFunc(wordsOf(heading), func(word string) bool { return kinds()[word]&(number|telephone|filler) != 0 || word == "callers" })
	return asks()[strings.Join(all, " ")] == isGood
}

// LetsThrough says whether a line above numbers, one a line, is a heading of callers who are let through.
func LetsThrough(lines []string) bool {
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Trim(line, " \t\r\ufeff") != "" })
	return at >= 0 && saysGood(strings.Trim(lines[at], " \t\r\ufeff#[]:;"))
}

// absolves says whether a remark says that a number is no scam.
func absolves(cell string) bool {
	said := valueOf(cell)
	return slices.Contains(harmless, said) || slices.ContainsFunc(absolved, func(start string) bool { return said == start || strings.HasPrefix(said, start+" ") })
}

// remarked are the columns with remarks.
func (j *Judge) remarked(numbers []int) []Column {
	return j.columns(j.with(func(at int) bool {
		return !slices.Contains(numbers, at) && slices.Contains(remarks, strings.Join(wordsOf(j.headingAt(at)), " "))
	}))
}
