package switchboard

import (
	"regexp"
	"slices"
	"strings"

	"ringfence/screening"
)

// What the dialplan hands over of a caller's headers is read here, where Asterisk's own reading (res_pjsip_caller_id.c) loses something.

// harmless are the values of a Privacy header that do not hide the number: RFC 3323, section 4.2 (header and session hide other headers and the sound,
// none hides nothing, critical is about all of them), RFC 7044 (history), and those of Remote-Party-ID that some exchanges write here.
var harmless = []string{"header", "session", "none", "critical", "history", "off", "no", "name", "ipaddr"}

// hides says whether a Privacy header asks for the caller's number to be hidden. Of a value that nobody knows that is assumed, because who asked for
// it would be shown otherwise.
func hides(privacy string) bool {
	values := strings.FieldsFunc(strings.ToLower(privacy), func(r rune) bool { return strings.ContainsRune("; ,\t", r) })
	return slices.ContainsFunc(values, func(value string) bool { return !slices.Contains(harmless, value) })
}

// presentation is whether the number may be shown. Asterisk takes each Privacy but "none" for a wish to hide the number that P-Asserted-Identity
// has, and no Privacy for one where there is only a From.
func presentation(told, number, asserted, privacy string) string {
	switch {
	case hides(privacy):
		return "prohib_passed_screen"
	case privacy != "" && strings.HasPrefix(told, "prohib") && number != "" && strings.Contains(plain(address(asserted)), plain(number)):
		return "allowed_passed_screen"
	default:
		return told
	}
}

// number is the caller's number as Asterisk told it, which reads From and the first P-Asserted-Identity. It leaves out the context of a number that is not
// international (RFC 3966, section 5.1.5), and an older Asterisk all of a tel: address; then it is the address in the header from which Asterisk took it.
func number(told, asserted, from string) string {
	ids, origin := identities(asserted), address(from)
	for _, at := range append(ids, origin) {
		local := strings.Contains(strings.ToLower(at), ";phone-context=") && isAt(told, at)
		if local || told == "" && strings.HasPrefix(strings.ToLower(at), "tel:") {
			return screening.Decode(at)
		}
	}
	// Of "<sip:anna@…>, <tel:+44…>" (RFC 3325, section 9.1), the second is the number. In one header, Asterisk reads neither of them, and takes From's.
	isName := len(ids) > 1 && isAt(told, ids[0]) && !isNumber(told)
	unread := isAt(told, origin) && !slices.ContainsFunc(ids, func(id string) bool { return isAt(told, id) })
	if i := slices.IndexFunc(ids, func(id string) bool { return isNumber(user(id)) }); i >= 0 && (isName || unread) {
		return screening.Decode(ids[i])
	}
	return told
}

// isAt says whether an address is where Asterisk has a number from.
func isAt(told, address string) bool {
	return told != "" && strings.HasPrefix(plain(user(address)), plain(told))
}

// numeric matches the part of an address that is a telephone number, without its parameters.
var numeric = regexp.MustCompile(`^(?:\+|%2[Bb])?[0-9][-.0-9]*(?:[;@]|$)`)

func isNumber(user string) bool { return numeric.MatchString(user) }

// identities are the addresses of P-Asserted-Identity: one, or a SIP address and a telephone number.
func identities(asserted string) (all []string) {
	quoted, bracketed, begin := false, false, 0
	for i := range len(asserted) + 1 {
		switch {
		case i == len(asserted) || asserted[i] == ',' && !quoted && !bracketed:
			if at := address(asserted[begin:i]); at != "" {
				all = append(all, at)
			}
			begin = i + 1
		case asserted[i] == '"' && !bracketed && (!quoted || asserted[i-1] != '\\'):
			quoted = !quoted
		case asserted[i] == '<' || asserted[i] == '>':
			bracketed = !quoted && asserted[i] == '<'
		}
	}
	return all
}

// address is the SIP or telephone address of a header; "" for one that names nobody, only a host.
func address(header string) string {
	_, behind := cutName(strings.TrimSpace(header))
	rest, bracketed := strings.CutPrefix(behind, "<")
	end := ";" // where the header's parameters begin
	if bracketed {
		end = ">"
	}
	at, _, _ := strings.Cut(rest, end)
	if scheme := strings.ToLower(at); (strings.HasPrefix(scheme, "sip:") || strings.HasPrefix(scheme, "sips:")) && !strings.Contains(at, "@") {
		return ""
	}
	return at
}

// user is an address without its scheme.
func user(address string) string {
	_, rest, _ := strings.Cut(address, ":")
	return rest
}

// cutName takes a header such as `"Ann Price" <sip:…>` apart (RFC 3261, section 25.1): the display name, and what stands behind it. Without a name and
// brackets the rest is the whole header.
func cutName(header string) (name, rest string) {
	quoted, is := strings.CutPrefix(header, `"`)
	if !is {
		name, _, named := strings.Cut(header, "<")
		if !named {
			name = "" // an address alone
		}
		return strings.TrimSpace(name), fromBracket(header)
	}
	for i := 0; i < len(quoted); i++ {
		switch quoted[i] {
		case '\\':
			i++
		case '"':
			return quoted[:i], fromBracket(quoted[i+1:])
		}
	}
	return quoted, "" // the end was cut off
}

func fromBracket(text string) string { return text[max(0, strings.Index(text, "<")):] }
