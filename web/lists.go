package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store"
	"ringfence/store/lists"
)

// listHandlers are for lists of scam numbers and for files of them.
type listHandlers struct{ *Server }

func (s listHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/lists", see, s.lists},
		{"POST /h/{household}/lists/threshold", change, s.setThreshold},
		{"GET /h/{household}/list", see, s.list},
		{"POST /h/{household}/list/remove", change, s.removeList},
		{"GET /h/{household}/list/export", see, s.exportList},
		{"POST /h/{household}/lists/import", change, s.importList},
		{"GET /h/{household}/lists/reading/{reading}", change, s.readingList},
		{"GET /h/{household}/lists/import/{import}", change, s.previewList},
		{"POST /h/{household}/lists/import/{import}", change, s.acceptList},
		{"POST /h/{household}/lists/import/{import}/drop", change, s.dropList},
	}
}

// listsPage is the household's shared lists, and how sure one must be.
type listsPage struct {
	Lists     []listRow
	Sure      optionInput // how sure a list must be
	SureWas   string
	Import    importForm
	Subscribe subscribeForm
}

// importForm is a list as somebody is about to import it.
type importForm struct{ Name, Form, Wrong string }

// Forms are the kinds of files to choose from.
func (f importForm) Forms() []option {
	all := []option{{"", "What its contents tell", "", f.Form == ""}}
	for _, form := range forms.Forms() {
		title := form.Title()
		all = append(all, option{string(form), strings.ToUpper(title[:1]) + title[1:], "", f.Form == string(form)})
	}
	return all
}

// listRow is a list as the page shows it.
type listRow struct {
	lists.List
	store.ListHits
	Entries string // how many, with commas
	Fresh   string // how old it is, in words
	Old     bool
	Sub     *subRow // nil: it was imported
}

// oldList is from when on a list is so old that people should be told. Scam callers change their numbers within days and weeks.
const oldList = 60 * 24 * time.Hour

func (s listHandlers) lists(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.listsOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "lists", "blocks", "Lists of scam numbers", data)
}

func (s listHandlers) listsOf(r *http.Request, v *visit) (page listsPage, err error) {
	if page.Lists, err = s.listRows(r, v); err != nil {
		return page, err
	}
	chosen, err := s.admin(v).Chosen(r.Context())
	o, _ := household.OptionByName("threshold")
	page.Sure, page.SureWas = inputOf(o, chosen, nil), chosen.Seen(o)
	return page, err
}

// listRows are a household's lists by name, those among them that it is subscribed to and has not got yet.
func (s *Server) listRows(r *http.Request, v *visit) (rows []listRow, err error) {
	all, err := s.Store.Lists.All(r.Context(), v.Household.Name)
	if err != nil {
		return nil, err
	}
	hits, err := s.Store.ListHits(r.Context(), v.Household.Name)
	if err != nil {
		return nil, err
	}
	subs, err := s.Store.Lists.Subscriptions(r.Context(), v.Household.Name)
	if err != nil {
		return nil, err
	}
	for _, sub := range subs {
		i := slices.IndexFunc(all, func(l lists.List) bool { return l.Name == sub.List })
		if i < 0 {
			all = append(all, lists.List{Name: sub.List, Source: sub.URL, Imported: sub.Begun})
		}
	}
	slices.SortStableFunc(all, func(a, b lists.List) int { return strings.Compare(a.Name, b.Name) })
	for _, l := range all {
		row := v.listRow(l)
		row.ListHits = hits[l.Name]
		if i := slices.IndexFunc(subs, func(sub lists.Subscription) bool { return l.Name == sub.List }); i >= 0 {
			row.Sub, row.Old = v.subRow(subs[i]), false
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// listRow is one of them.
func (s *Server) listRow(r *http.Request, v *visit, name string) (listRow, error) {
	rows, err := s.listRows(r, v)
	for _, row := range rows {
		if row.Name == name {
			return row, nil
		}
	}
	if err == nil {
		err = errNotThere
	}
	return listRow{}, err
}

func (v *visit) listRow(l lists.List) listRow {
	return listRow{List: l, Entries: screening.Thousands(int64(l.Entries)), Fresh: v.fresh(l.Imported), Old: v.Now.Sub(l.Imported) > oldList}
}

// fresh says how old a list is.
func (v *visit) fresh(imported time.Time) string {
	switch days := daysBetween(v.In(imported), v.In(v.Now)); {
	case days <= 0:
		return "from today"
	case days == 1:
		return "from yesterday"
	case days < 14:
		return fmt.Sprintf("%d days old", days)
	case days < 60:
		return fmt.Sprintf("%d weeks old", days/7)
	case days < 730:
		return fmt.Sprintf("%d months old", days/30)
	default:
		return fmt.Sprintf("%d years old", days/365)
	}
}

func (s listHandlers) setThreshold(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.setOptions(r, v, map[string]string{"threshold": r.PostFormValue("threshold")})
	return s.tell(w, r, v, v.Path("lists"), done, err)
}

// entryLine is a number of a list as a table shows it.
type entryLine struct {
	Written, Category, Note string
	Percent                 int
}

// entryTable is what the shared part "entries" gets.
type entryTable struct {
	Label string
	Rows  []entryLine
}

// listPage is one list.
type listPage struct {
	listRow
	First []entryLine
	More  string // how many numbers it has beside those
}

// shownEntries is how many numbers of a list its page shows.
const shownEntries = 100

// list shows one list. Its name may be anything, so it stands in the query: "..", for example, would be another address.
func (s listHandlers) list(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := r.FormValue("name")
	row, err := s.listRow(r, v, name)
	if err != nil {
		return err
	}
	page, l := listPage{listRow: row}, row.List
	var entries []lists.Entry
	if page.Sub == nil || page.Sub.Serial != 0 {
		if entries, err = s.Store.Lists.Entries(r.Context(), v.Household.Name, name, shownEntries); err != nil {
			return err
		}
	}
	page.First = v.entryLines(entries)
	if more := l.Entries - len(entries); more > 0 {
		page.More = screening.Thousands(int64(more))
	}
	return s.show(w, r, v, "list", "blocks", name, page)
}

func (s listHandlers) listOf(r *http.Request, v *visit, name string) (lists.List, error) {
	all, err := s.Store.Lists.All(r.Context(), v.Household.Name)
	for _, l := range all {
		if l.Name == name {
			return l, nil
		}
	}
	if err == nil {
		err = errNotThere
	}
	return lists.List{}, err
}

func (s listHandlers) removeList(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.admin(v).RemoveList(r.Context(), r.FormValue("name"))
	return s.tell(w, r, v, v.Path("lists"), done, err)
}
