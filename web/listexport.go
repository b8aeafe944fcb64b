package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// exports are the forms in which a list can be downloaded.
var exports = map[forms.Output]struct{ ending, mime string }{
	forms.ToCSV:   {".csv", "text/csv; charset=utf-8"},
	forms.ToVCard: {".vcf", "text/vcard; charset=utf-8"},
	forms.ToAstDB: {".txt", "text/plain; charset=utf-8"},

	forms.ToFritzBox: {".xml", "application/xml; charset=utf-8"},
}

// exportList sends a list as a file.
func (s listHandlers) exportList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := forms.Output(r.FormValue("form"))
	kind, ok := exports[form]
	if !ok {
		return backend.Refuse("Choose in which form you want the list.")
	}
	name := r.FormValue("name")
	if _, err := s.ListNamed(r.Context(), v.Household.Name, name); err != nil {
		return err
	}
	o := forms.Options{Region: v.Household.Region, Now: v.Now}
	house, err := s.House(r.Context(), v)
	if err != nil {
		return err
	}
	err = o.LeaveOut(r.Context(), form, s.Store, s.Store.Lists, house, v.Household.Name, name)
	if errors.Is(err, forms.ErrOnlyWarns) {
		return backend.Because(err)
	}
	if err != nil {
		return err
	}
	return s.SendFile(w, r, fileName(name)+kind.ending, kind.mime, func(w io.Writer) error {
		_, err := forms.Write(w, form, s.Store.Lists.AllEntries(r.Context(), v.Household.Name, name), o)
		return err
	})
}

// fileName is a list's name as the name of a file.
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
