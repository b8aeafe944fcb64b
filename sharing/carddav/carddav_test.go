package carddav

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-vcard"
	"github.com/emersion/go-webdav/carddav"

	"ringfence/store/lists"
)

// shelved are a server with a book, and that book.
func shelved(t *testing.T) (*httptest.Server, Book) {
	t.Helper()
	book := Book{Root: "/carddav/", Owner: "mum's house", Title: "Scam callers", Region: "GB", Numbers: []lists.Entry{
		{Digits: "442079460666", Confidence: 0.9, Category: "tech-support", Note: "says Microsoft; \"x\"\r\nEND:VCARD, and more"},
		{Digits: "12015550123", Confidence: 0.6, Category: "a;b;c"},
		{Digits: "441614960666", Confidence: 0.51},
	}}
	s := httptest.NewServer(Handler(book))
	t.Cleanup(s.Close)
	return s, book
}

// A client finds the book from its root, lists it, asks for all of it, for some, and for what has a word in it.
func TestAClientReadsTheBook(t *testing.T) {
	s, book := shelved(t)
	ctx := t.Context()
	c, err := carddav.NewClient(http.DefaultClient, s.URL+book.Root)
	ok(t, err)
	principal, err := c.FindCurrentUserPrincipal(ctx)
	ok(t, err)
	home, err := c.FindAddressBookHomeSet(ctx, principal)
	ok(t, err)
	books, err := c.FindAddressBooks(ctx, home)
	if err != nil || len(books) != 1 || books[0].Path != book.Path() || books[0].Name != "Scam callers" || !books[0].SupportsAddressData(vcard.MIMEType, "3.0") {
		t.Fatalf("%+v %v", books, err)
	}
	all, err := c.QueryAddressBook(ctx, books[0].Path, &carddav.AddressBookQuery{DataRequest: carddav.AddressDataRequest{AllProp: true}})
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v %v", all, err)
	}
	first := all[slices.IndexFunc(all, func(o carddav.AddressObject) bool { return strings.HasSuffix(o.Path, "442079460666.vcf") })]
	for field, want := range map[string]string{vcard.FieldFormattedName: "Scam: tech support, 020 7946 0666", vcard.FieldTelephone: "+442079460666",
		vcard.FieldUID: "ringfence-442079460666", vcard.FieldNote: `says Microsoft, "x" END:VCARD, and more (90% sure)`} {
		if got := first.Card.Value(field); got != want {
			t.Errorf("%s is %q, not %q", field, got, want)
		}
	}
	some, err := c.MultiGetAddressBook(ctx, books[0].Path, &carddav.AddressBookMultiGet{Paths: []string{first.Path, book.Path() + "999.vcf"}, DataRequest: carddav.AddressDataRequest{AllProp: true}})
	if err == nil && (len(some) != 1 || some[0].ETag != first.ETag) {
		t.Errorf("%+v", some)
	}
	one, err := c.GetAddressObject(ctx, first.Path)
	if err != nil || one.ETag != first.ETag || one.Card.Value(vcard.FieldTelephone) != "+442079460666" {
		t.Errorf("%+v %v", one, err)
	}
	found, err := c.QueryAddressBook(ctx, book.Path(), &carddav.AddressBookQuery{DataRequest: carddav.AddressDataRequest{AllProp: true}, PropFilters: []carddav.PropFilter{
		{Name: vcard.FieldFormattedName, TextMatches: []carddav.TextMatch{{Text: "tech", MatchType: carddav.MatchContains}}}}})
	if err != nil || len(found) != 1 {
		t.Errorf("%+v %v", found, err)
	}
	if err := c.RemoveAll(ctx, first.Path); err == nil {
		t.Error("a number can be removed")
	}
	if _, err := c.PutAddressObject(ctx, first.Path, first.Card); err == nil {
		t.Error("a number can be put there")
	}
	if err := c.Mkdir(ctx, home+"mine/"); err == nil {
		t.Error("another book can be made")
	}
}

// ask sends a request as it stands here.
func ask(t *testing.T, method, address, body string, headers ...string) (status int, header http.Header, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	ok(t, err)
	r.Header.Set("Content-Type", "application/xml")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	ok(t, err)
	defer func() { ok(t, answer.Body.Close()) }()
	all, err := io.ReadAll(answer.Body)
	ok(t, err)
	return answer.StatusCode, answer.Header, string(all)
}

// What devices send, byte for byte; and what can only do harm.
func TestRawRequests(t *testing.T) {
	s, book := shelved(t)
	at := s.URL + strings.ReplaceAll(book.Path(), " ", "%20")
	const etags = `<?xml version="1.0" encoding="UTF-8"?><A:propfind xmlns:A="DAV:"><A:prop><A:getetag/><A:resourcetype/></A:prop></A:propfind>`
	status, _, text := ask(t, "PROPFIND", at, etags, "Depth", "1")
	if status != http.StatusMultiStatus || strings.Count(text, "getetag>") != 2*3+2 && strings.Count(text, ".vcf") != 3 {
		t.Errorf("%d %s", status, text)
	}
	status, _, text = ask(t, "REPORT", at, fmt.Sprintf(`<?xml version="1.0"?><C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/><C:address-data/></D:prop>`+
		`<D:href>%s441614960666.vcf</D:href></C:addressbook-multiget>`, strings.ReplaceAll(book.Path(), " ", "%20")), "Depth", "1")
	if status != http.StatusMultiStatus || !strings.Contains(text, "+441614960666") || strings.Contains(text, "+442079460666") {
		t.Errorf("%d %s", status, text)
	}
	status, header, text := ask(t, http.MethodGet, at+"12015550123.vcf", "")
	if status != http.StatusOK || header.Get("ETag") == "" || !strings.Contains(text, "N:;Scam: a\\,b\\,c\\, +1 201-555-0123;;;\r\n") {
		t.Errorf("%d %v %q", status, header, text)
	}
	status, header, text = ask(t, http.MethodHead, at+"12015550123.vcf", "")
	if status != http.StatusOK || header.Get("ETag") == "" || text != "" {
		t.Errorf("%d %v %q", status, header, text)
	}
	for known, want := range map[string]int{header.Get("ETag"): 304, `"x", W/` + header.Get("ETag"): 304, "*": 304, `"x"`: 200, "x": 200} {
		if status, _, text := ask(t, http.MethodGet, at+"12015550123.vcf", "", "If-None-Match", known); status != want || (text == "") != (want == 304) {
			t.Errorf("with %s it is %d %q", known, status, text)
		}
	}
	if status, _, _ := ask(t, http.MethodGet, at+"1.vcf", "", "If-None-Match", "*"); status != http.StatusNotFound {
		t.Errorf("what is not there is answered %d", status)
	}
	if status, _, text := ask(t, "REPORT", at, `<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`); status < 400 || status >= 500 {
		t.Errorf("a way that is not there is answered %d %s", status, text)
	}
	status, header, _ = ask(t, http.MethodOptions, at, "")
	if allow := header.Get("Allow"); status != http.StatusNoContent || !strings.Contains(header.Get("DAV"), "addressbook") || strings.Contains(allow, "PUT") || strings.Contains(allow, "DELETE") {
		t.Errorf("%d %v", status, header)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPost, http.MethodPatch, "MKCOL", "PROPPATCH", "COPY", "MOVE", "LOCK", "TRACE"} {
		if status, header, _ := ask(t, method, at+"442079460666.vcf", "BEGIN:VCARD", "Destination", at); status != http.StatusMethodNotAllowed || header.Get("Allow") == "" {
			t.Errorf("%s is answered %d", method, status)
		}
	}
	for _, path := range []string{"/carddav/gran/books/scams/442079460666.vcf", book.Path() + "1.vcf", book.Path() + "../scams/1.vcf", book.Path() + "442079460666", book.home() + "other/442079460666.vcf"} {
		if status, _, _ := ask(t, http.MethodGet, s.URL+strings.ReplaceAll(path, " ", "%20"), ""); status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, status)
		}
	}
	for _, path := range []string{"/carddav/gran/", "/carddav/gran/books/", "/carddav/gran/books/scams/"} {
		if _, _, text := ask(t, "PROPFIND", s.URL+path, etags, "Depth", "infinity"); strings.Contains(text, ".vcf") {
			t.Errorf("%s shows another's book: %s", path, text)
		}
	}
	bomb := `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><propfind xmlns="DAV:"><prop><x>&b;</x></prop></propfind>`
	for what, body := range map[string]string{"a large request": "<?xml version=\"1.0\"?>" + strings.Repeat(" ", MaxRequest+1), "no XML": "x", "a bomb": bomb, "something else": `<x xmlns="DAV:"/>`} {
		for _, method := range []string{"PROPFIND", "REPORT"} {
			if status, _, _ := ask(t, method, at, body, "Depth", "0"); status < 400 {
				t.Errorf("%s with %s is answered %d", method, what, status)
			}
		}
	}
}

// A number keeps its ETag as long as nothing else is said of it.
func TestETags(t *testing.T) {
	e := lists.Entry{Digits: "442079460666", Confidence: 0.9}
	object := shelf{Book{Region: "GB"}}.object
	before := object(e).ETag
	if object(e).ETag != before {
		t.Error("the ETag is another each time")
	}
	e.Note = "x"
	if object(e).ETag == before {
		t.Error("the ETag stays, though there is another note")
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
