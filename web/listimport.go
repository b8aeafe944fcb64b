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
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store"
)

// Importing a list through a browser: it is read beside what is in force, looked at, and taken up or left.

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
	read := &forms.Import{Region: v.Household.Region}
	p.ID, err = s.Store.PrepareList(r.Context(), v.Household.Name, name, file.name, p.count(v, house.SureFrom(), read.Entries(file)))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return s.importAgain(w, r, v, form, fmt.Errorf("the file is larger than %d MB: whoever looks after the machine can import it with `ringfence list import`", maxListFile>>20))
	case errors.Is(err, forms.ErrUnfit):
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
	http.Redirect(w, r, v.Path("lists", "import", strconv.FormatInt(p.ID, 10)), http.StatusSeeOther) //nolint:gosec // of this site, always
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
