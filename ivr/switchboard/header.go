package switchboard

import (
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

// number is the caller's number as Asterisk told it. It leaves out the context of a number that is not international (RFC 3966, section 5.1.5), and an
// older Asterisk all of a tel: address; then it is the address in the header from which Asterisk took it.
func number(told string, headers ...string) string {
	for _, header := range headers {
		at := address(header)
		local := strings.Contains(strings.ToLower(at), ";phone-context=") && told != "" && strings.HasPrefix(plain(user(at)), plain(told))
		if local || told == "" && strings.HasPrefix(strings.ToLower(at), "tel:") {
			return screening.Decode(at)
		}
	}
	return told
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
// brackets both are the whole header.
func cutName(header string) (name, rest string) {
	quoted, is := strings.CutPrefix(header, `"`)
	if !is {
		name, _, _ = strings.Cut(header, "<")
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
