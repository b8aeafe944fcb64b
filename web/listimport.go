package web

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// Importing a list through a browser: it is read without touching the list in use, previewed, and then imported or dropped.

// shownChanges is how many numbers of each kind the preview shows.
const shownChanges = 8

// preview is what somebody sees of a list before it is in use.
type preview struct {
	ID           int64
	Name, Source string
	Form         string // what kind of file it is
	Columns      bool   // those of a table can be chosen
	Took, Not    string // which column of a table has the numbers, and which have somebody else's
	Sure         int    // numbers with enough confidence to be turned away
	Prefixes     int
	Refused      int
	Refusals     []string // the first of them
	From         int      // the threshold, in per cent

	// What it would change, and the first numbers of each kind.
	Added, Changed, Removed, Unchanged int
	New, Otherwise, Off                []entryLine
	Would                              *wouldPart // what it would have done to past calls; nil where that is not known
}

// atOnce is how long an upload waits for the list to be read. If that takes longer, a page shows the progress.
const atOnce = time.Second

// importList receives a list, has it read, and shows what it would change.
func (s listHandlers) importList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := receive(w, r, backend.MaxListFile, uploadTime); err != nil {
		return err
	}
	one, err := uploadedList(r)
	if err != nil {
		return s.importAgain(w, r, v, one, err)
	}
	select {
	case s.readers <- struct{}{}:
	default:
		return errors.Join(one.file.Close(), s.importAgain(w, r, v, one, backend.Refuse("Other lists are being read at this moment: try it again in a minute.")))
	}
	return s.await(w, r, v, one)
}

// await has a list read, and goes on with it, or shows how far it is.
func (s listHandlers) await(w http.ResponseWriter, r *http.Request, v *backend.Visitor, one *reading) error {
	key := s.reading.put(v, one)
	go s.readList(context.WithoutCancel(r.Context()), v, one)
	select {
	case <-one.done:
	case <-time.After(atOnce):
		http.Redirect(w, r, v.Path("lists", "reading", key), http.StatusSeeOther) //nolint:gosec // of this site, always
		return nil
	case <-r.Context().Done():
		return nil
	}
	return s.listRead(w, r, v, key, one)
}

// listRead goes on with a list that has been read.
func (s listHandlers) listRead(w http.ResponseWriter, r *http.Request, v *backend.Visitor, key string, one *reading) error {
	if askOf(one.err) != nil {
		http.Redirect(w, r, v.Path("lists", "import", key, "columns"), http.StatusSeeOther) //nolint:gosec // of this site, always
		return nil
	}
	if one.err != nil {
		return s.importAgain(w, r, v, one, one.err)
	}
	http.Redirect(w, r, v.Path("lists", "import", key), http.StatusSeeOther) //nolint:gosec // of this site, always
	return nil
}

// readingPage is a list that is being read.
type readingPage struct {
	Name    string
	Percent int
}

// readingList shows how much of a list has been read, until all of it has.
func (s listHandlers) readingList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	key := r.PathValue("reading")
	one, found := s.reading.find(v, key)
	if !found {
		return backend.RefuseAs(http.StatusNotFound, "This list is not kept any more. Nothing was changed: choose the file once more.")
	}
	if one.isDone() {
		return s.listRead(w, r, v, key, one)
	}
	return s.show(w, r, v, "list-reading", "blocks", "Reading the list", readingPage{one.name, one.percent()})
}

// importAgain shows the form again with what is wrong, if people can mend that.
func (s listHandlers) importAgain(w http.ResponseWriter, r *http.Request, v *backend.Visitor, one *reading, wrong error) error {
	return s.again(w, r, v, s.view(listsPage{Import: importForm{Name: one.name, Form: string(one.form), Wrong: wrong.Error()}}), wrong)
}

// uploadedList receives a list. The file has no name on the disk, so nobody else can read it, and it is gone once it is closed.
func uploadedList(r *http.Request) (*reading, error) {
	part, err := nextFile(r, "file", "Choose the file with the list.")
	one := &reading{done: make(chan struct{}), name: strings.TrimSpace(r.Form.Get("name")), form: forms.Form(r.Form.Get("form"))}
	if err != nil {
		return one, err
	}
	name := part.FileName()
	one.source = name[strings.LastIndex(name, `\`)+1:]
	if one.name == "" {
		one.name = screening.CleanLine(strings.TrimSuffix(one.source, path.Ext(one.source)), lists.MaxName)
	}
	if one.form != "" && !slices.Contains(forms.Forms(), one.form) {
		return one, backend.Refuse("Choose what kind of file it is from the list.")
	}
	if err := lists.CheckName(one.name); err != nil {
		return one, backend.Because(err)
	}
	one.file, err = os.CreateTemp("", "ringfence-list-*")
	if err != nil {
		return one, err
	}
	one.all, err = io.Copy(one.file, part)
	err = errors.Join(err, os.Remove(one.file.Name()))
	if err == nil {
		_, err = one.file.Seek(0, io.SeekStart)
	}
	if err == nil {
		return one, nil
	}
	var tooLarge *http.MaxBytesError
	switch closed := one.file.Close(); {
	case errors.As(err, &tooLarge):
		return one, backend.Refuse("The file is larger than %d MB: whoever looks after the machine can import it with `ringfence list import`.", backend.MaxListFile>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return one, errHalfFile
	default:
		return one, errors.Join(err, closed)
	}
}

// count passes entries on, and counts them for the preview.
func (p *preview) count(sure float64, entries iter.Seq2[lists.Entry, error]) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for e, err := range entries {
			if err == nil {
				if e.Confidence >= sure {
					p.Sure++
				}
				if e.Prefix {
					p.Prefixes++
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// previewOf is the preview that an address names, if it is this person's own.
func (s listHandlers) previewOf(r *http.Request, v *backend.Visitor) (preview, error) {
	one, found := s.reading.find(v, r.PathValue("import"))
	if !found || !one.isDone() || one.err != nil {
		return preview{}, backend.ErrNotFound
	}
	return one.preview, nil
}

// noPrepared turns the store's error about contents that are gone into a fault.
func noPrepared(err error) error {
	if errors.Is(err, lists.ErrNoPrepared) {
		return backend.RefuseAs(http.StatusNotFound, screening.Sentence(err))
	}
	return err
}

// previewPage is a list that is about to be imported.
type previewPage struct {
	preview
	lists.Prepared
	Key     string // in its address
	Columns bool   // those of a table can be chosen
	Numbers string
	Now     *listRow // what it replaces
}

func (s listHandlers) previewList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	found, err := s.Store.Lists.Prepared(r.Context(), v.Household.Name, p.ID)
	if err != nil {
		return noPrepared(err)
	}
	page := previewPage{preview: p, Prepared: found, Key: r.PathValue("import"), Columns: p.Columns, Numbers: screening.Thousands(found.Entries)}
	if found.Replaces != nil {
		row := toListRow(v, backend.List{List: *found.Replaces})
		page.Now = &row
	}
	return s.show(w, r, v, "list-import", "blocks", "Import this list?", page)
}

func (s listHandlers) acceptList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	done, err := s.Admin(v).AcceptList(r.Context(), p.ID, p.Source, p.Took)
	return s.finish(w, r, v, v.Path("lists"), done, err)
}

func (s listHandlers) dropList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	if err := s.Store.Lists.Drop(r.Context(), v.Household.Name, p.ID); err != nil {
		return noPrepared(err)
	}
	return s.done(w, r, v.Path("lists"), "Nothing was changed.", "")
}
