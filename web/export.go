package web

import (
	"net/http"

	"ringfence/web/backend"
)

// exportPage offers a copy of everything that is kept about the household.
type exportPage struct {
	Hears    bool // the owner may hear the recordings, which are in it
	Password bool // and has one
}

func exportView() view {
	return viewOf("export", "settings", "Download your data", func(_ *http.Request, v *backend.Visitor) (exportPage, error) {
		return exportPage{v.Hears, v.Person.HasPassword}, nil
	})
}

// downloadExport sends it to an owner whose password is right.
func (s settingsHandlers) downloadExport(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	err := s.account.Confirm(r, v)
	if err == nil {
		err = s.SendExport(w, r, v)
	}
	if err != nil {
		return s.again(w, r, v, exportView(), err)
	}
	return nil
}
