package web

import (
	"fmt"
	"net/http"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// listHandlers are for lists of scam numbers and for files of them.
type listHandlers struct{ *Server }

func (s listHandlers) routes() []route {
	threshold, _ := household.OptionByName("threshold")
	return []route{
		{"GET /h/{household}/lists", backend.See, s.page(s.view(listsPage{}))},
		{"POST /h/{household}/lists/threshold", backend.Change, s.tryOn(s.view(listsPage{}), at("lists"), setOptions(threshold))},
		{"GET /h/{household}/list", backend.See, s.list},
		{"POST /h/{household}/list/remove", backend.Change, s.do(at("lists"), withField("name", household.Admin.RemoveList))},
		{"GET /h/{household}/list/export", backend.See, s.exportList},
		{"POST /h/{household}/lists/import", backend.Change, s.importList},
		{"GET /h/{household}/lists/reading/{reading}", backend.Change, s.readingList},
		{"GET /h/{household}/lists/import/{import}", backend.Change, s.previewList},
		{"POST /h/{household}/lists/import/{import}", backend.Change, s.acceptList},
		{"GET /h/{household}/lists/import/{import}/columns", backend.Change, s.askColumns},
		{"POST /h/{household}/lists/import/{import}/columns", backend.Change, s.chooseColumns},
		{"POST /h/{household}/lists/import/{import}/drop", backend.Change, s.dropList},
	}
}

// listsPage is the household's shared lists, and how sure a list must be to turn callers away.
type listsPage struct {
	Lists     []listRow
	Ready     []readyRow  // lists that come with Ringfence, for this country
	Sure      optionInput // how sure a list must be
	SureWas   string
	Import    importForm
	Subscribe subscribeForm
}

// importForm is a list as somebody is about to import it.
type importForm struct{ Name, Form, Wrong string }

// Forms are the kinds of files to choose from.
func (f importForm) Forms() []option {
	all := []option{{"", "Find out from the file", "", f.Form == ""}}
	for _, form := range forms.Forms() {
		all = append(all, option{string(form), screening.Capital(form.Title()), "", f.Form == string(form)})
	}
	return all
}

// listRow is a list as the page shows it.
type listRow struct {
	backend.List
	Numbers string // how many, with commas
	Age     string // in words
	Old     bool
	Sub     *subRow // nil: it was imported
}

// oldList is the age from which a page warns that a list is old. Scam callers change their numbers within days and weeks.
const oldList = 60 * 24 * time.Hour

// view is the page of all lists, with the forms that have been filled in.
func (s listHandlers) view(filled listsPage) view {
	return viewOf("lists", "blocks", "Lists of scam numbers", func(r *http.Request, v *backend.Visitor) (listsPage, error) {
		page := filled
		all, err := s.HouseholdLists(r.Context(), v.Household.Name)
		if err != nil {
			return page, err
		}
		for _, l := range all {
			page.Lists = append(page.Lists, toListRow(v, l))
		}
		if page.Ready, err = readyRows(v, all); err != nil {
			return page, err
		}
		chosen, err := s.Admin(v).Chosen(r.Context())
		o, _ := household.OptionByName("threshold")
		page.Sure, page.SureWas = inputOf(o, chosen, nil), chosen.Seen(o)
		return page, err
	})
}

func toListRow(v *backend.Visitor, l backend.List) listRow {
	row := listRow{List: l, Numbers: screening.Thousands(l.Entries), Age: ageOf(v, l.Imported)}
	if l.Subscription != nil {
		row.Sub = toSubRow(v, *l.Subscription)
	} else {
		row.Old = v.Now.Sub(l.Imported) > oldList
	}
	return row
}

// ageOf says how old a list is.
func ageOf(v *backend.Visitor, imported time.Time) string {
	switch days := backend.DaysBetween(v.In(imported), v.In(v.Now)); {
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

// entryLine is a number on a list as a table shows it.
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
	More  string       // how many other numbers it has
	Held  *heldChanges // nil: nothing waits for somebody
}

// shownEntries is how many numbers of a list its page shows.
const shownEntries = 100

// list shows one list. Its name may be anything, so it is in the query: as part of the path ".." would be another address.
func (s listHandlers) list(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name := r.FormValue("name")
	l, err := s.ListNamed(r.Context(), v.Household.Name, name)
	if err != nil {
		return err
	}
	page := listPage{listRow: toListRow(v, l)}
	var entries []lists.Entry
	if page.Sub == nil || page.Sub.Serial != 0 {
		if entries, err = s.Store.Lists.Entries(r.Context(), v.Household.Name, name, shownEntries); err != nil {
			return err
		}
	}
	if page.Held, err = s.heldChanges(r, v, page.Sub); err != nil {
		return err
	}
	page.First = entryLines(v, entries)
	if more := l.Entries - len(entries); more > 0 {
		page.More = screening.Thousands(more)
	}
	return s.show(w, r, v, "list", "blocks", name, page)
}
