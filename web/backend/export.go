package backend

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// SendExport sends a copy of everything that is kept about the visitor's household.
func (b *Backend) SendExport(w http.ResponseWriter, r *http.Request, v *Visitor) (err error) {
	e, _, err := b.Admin(v).Export(r.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	name := "ringfence-" + SafeName(v.Household.Name) + "-" + v.In(v.Now).Format(time.DateOnly) + ".zip"
	return b.SendFile(w, r, name, "application/zip", func(w io.Writer) error { return e.Write(r.Context(), w) })
}
