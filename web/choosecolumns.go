package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"ringfence/sharing/addressbook"
	"ringfence/sharing/columns"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// Where a table does not show which of its columns have the numbers, the page asks. The file stays here meanwhile, so nobody has to send it twice.

// maxKept is how large a table is kept, in bytes, for somebody to choose its columns. One of 20,000 people has two megabytes.
const maxKept = 4 << 20

// kept is the beginning of a file that is being read.
type kept struct {
	text bytes.Buffer
	over bool // it is larger than what is kept
}

func (k *kept) Write(b []byte) (int, error) {
	if k.over = k.over || k.text.Len()+len(b) > maxKept; k.over {
		k.text = bytes.Buffer{}
	} else {
		k.text.Write(b)
	}
	return len(b), nil
}

// columnsPage asks for the columns with the numbers.
type columnsPage struct {
	Action, Again string // where the answer goes, and where another file is chosen
	Source        string
	Why           string
	Columns       []columnChoice
	Rows          string // the column that may say that some rows are no scam
}

type columnChoice struct {
	columns.Column
	Value  int // counting from 1
	Chosen bool
}

// choicesOf are all columns, those that could be meant first.
func choicesOf(all, likely, chosen []columns.Column) (choices []columnChoice) {
	among := func(c columns.Column, some []columns.Column) bool {
		return slices.ContainsFunc(some, func(other columns.Column) bool { return other.Index == c.Index })
	}
	for _, first := range []bool{true, false} {
		for _, c := range all {
			if among(c, likely) == first {
				choices = append(choices, columnChoice{c, c.Index + 1, among(c, chosen)})
			}
		}
	}
	return choices
}

// with is the page with the columns that a question is about, or else with those of a choice that can be changed.
func (p columnsPage) with(q *columns.Question, c columns.Choice) columnsPage {
	if q == nil {
		p.Columns = choicesOf(c.All, c.Numbers, c.Numbers)
		return p
	}
	p.Why, p.Rows, p.Columns = q.Why+".", q.Rows, choicesOf(q.All, q.Candidates, nil)
	return p
}

// columnsOf are the columns that somebody has chosen on a page.
func columnsOf(r *http.Request) (all []string) {
	for _, text := range r.PostForm["column"] {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			all = append(all, strconv.Itoa(n))
		}
	}
	return all
}

// columnsOfBook is the page for the columns of an address book.
func (s contactHandlers) columnsOfBook(r *http.Request, v *backend.Visitor, one upload) columnsPage {
	return columnsPage{
		Action: v.Path("contacts", "import", "preview", r.PathValue("upload"), "columns"), Again: v.Path("contacts", "import"), Source: one.source,
	}.with(one.question, one.book.Choice)
}

// askColumns shows the columns of a table, to choose those with the numbers.
func (s contactHandlers) askColumns(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	one, err := s.uploaded(r, v)
	if err != nil {
		return err
	}
	if one.file == nil {
		return backend.ErrNotFound
	}
	return s.show(w, r, v, "import-columns", "contacts", "Which column?", s.columnsOfBook(r, v, one))
}

// chooseColumns reads the table once more, with the columns that somebody has chosen.
func (s contactHandlers) chooseColumns(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	one, err := s.uploaded(r, v)
	if err != nil {
		return err
	}
	if one.file == nil {
		return backend.ErrNotFound
	}
	if err := r.ParseForm(); err != nil {
		return backend.Refuse("That could not be read: go back, and try once more.")
	}
	again := func(why string) error {
		return s.showAgain(w, v, "import-columns", "contacts", "Which column?", s.columnsOfBook(r, v, one), why)
	}
	chosen := columnsOf(r)
	if len(chosen) == 0 {
		return again("Choose a column first.")
	}
	book, err := addressbook.Read(bytes.NewReader(one.file), addressbook.Options{Region: v.Household.Region, Columns: chosen})
	if err != nil {
		return again(backend.Because(err).Error())
	}
	http.Redirect(w, r, v.Path("contacts", "import", "preview", s.uploads.put(v, upload{source: one.source, book: book, file: one.file})), http.StatusSeeOther)
	return nil
}

// askOf is what a file leaves open, if an error is that; nil otherwise.
func askOf(err error) *columns.Question {
	var q *columns.Question
	if errors.As(err, &q) && q.Open() {
		return q
	}
	return nil
}

// readingAsked is a list of which somebody can choose the columns: it has been read, and its file is still here.
func (s listHandlers) readingAsked(r *http.Request, v *backend.Visitor) (*reading, error) {
	one, found := s.reading.find(v, r.PathValue("import"))
	if !found || !one.isDone() || askOf(one.err) == nil && len(one.choice.All) == 0 {
		return nil, backend.RefuseAs(http.StatusNotFound, "This list is not kept any more. Nothing was changed: choose the file once more.")
	}
	return one, nil
}

// columnsOfList is the page for the columns of a list.
func (s listHandlers) columnsOfList(r *http.Request, v *backend.Visitor, one *reading) columnsPage {
	return columnsPage{
		Action: v.Path("lists", "import", r.PathValue("import"), "columns"), Again: v.Path("lists"), Source: one.source,
	}.with(askOf(one.err), one.choice)
}

// askColumns shows the columns of a table, to choose that with the callers' numbers.
func (s listHandlers) askColumns(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	one, err := s.readingAsked(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "import-columns", "blocks", "Which column?", s.columnsOfList(r, v, one))
}

// chooseColumns reads the list once more, with the columns that somebody has chosen. What was read before is dropped.
func (s listHandlers) chooseColumns(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	one, err := s.readingAsked(r, v)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return backend.Refuse("That could not be read: go back, and try once more.")
	}
	next := &reading{done: make(chan struct{}), name: one.name, source: one.source, form: one.form, file: one.file, all: one.all, columns: columnsOf(r), allRows: one.allRows || r.PostForm.Get("all_rows") != ""}
	asked := askOf(one.err)
	if asked != nil && asked.Rows != "" {
		next.columns = one.columns
	}
	switch {
	case len(next.columns) == 0 && (asked == nil || asked.Rows == ""):
		return s.showAgain(w, v, "import-columns", "blocks", "Which column?", s.columnsOfList(r, v, one), "Choose a column first.")
	case asked != nil && asked.Rows != "" && !next.allRows:
		return s.showAgain(w, v, "import-columns", "blocks", "Which column?", s.columnsOfList(r, v, one), "Tick that all rows are imported, or choose a file without the others.")
	}
	select {
	case s.readers <- struct{}{}:
	default:
		return backend.Refuse("Other lists are being read at this moment: try it again in a minute.")
	}
	s.reading.drop(r.PathValue("import"))
	if one.err == nil {
		if err := s.Store.Lists.Drop(r.Context(), v.Household.Name, one.preview.ID); err != nil && !errors.Is(err, lists.ErrNoPrepared) {
			<-s.readers
			return err
		}
	}
	if _, err := next.file.Seek(0, io.SeekStart); err != nil {
		<-s.readers
		return err
	}
	return s.await(w, r, v, next)
}
