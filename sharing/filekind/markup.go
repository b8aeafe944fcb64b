package filekind

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// UTF16 says whether a text is in UTF-16, by its byte order mark or by zero bytes in every other place.
func UTF16(head []byte) (order unicode.Endianness, yes bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.BigEndian, true
	case cardLine.Match(head): // and only a file put behind it is in UTF-16
		return unicode.BigEndian, false
	}
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if many := len(head) / 4; max(zeros[0], zeros[1]) > many && min(zeros[0], zeros[1]) == 0 {
		if zeros[0] > zeros[1] {
			return unicode.BigEndian, true
		}
		return unicode.LittleEndian, true
	}
	return unicode.BigEndian, false
}

// asText is a beginning in UTF-8, or in whatever it is in.
func asText(head []byte) string {
	if order, yes := UTF16(head); yes {
		if text, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(head); err == nil {
			return string(text)
		}
	}
	return string(head)
}

// skipped is what may stand before the root of a document: its declaration, a document type, instructions, comments and white space.
var skipped = regexp.MustCompile(`(?is)^(?:\s+|<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\]\s*)?>)`)

// ofMarkup tells web pages and phone books by their root.
func ofMarkup(text string) Kind {
	page, sheet := false, false
	for {
		before := skipped.FindString(text)
		if before == "" {
			break
		}
		start := strings.ToLower(before)
		page = page || strings.HasPrefix(start, "<!doctype html")
		sheet = sheet || strings.Contains(start, "excel.sheet")
		text = text[len(before):]
	}
	root := rootOf(text)
	switch {
	case page, slices.Contains([]string{"html", "head", "body", "title", "meta", "script", "style", "div", "p", "h1", "center", "table", "link", "a", "span", "form", "pre"}, root):
		return WebPage
	case sheet:
		return ExcelXML
	}
	return ofRoot(root, text)
}

// rootOf is the name of the element that a text begins with, in small letters and without its prefix; "" if it begins with none.
func rootOf(text string) string {
	text, found := strings.CutPrefix(text, "<")
	if !found {
		return ""
	}
	end := strings.IndexFunc(text, func(r rune) bool { return r < utf8.RuneSelf && strings.ContainsRune(" \t\r\n/>", r) })
	if end < 0 {
		end = min(len(text), 100)
	}
	name := strings.ToLower(text[:end])
	return name[strings.LastIndexByte(name, ':')+1:]
}

// ofRoot is the kind of an XML by its root. text begins with it.
func ofRoot(root, text string) Kind {
	has := func(word string) bool { return strings.Contains(strings.ToLower(text), word) }
	switch root {
	case "phonebooks":
		return FritzBox
	case "phonebook":
		if has("<entry") {
			return JFritz
		}
		return FritzBox
	case "yealinkipphonebook", "vp_contact", "root_group", "root_contact":
		return Yealink
	case "tbook":
		return Snom
	case "settings":
		if has("<tbook") {
			return Snom
		}
	case "list":
		if has("get_list") || has("<entry") {
			return Gigaset
		}
	case "ppxml":
		return Panasonic
	case "addressbook":
		return Grandstream
	case "directory":
		if has("<item_list") {
			return Poly
		}
	case "phonedirectory":
		return Fanvil
	case "contacts":
		if has("<contact ") {
			return MicroSIP
		}
	case "root":
		if has("<call>") || has("<timestamp>") {
			return FritzBoxCalls
		}
		if has("<root_contact") {
			return Yealink
		}
	case "foncalls":
		return FritzBoxCalls
	case "workbook":
		return ExcelXML
	case "plist":
		return PropertyList
	case "rss", "feed", "rdf":
		return Feed
	}
	if maker, is := strings.CutSuffix(root, "ipphonedirectory"); is {
		return ofMaker(maker)
	}
	if strings.HasSuffix(root, "ipphonemenu") {
		return PhoneMenu
	}
	return OtherXML
}

// ofMaker is the kind of a directory by the name of its maker, with which its root begins. They all have Cisco's shape.
func ofMaker(maker string) Kind {
	for _, kind := range []Kind{Yealink, Snom, Gigaset, Grandstream, Cisco, Fanvil} {
		if maker == string(kind) {
			return kind
		}
	}
	return Directory
}

// ofJSON tells JSON by the first names in it.
func ofJSON(text string) Kind {
	names := namesIn(text)
	has := func(all ...string) bool {
		return !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(names, name) })
	}
	own := []string{"numberRules", "spamNumbers", "spamDB", "quickCopyRules", "repeatedCall", "historyOptions", "regexOptions", "contentRules"}
	switch {
	case len(names) == 0 && !isJSON(text):
		return byWords(text) // a line that begins with a bracket
	case has("format") && strings.Contains(text, "ringfence-list/"):
		return RingfenceList
	case slices.ContainsFunc(own, func(name string) bool { return has(name) }):
		return SpamBlocker
	case has("numbers", "numbers.phone"), has("numbers", "version"):
		return PhoneBlock
	case has("entries", "entries.number"):
		return CallBlocker
	}
	return OtherJSON
}

// isJSON says whether a text is JSON, as far as it goes.
func isJSON(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err != nil {
			var wrong *json.SyntaxError
			return !errors.As(err, &wrong)
		}
	}
}

// namesIn are the names of a JSON text's members, as far as it goes: "a" of the outermost object, and "a.b" of an object, or of objects in an array, in its
// member a. In an outermost array, ".b" are those of its objects.
func namesIn(text string) (names []string) {
	d := json.NewDecoder(strings.NewReader(text))
	var open []level
	for len(names) < 1000 {
		token, err := d.Token()
		if err != nil {
			return names
		}
		delim, isDelim := token.(json.Delim)
		if isDelim && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
			continue
		}
		in := len(open) - 1
		if in >= 0 && !open[in].array && !open[in].value { // a name
			open[in].name, open[in].value = token.(string), true
			if path := pathOf(open); path != "" && !slices.Contains(names, path) {
				names = append(names, path)
			}
			continue
		}
		if in >= 0 {
			open[in].value = false
		}
		if isDelim {
			open = append(open, level{array: delim == '['})
		}
	}
	return names
}

// level is an object or array of a JSON text that is open.
type level struct {
	array bool
	name  string // of the object's member that was read last
	value bool   // that member's value comes next
}

// pathOf joins the names on the way to an object's member. It is "" if there are more than two, because those don't count.
func pathOf(open []level) string {
	var path []string
	for i, in := range open {
		if !in.array {
			path = append(path, in.name)
		} else if i == 0 {
			path = append(path, "")
		}
	}
	if len(path) > 2 {
		return ""
	}
	return strings.Join(path, ".")
}
