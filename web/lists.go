package web

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/store"
)

func (s *Server) listsRoutes() []route {
	return []route{
		{"GET /h/{household}/lists", see, s.lists},
		{"POST /h/{household}/lists/threshold", change, s.setThreshold},
		{"POST /h/{household}/lists/import", change, s.importList},
		{"GET /h/{household}/lists/import/{import}", change, s.previewList},
		{"POST /h/{household}/lists/import/{import}", change, s.acceptList},
		{"POST /h/{household}/lists/import/{import}/drop", change, s.dropList},
		{"GET /h/{household}/list", see, s.list},
		{"POST /h/{household}/list/remove", change, s.removeList},
	}
}

// listsPage is the household's shared lists, and how sure one must be.
type listsPage struct {
	Lists  []listRow
	Sure   []sureness
	Import importForm
}

// importForm is a list as somebody is about to import it.
type importForm struct{ Name, Wrong string }

// listRow is a list as the page shows it.
type listRow struct {
	store.List
	Entries string // how many, with commas
	Fresh   string // how old it is, in words
	Old     bool
}

// sureness is a threshold that can be chosen.
type sureness struct {
	option
	Percent int
}

// oldList is from when on a list is so old that people should be told. Scam callers change their numbers within days and weeks.
const oldList = 60 * 24 * time.Hour

func (s *Server) lists(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.listsOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "lists", "blocks", "Lists of scam numbers", data)
}

func (s *Server) listsOf(r *http.Request, v *visit) (page listsPage, err error) {
	lists, err := s.Store.Lists(r.Context(), v.Household.Name)
	if err != nil {
		return page, err
	}
	for _, l := range lists {
		page.Lists = append(page.Lists, v.listRow(l))
	}
	house, err := s.Store.Household(r.Context(), v.Household.Name)
	page.Sure = surenesses(house.SureFrom())
	return page, err
}

func (v *visit) listRow(l store.List) listRow {
	return listRow{l, screening.Thousands(int64(l.Entries)), v.fresh(l.Imported), v.Now.Sub(l.Imported) > oldList}
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

// surenesses are the thresholds to choose from, with the one that holds if it is another.
func surenesses(now float64) (all []sureness) {
	found := false
	for _, s := range []struct {
		label string
		from  float64
		means string
	}{
		{"Careful", 0.8, "Fewest mistakes: only numbers that a list is very sure of are turned away."},
		{"Usual", screening.DefaultThreshold, "A number is turned away when it is more likely a scam than not."},
		{"Strict", 0.3, "Most scams are stopped, and now and then somebody honest is turned away."},
	} {
		chosen := s.from == now
		found = found || chosen
		all = append(all, sureness{option{strconv.FormatFloat(s.from, 'g', -1, 64), s.label, s.means, chosen}, screening.Percent(s.from)})
	}
	if !found {
		all = append(all, sureness{option{strconv.FormatFloat(now, 'g', -1, 64), "As it is now", "Somebody has chosen this with the command line.", true}, screening.Percent(now)})
	}
	return all
}

func (s *Server) setThreshold(w http.ResponseWriter, r *http.Request, v *visit) error {
	threshold, err := strconv.ParseFloat(r.FormValue("threshold"), 64)
	if err != nil {
		return refused("Choose how sure a list must be.")
	}
	before, err := s.Store.SetThreshold(r.Context(), v.Household.Name, threshold)
	if err != nil {
		return refused("%s", sentence(err))
	}
	now := screening.Household{Threshold: threshold}.SureFrom()
	told := fmt.Sprintf("From now on a list turns callers away when it is at least %d %% sure.", screening.Percent(now))
	if err := s.changed(r.Context(), v, "threshold-changed", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("lists"), told, &undo{v.Path("lists", "threshold"), map[string]string{"threshold": strconv.FormatFloat(before, 'g', -1, 64)}})
}

// maxListFile is how large a list may be that comes through a browser, in bytes: half a million numbers, which are read while
// somebody waits. A larger one takes `ringfence list import`.
const maxListFile = 8 << 20

// shownRefusals is how many of the lines that are wrong the page names.
const shownRefusals = 50

// preview is what somebody sees of a list before it is in force. It stands in their session.
type preview struct {
	Household    string
	ID           int64
	Name, Source string
	Sure         int // numbers that it is sure enough of to turn them away
	Prefixes     int
	Refused      int
	Refusals     []string // the first of them
	First        []entryLine
	From         int // the threshold, in per cent
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

const sessionPreview = "list-import"

// importList reads a list beside what is in force, and shows what it would change.
func (s *Server) importList(w http.ResponseWriter, r *http.Request, v *visit) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxListFile+64<<10)
	name, file, err := uploadedList(r)
	form := importForm{Name: name}
	if err != nil {
		return s.importAgain(w, r, v, form, err)
	}
	house, err := s.Store.Household(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	p := preview{Household: v.Household.Name, Name: name, Source: file.name, From: screening.Percent(house.SureFrom())}
	read := &sharing.Import{Region: v.Household.Region}
	p.ID, err = s.Store.PrepareList(r.Context(), v.Household.Name, name, file.name, p.count(v, house.SureFrom(), read.Entries(file)))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return s.importAgain(w, r, v, form, fmt.Errorf("the file is larger than %d MB: whoever looks after the machine can import it with `ringfence list import`", maxListFile>>20))
	case errors.Is(err, sharing.ErrUnfit):
		return s.importAgain(w, r, v, form, err)
	case err != nil && read.Broken() != nil:
		return s.importAgain(w, r, v, form, read.Broken())
	case err != nil:
		return err
	}
	p.Refused = read.Refused
	for _, one := range read.Refusals[:min(len(read.Refusals), shownRefusals)] {
		p.Refusals = append(p.Refusals, one.String())
	}
	if err := s.remember(r, sessionPreview, p); err != nil {
		return err
	}
	http.Redirect(w, r, v.Path("lists", "import", strconv.FormatInt(p.ID, 10)), http.StatusSeeOther)
	return nil
}

func (s *Server) importAgain(w http.ResponseWriter, r *http.Request, v *visit, form importForm, wrong error) error {
	data, err := s.listsOf(r, v)
	if err != nil {
		return err
	}
	form.Wrong = sentence(wrong)
	data.Import = form
	return s.showAgain(w, v, "lists", "blocks", "Lists of scam numbers", data, form.Wrong)
}

// listFile is a list that is being uploaded.
type listFile struct {
	io.Reader
	name string
}

// uploadedList reads a form as it comes in: the list's name, and after it the file, which is read by whoever imports it.
func uploadedList(r *http.Request) (name string, file listFile, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return "", listFile{}, errors.New("choose the file with the list")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return name, listFile{}, errors.New("choose the file with the list")
		}
		if err != nil {
			return name, listFile{}, errors.New("the file did not arrive whole: try it once more")
		}
		switch part.FormName() {
		case "name":
			text, err := io.ReadAll(io.LimitReader(part, 1000))
			if err != nil {
				return "", listFile{}, errors.New("the file did not arrive whole: try it once more")
			}
			name = strings.TrimSpace(string(text))
		case "file":
			file = listFile{part, baseName(part.Header.Get("Content-Disposition"))}
			if file.name == "" {
				return name, listFile{}, errors.New("choose the file with the list")
			}
			if name == "" {
				name = strings.TrimSuffix(file.name, path.Ext(file.name))
			}
			return name, file, goodListName(name)
		}
	}
}

// baseName is the name of an uploaded file without folders: it is shown, and used for nothing else.
func baseName(disposition string) string {
	_, parameters, err := mime.ParseMediaType(disposition)
	if err != nil || parameters["filename"] == "" {
		return ""
	}
	name := parameters["filename"]
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// maxListName is how long the name of a list is at most, in characters: it stands in reasons that people read.
const maxListName = 40

func goodListName(name string) error {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxListName || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return fmt.Errorf("the name of a list has at most %d characters", maxListName)
	}
	return nil
}

// count passes entries on, and counts them for the preview.
func (p *preview) count(v *visit, sure float64, entries iter.Seq2[store.Entry, error]) iter.Seq2[store.Entry, error] {
	const shown = 8
	return func(yield func(store.Entry, error) bool) {
		for e, err := range entries {
			if err == nil {
				if e.Confidence >= sure {
					p.Sure++
				}
				written := v.written(e.Digits)
				if e.Prefix {
					p.Prefixes++
					written = "+" + e.Digits + "…"
				}
				if len(p.First) < shown {
					p.First = append(p.First, entryLine{written, e.Category, e.Note, screening.Percent(e.Confidence)})
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// previewOf is the preview that an address names, if it is this person's own.
func (s *Server) previewOf(r *http.Request, v *visit) (p preview, err error) {
	there, err := s.recall(r, sessionPreview, &p)
	if err != nil {
		return p, err
	}
	if !there || p.Household != v.Household.Name || strconv.FormatInt(p.ID, 10) != r.PathValue("import") {
		return p, errNotThere
	}
	return p, nil
}

// noPrepared makes the store's error about contents that are gone the page's.
func noPrepared(err error) error {
	if errors.Is(err, store.ErrNoPrepared) {
		return fault{http.StatusNotFound, sentence(err)}
	}
	return err
}

// previewPage is a list that is about to be in force.
type previewPage struct {
	preview
	store.PreparedList
	Numbers string
	Now     *listRow // what it replaces
}

func (s *Server) previewList(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	found, err := s.Store.PreparedList(r.Context(), v.Household.Name, p.ID)
	if err != nil {
		return noPrepared(err)
	}
	page := previewPage{preview: p, PreparedList: found, Numbers: screening.Thousands(int64(found.Entries))}
	if found.Replaces != nil {
		row := v.listRow(*found.Replaces)
		page.Now = &row
	}
	return s.show(w, r, v, "list-import", "blocks", "Take up this list?", page)
}

func (s *Server) acceptList(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	if err := s.Store.AcceptList(r.Context(), v.Household.Name, p.ID, p.Source); err != nil {
		return noPrepared(err)
	}
	told := "The list " + p.Name + " is in use."
	if err := s.changed(r.Context(), v, "list-imported", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("lists"), told, nil)
}

func (s *Server) dropList(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	if err := s.Store.DropList(r.Context(), v.Household.Name, p.ID); err != nil {
		return noPrepared(err)
	}
	return s.done(w, r, v.Path("lists"), "Nothing was changed.", nil)
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
func (s *Server) list(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := r.FormValue("name")
	l, err := s.listOf(r, v, name)
	if err != nil {
		return err
	}
	entries, err := s.Store.Numbers(r.Context(), v.Household.Name, name, shownEntries)
	if err != nil {
		return err
	}
	page := listPage{listRow: v.listRow(l)}
	for _, e := range entries {
		written := v.written(e.Digits)
		if e.Prefix {
			written = "+" + e.Digits + "…"
		}
		page.First = append(page.First, entryLine{written, e.Category, e.Note, screening.Percent(e.Confidence)})
	}
	if more := l.Entries - len(entries); more > 0 {
		page.More = screening.Thousands(int64(more))
	}
	return s.show(w, r, v, "list", "blocks", name, page)
}

func (s *Server) listOf(r *http.Request, v *visit, name string) (store.List, error) {
	lists, err := s.Store.Lists(r.Context(), v.Household.Name)
	for _, l := range lists {
		if l.Name == name {
			return l, nil
		}
	}
	if err == nil {
		err = errNotThere
	}
	return store.List{}, err
}

func (s *Server) removeList(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := r.FormValue("name")
	removed, err := s.Store.RemoveList(r.Context(), v.Household.Name, name)
	if err != nil {
		return err
	}
	if !removed {
		return fault{http.StatusNotFound, "This list is not there any more: somebody may have removed it meanwhile."}
	}
	told := "The list " + name + " is removed, with all its numbers."
	if err := s.changed(r.Context(), v, "list-removed", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("lists"), told, nil)
}
