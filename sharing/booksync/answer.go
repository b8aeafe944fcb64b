package booksync

import (
	"encoding/xml"
	"net/url"
	"strings"
)

// multistatus is an answer about several things (RFC 4918, section 14.16), as far as it is needed.
type multistatus struct {
	XMLName   xml.Name   `xml:"DAV: multistatus"`
	Responses []response `xml:"DAV: response"`
}

// response is about one thing.
type response struct {
	Hrefs  []string   `xml:"DAV: href"`
	Status string     `xml:"DAV: status"` // where it is about the thing as a whole
	Parts  []propstat `xml:"DAV: propstat"`
}

type propstat struct {
	Status string     `xml:"DAV: status"`
	Prop   properties `xml:"DAV: prop"`
}

type properties struct {
	Type struct {
		Collection  *struct{} `xml:"DAV: collection"`
		AddressBook *struct{} `xml:"urn:ietf:params:xml:ns:carddav addressbook"`
	} `xml:"DAV: resourcetype"`
	Name      string  `xml:"DAV: displayname"`
	ETag      string  `xml:"DAV: getetag"`
	CTag      string  `xml:"http://calendarserver.org/ns/ getctag"`
	SyncToken string  `xml:"DAV: sync-token"`
	Principal hrefs   `xml:"DAV: current-user-principal"`
	Homes     hrefs   `xml:"urn:ietf:params:xml:ns:carddav addressbook-home-set"`
	Card      *string `xml:"urn:ietf:params:xml:ns:carddav address-data"`
}

type hrefs struct {
	All []string `xml:"DAV: href"`
}

// href is the address of what a response is about.
func (r response) href() string {
	if len(r.Hrefs) == 0 {
		return ""
	}
	return strings.TrimSpace(r.Hrefs[0])
}

// good are the properties that the server has given.
func (r response) good() (all properties, any bool) {
	for _, part := range r.Parts {
		if statusOf(part.Status) == 200 {
			return part.Prop, true
		}
	}
	return all, false
}

// missing says that what was asked for is not there.
func (r response) missing() bool {
	for _, text := range append([]string{r.Status}, partStatuses(r.Parts)...) {
		if code := statusOf(text); code == 404 || code == 410 {
			return true
		}
	}
	return false
}

func partStatuses(parts []propstat) (all []string) {
	for _, p := range parts {
		all = append(all, p.Status)
	}
	return all
}

// statusOf is the code of a line such as "HTTP/1.1 200 OK"; 0 where there is none.
func statusOf(line string) (code int) {
	fields := strings.Fields(line)
	if len(fields) < 2 || len(fields[1]) != 3 {
		return 0
	}
	for _, r := range fields[1] {
		if r < '0' || r > '9' {
			return 0
		}
		code = 10*code + int(r-'0')
	}
	return code
}

// follow is the address that an href means, if whoever is asked there may get the password.
func follow(at *url.URL, href string) (*url.URL, error) {
	to, err := at.Parse(strings.TrimSpace(href))
	if err != nil || href == "" || to.Host == "" {
		return nil, errNoServer
	}
	to.Fragment, to.RawFragment, to.User = "", "", nil
	if !sameOwner(at, to) {
		return nil, elsewhere(to)
	}
	return to, nil
}

// The questions.
const (
	xmlHead = `<?xml version="1.0" encoding="utf-8"?>` + "\n"

	askWho = xmlHead + `<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><resourcetype/><displayname/><current-user-principal/>` +
		`<C:addressbook-home-set/></prop></propfind>`
	askBooks   = xmlHead + `<propfind xmlns="DAV:"><prop><resourcetype/><displayname/></prop></propfind>`
	askVersion = xmlHead + `<propfind xmlns="DAV:" xmlns:S="http://calendarserver.org/ns/"><prop><resourcetype/><S:getctag/><sync-token/></prop></propfind>`
	askTags    = xmlHead + `<propfind xmlns="DAV:"><prop><resourcetype/><getetag/></prop></propfind>`
)

// askCards asks for cards (RFC 6352, section 8.7).
func askCards(hrefs []string) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><getetag/><C:address-data/></prop>`)
	for _, href := range hrefs {
		b.WriteString("<href>")
		_ = xml.EscapeText(&b, []byte(href)) // a strings.Builder takes everything
		b.WriteString("</href>")
	}
	b.WriteString("</C:addressbook-multiget>")
	return b.String()
}
