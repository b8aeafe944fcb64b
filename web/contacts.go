package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/store"
	"ringfence/web/backend"
)

// contactHandlers are for contacts, one by one and from address books.
type contactHandlers struct{ *Server }

func (s contactHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/contacts", backend.See, s.contacts},
		{"GET /h/{household}/contacts/export", backend.See, s.export},
		{"GET /h/{household}/contacts/new", backend.Change, s.newContact},
		{"POST /h/{household}/contacts/new", backend.Change, s.saveContact},
		{"GET /h/{household}/contacts/{contact}", backend.See, s.contact},
		{"POST /h/{household}/contacts/{contact}", backend.Change, s.saveContact},
		{"POST /h/{household}/contacts/{contact}/remove", backend.Change, s.do(at("contacts"), removeContact)},
		{"GET /h/{household}/contacts/import", backend.Change, s.page(importView())},
		{"POST /h/{household}/contacts/import", backend.Change, s.upload},
		{"GET /h/{household}/contacts/import/preview/{upload}", backend.Change, s.preview},
		{"POST /h/{household}/contacts/import/preview/{upload}", backend.Change, s.importSelected},
		{"GET /h/{household}/contacts/import/preview/{upload}/columns", backend.Change, s.askColumns},
		{"POST /h/{household}/contacts/import/preview/{upload}/columns", backend.Change, s.chooseColumns},
		{"POST /h/{household}/contacts/imports/{book}/undo", backend.Change, s.do(at("contacts"), withID("book", household.Admin.UndoImport))},
	}
}

// Recent callers who are not contacts are suggested as contacts.
const (
	recentSince = 7 * 24 * time.Hour
	recentMost  = 6
)

// contacts is the page with a household's contacts.
type contacts struct {
	Find    string // what is looked for; "" is nothing
	All     int
	Letters []letter // of all contacts that were found
	Shown   []letter // those on this page
	Recent  []recent
	Imports []importRow
	Formats []addressbook.Format // in which they can be downloaded
}

// letter is the contacts whose names begin with it.
type letter struct {
	ID, Name string // "#" for names that begin with none
	To       string // address
	Chosen   bool
	found    []store.Contact
	Contacts []contactRow // the same as rows, if they are on this page
}

// onePage is how many contacts one page shows. If there are more, it shows one letter at a time.
const onePage = 300

type contactRow struct {
	store.Contact
	Path    string
	Shown   string   // what the contact is called
	Numbers []string // as people of the region write them
}

// recent is somebody who has rung and is not a contact.
type recent struct {
	Number, Name, When, Times string
	Add, Call                 string // addresses
}

// importRow is an import that can be undone.
type importRow struct {
	store.ContactImport
	Path string
}

func (s contactHandlers) contacts(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	all, err := s.Store.Contacts(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	data := contacts{Find: screening.CleanLine(r.URL.Query().Get("find"), 100), All: len(all), Formats: addressbook.Formats()}
	data.Letters = byLetter(all, data.Find)
	data.choose(v, r.URL.Query().Get("letter"))
	if data.Find == "" && v.CanChange() {
		if data.Recent, err = s.recentCallers(r.Context(), v); err != nil {
			return err
		}
		imports, err := s.Store.ContactImports(r.Context(), v.Household.Name)
		if err != nil {
			return err
		}
		for _, i := range imports[:min(len(imports), 3)] {
			data.Imports = append(data.Imports, importRow{i, v.Path("contacts", "imports", strconv.FormatInt(i.ID, 10), "undo")})
		}
	}
	return s.show(w, r, v, "contacts", "contacts", "Contacts", data)
}

// choose puts all contacts on the page, or those of one letter if there are too many.
func (c *contacts) choose(v *backend.Visitor, name string) {
	n := 0
	for i := range c.Letters {
		c.Letters[i].To = "#" + c.Letters[i].ID
		n += len(c.Letters[i].found)
	}
	c.Shown = c.Letters
	if n > onePage {
		chosen := max(0, slices.IndexFunc(c.Letters, func(l letter) bool { return l.Name == name }))
		for i := range c.Letters {
			query := url.Values{"letter": {c.Letters[i].Name}}
			if c.Find != "" {
				query.Set("find", c.Find)
			}
			c.Letters[i].To, c.Letters[i].Chosen = v.Path("contacts")+"?"+query.Encode(), i == chosen
		}
		c.Shown = c.Letters[chosen : chosen+1]
	}
	for i := range c.Shown {
		for _, one := range c.Shown[i].found {
			c.Shown[i].Contacts = append(c.Shown[i].Contacts, toContactRow(v, one))
		}
	}
}

func toContactRow(v *backend.Visitor, c store.Contact) contactRow {
	row := contactRow{Contact: c, Path: v.Path("contacts", strconv.FormatInt(c.ID, 10)), Shown: c.Called(v.Household.Region)}
	for _, n := range c.Numbers {
		row.Numbers = append(row.Numbers, v.National(n))
	}
	return row
}

// byLetter groups the contacts that match by the first letter of their names.
func byLetter(all []store.Contact, find string) []letter {
	var letters []letter
	at := map[string]int{}
	for _, c := range all {
		if !found(c, find) {
			continue
		}
		name := "#"
		if first, _ := utf8.DecodeRuneInString(c.Name); unicode.IsLetter(first) {
			name = strings.ToUpper(string(first))
		}
		if _, there := at[name]; !there {
			at[name] = len(letters)
			letters = append(letters, letter{ID: "letter-" + strconv.Itoa(len(letters)), Name: name})
		}
		here := &letters[at[name]]
		here.found = append(here.found, c)
	}
	return letters
}

// found says whether a contact matches: every word has to be in its name or notes, and digits in one of its numbers, however they are
// written, with the country code or with a 0 in its place.
func found(c store.Contact, find string) bool {
	text := strings.ToLower(c.Name + "\n" + c.Notes)
	has := func(wanted string) bool {
		if start, internal := screening.InternalPiece(wanted); internal {
			return slices.ContainsFunc(c.Numbers, func(n screening.Number) bool { return strings.HasPrefix(string(n), start) })
		}
		wanted = strings.TrimLeft(onlyDigits(wanted), "0")
		return len(wanted) >= 2 && slices.ContainsFunc(c.Numbers, func(n screening.Number) bool { return strings.Contains(string(n), wanted) })
	}
	if strings.Trim(find, "0123456789 +()-./*") == "" && has(find) {
		return true
	}
	for word := range strings.FieldsSeq(strings.ToLower(find)) {
		if !strings.Contains(text, word) && !(strings.Trim(word, "0123456789+()-./*") == "" && has(word)) {
			return false
		}
	}
	return true
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// recentCallers are callers of the last days whom a carer may want to make contacts.
func (s contactHandlers) recentCallers(ctx context.Context, v *backend.Visitor) ([]recent, error) {
	callers, err := s.Store.RecentStrangers(ctx, v.Household.Name, v.Now.Add(-recentSince), recentMost)
	if err != nil || len(callers) == 0 {
		return nil, err
	}
	names, err := s.Store.CallerNames(ctx, v.Household.Name)
	if err != nil {
		return nil, err
	}
	var all []recent
	for _, c := range callers {
		name := names[c.Number]
		if name == "" {
			name = c.Name
		}
		row := recent{Number: v.National(c.Number), Name: name, When: v.When(c.At), Call: v.Path("calls", strconv.FormatInt(c.Call, 10))}
		if c.Calls > 1 {
			row.Times = backend.Words(c.Calls) + " times this week, last "
		}
		row.Add = v.Path("contacts", "new") + "?" + url.Values{"number": {string(c.Number)}, "name": {name}}.Encode()
		all = append(all, row)
	}
	return all, nil
}

// contactsAs sends all contacts as a file.
func (s contactHandlers) export(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	format, known := addressbook.FormatNamed(r.FormValue("form"))
	if !known {
		return backend.Refuse("Choose what the contacts are for.")
	}
	all, err := s.Store.Contacts(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	return s.SendFile(w, r, "contacts"+format.Ending, format.MIME, func(w io.Writer) error { return format.Write(w, all, v.Household.Region) })
}
