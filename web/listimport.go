package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

// Importing a list through a browser: it is read beside what is in force, looked at, and taken up or left.

// maxListFile is how large a list may be that comes through a browser, in bytes: two million numbers. A larger one takes
// `ringfence list import`.
const maxListFile = 32 << 20

const (
	shownRefusals = 50 // of the lines that are wrong, the page names so many
	shownChanges  = 8  // of the numbers of each kind, it shows so many
)

// preview is what somebody sees of a list before it is in force. It stands in their session.
type preview struct {
	Household    string
	ID           int64
	Name, Source string
	Form         string // what kind of file it is
	Sure         int    // numbers that it is sure enough of to turn them away
	Prefixes     int
	Refused      int
	Refusals     []string // the first of them
	From         int      // the threshold, in per cent

	// What it would change, and the first numbers of each kind.
	Added, Changed, Removed, Unchanged int
	New, Otherwise, Off                []entryLine
}

const sessionPreview = "list-import"

// atOnce is for how long somebody waits for the answer to an upload; a list that takes longer has a page that says how far it is.
const atOnce = time.Second

// importList takes a list in, has it read beside what is in force, and shows what it would change.
func (s listHandlers) importList(w http.ResponseWriter, r *http.Request, v *visit) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxListFile+64<<10)
	control := http.NewResponseController(w)
	late := time.Now().Add(uploadTime)
	if err := errors.Join(control.SetReadDeadline(late), control.SetWriteDeadline(late.Add(time.Minute))); err != nil {
		return err
	}
	one, err := uploadedList(r)
	var here ourFault
	if errors.As(err, &here) {
		return here.error
	}
	if err != nil {
		return s.importAgain(w, r, v, importForm{Name: one.name, Form: string(one.form)}, err)
	}
	one.person, one.household, one.at = v.Person.ID, v.Household.Name, v.Now
	if !s.reading.begin(one) {
		return errors.Join(one.file.Close(), s.importAgain(w, r, v, importForm{Name: one.name, Form: string(one.form)},
			errors.New("other lists are being read at this moment: try it again in a minute")))
	}
	go s.readList(context.WithoutCancel(r.Context()), v, one)
	select {
	case <-one.done:
	case <-time.After(atOnce):
		http.Redirect(w, r, v.Path("lists", "reading", one.key), http.StatusSeeOther) //nolint:gosec // of this site, always
		return nil
	case <-r.Context().Done():
		return nil
	}
	return s.listRead(w, r, v, one)
}

// listRead goes on with a list that has been read.
func (s listHandlers) listRead(w http.ResponseWriter, r *http.Request, v *visit, one *reading) error {
	if one.wrong != nil {
		return s.importAgain(w, r, v, importForm{Name: one.name, Form: string(one.form)}, one.wrong)
	}
	if one.err != nil {
		return one.err
	}
	if err := s.remember(r, sessionPreview, one.preview); err != nil {
		return err
	}
	http.Redirect(w, r, v.Path("lists", "import", strconv.FormatInt(one.preview.ID, 10)), http.StatusSeeOther) //nolint:gosec // of this site, always
	return nil
}

// readingPage is a list that is being read.
type readingPage struct {
	Name    string
	Percent int
}

// readingList says how far the reading of a list is, until it is done.
func (s listHandlers) readingList(w http.ResponseWriter, r *http.Request, v *visit) error {
	one := s.reading.find(r.PathValue("reading"), v.Person.ID, v.Household.Name)
	if one == nil {
		return fault{http.StatusNotFound, "This list is not kept any more. Nothing was changed: choose the file once more."}
	}
	select {
	case <-one.done:
		return s.listRead(w, r, v, one)
	default:
		return s.show(w, r, v, "list-reading", "blocks", "Reading the list", readingPage{one.name, one.percent()})
	}
}

func (s listHandlers) importAgain(w http.ResponseWriter, r *http.Request, v *visit, form importForm, wrong error) error {
	data, err := s.listsOf(r, v)
	if err != nil {
		return err
	}
	form.Wrong = sentence(wrong)
	data.Import = form
	return s.showAgain(w, v, "lists", "blocks", "Lists of scam numbers", data, form.Wrong)
}

// uploadedList takes in a form as it arrives: the list's name, what kind of file it is, and after them the file.
func uploadedList(r *http.Request) (*reading, error) {
	one := &reading{}
	form, err := r.MultipartReader()
	if err != nil {
		return one, errors.New("choose the file with the list")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return one, errors.New("choose the file with the list")
		}
		if err != nil {
			return one, errors.New("the file did not arrive whole: try it once more")
		}
		switch part.FormName() {
		case "name", "form":
			text, err := io.ReadAll(io.LimitReader(part, 1000))
			if err != nil {
				return one, errors.New("the file did not arrive whole: try it once more")
			}
			if part.FormName() == "form" {
				one.form = forms.Form(text)
			} else {
				one.name = strings.TrimSpace(string(text))
			}
		case "file":
			return one, one.takeFile(part)
		}
	}
}

// ourFault is what went wrong with an upload that is no fault of whoever sent it.
type ourFault struct{ error }

// takeFile takes the file in. It stays on the disk only as long as it is open, and nobody else can read it.
func (one *reading) takeFile(part *multipart.Part) error {
	one.source = baseName(part.Header.Get("Content-Disposition"))
	if one.source == "" {
		return errors.New("choose the file with the list")
	}
	if one.name == "" {
		one.name = screening.CleanLine(strings.TrimSuffix(one.source, path.Ext(one.source)), lists.MaxName)
	}
	if one.form != "" && !slices.Contains(forms.Forms(), one.form) {
		return errors.New("choose what kind of file it is from the list")
	}
	if err := lists.CheckName(one.name); err != nil {
		return err
	}
	file, err := os.CreateTemp("", "ringfence-list-*")
	if err != nil {
		return ourFault{err}
	}
	one.all, err = io.Copy(file, part)
	err = errors.Join(err, os.Remove(file.Name()))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err == nil {
		one.file = file
		return nil
	}
	var tooLarge *http.MaxBytesError
	switch closed := file.Close(); {
	case errors.As(err, &tooLarge):
		return fmt.Errorf("the file is larger than %d MB: whoever looks after the machine can import it with `ringfence list import`", maxListFile>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file did not arrive whole: try it once more")
	default:
		return ourFault{errors.Join(err, closed)}
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
func (s listHandlers) previewOf(r *http.Request, v *visit) (p preview, err error) {
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
	if errors.Is(err, lists.ErrNoPrepared) {
		return fault{http.StatusNotFound, sentence(err)}
	}
	return err
}

// previewPage is a list that is about to be in force.
type previewPage struct {
	preview
	lists.Prepared
	Numbers string
	Now     *listRow // what it replaces
}

func (s listHandlers) previewList(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	found, err := s.Store.Lists.Prepared(r.Context(), v.Household.Name, p.ID)
	if err != nil {
		return noPrepared(err)
	}
	page := previewPage{preview: p, Prepared: found, Numbers: screening.Thousands(int64(found.Entries))}
	if found.Replaces != nil {
		row := v.listRow(*found.Replaces)
		page.Now = &row
	}
	return s.show(w, r, v, "list-import", "blocks", "Take up this list?", page)
}

func (s listHandlers) acceptList(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	done, err := s.admin(v).AcceptList(r.Context(), p.ID, p.Source)
	return s.tell(w, r, v, v.Path("lists"), done, err)
}

func (s listHandlers) dropList(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.previewOf(r, v)
	if err != nil {
		return err
	}
	if err := s.Store.Lists.Drop(r.Context(), v.Household.Name, p.ID); err != nil {
		return noPrepared(err)
	}
	return s.done(w, r, v.Path("lists"), "Nothing was changed.", nil)
}
