package web

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
)

// exports are the forms in which a list can be had.
var exports = map[forms.Output]struct{ ending, mime string }{
	forms.ToCSV:   {".csv", "text/csv; charset=utf-8"},
	forms.ToVCard: {".vcf", "text/vcard; charset=utf-8"},
	forms.ToAstDB: {".txt", "text/plain; charset=utf-8"},
}

// exportList sends a list as a file. A table has all of it; what blocks without asking anybody, only the numbers that are turned away
// here, and no contacts.
func (s listHandlers) exportList(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := forms.Output(r.FormValue("form"))
	kind, ok := exports[form]
	if !ok {
		return refused("Choose in which form you want the list.")
	}
	name := r.FormValue("name")
	if _, err := s.listOf(r, v, name); err != nil {
		return err
	}
	o := forms.Options{Region: v.Household.Region, Now: v.Now}
	if form != forms.ToCSV {
		house, err := s.Store.Household(r.Context(), v.Household.Name)
		if err != nil {
			return err
		}
		err = o.Blocking(r.Context(), s.Store, s.Store.Lists, v.Household.Complete(house), v.Household.Name, name)
		if errors.Is(err, forms.ErrOnlyWarns) {
			return refused("%s", sentence(err))
		}
		if err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", kind.mime)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(name) + kind.ending}))
	to := &late{ResponseWriter: w}
	if _, err := forms.Write(to, form, s.Store.Lists.AllEntries(r.Context(), v.Household.Name, name), o); err != nil {
		if !to.begun {
			w.Header().Del("Content-Disposition")
			return err
		}
		panic(http.ErrAbortHandler) // so that nobody takes half a list for a whole one
	}
	to.flush()
	return nil
}

// late holds an answer's beginning back, so that what goes wrong early can still be said.
type late struct {
	http.ResponseWriter
	held  bytes.Buffer
	begun bool
}

const heldBack = 64 << 10

func (l *late) Write(b []byte) (int, error) {
	if l.begun {
		return l.ResponseWriter.Write(b)
	}
	l.held.Write(b)
	if l.held.Len() > heldBack {
		l.flush()
	}
	return len(b), nil
}

func (l *late) flush() {
	l.begun = true
	_, _ = l.ResponseWriter.Write(l.held.Bytes()) //nolint:gosec // a file of another type than HTML; the browser may have left
	l.held.Reset()
}

// fileName is the name of a list as one of a file.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|.`, r) {
			return '-'
		}
		return r
	}, screening.CleanLine(name, lists.MaxName))
	if strings.Trim(name, "- ") == "" {
		return "list"
	}
	return name
}
