package backend

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"time"
)

const (
	pieceTime = 30 * time.Second // within which a browser has to take a piece of a file
	heldBack  = 64 << 10         // bytes
)

// download is a file that is sent as it is made, for as long as the browser goes on taking it. Its beginning is held back, so that an early failure
// can still be reported.
type download struct {
	w     http.ResponseWriter
	held  bytes.Buffer
	begun bool
}

func (d *download) Write(piece []byte) (int, error) {
	d.held.Write(piece)
	if d.held.Len() > heldBack {
		return len(piece), d.flush()
	}
	return len(piece), nil
}

func (d *download) flush() error {
	d.begun = true
	if err := http.NewResponseController(d.w).SetWriteDeadline(time.Now().Add(pieceTime)); err != nil {
		return err
	}
	_, err := d.held.WriteTo(d.w)
	return err
}

// SendFile sends what write makes as a file of that name and type.
func (b *Backend) SendFile(w http.ResponseWriter, r *http.Request, name, kind string, write func(io.Writer) error) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	d := &download{w: w}
	err := write(d)
	if err != nil && !d.begun {
		w.Header().Del("Content-Disposition")
		return err
	}
	if err == nil {
		err = d.flush()
	}
	if err != nil {
		if r.Context().Err() == nil {
			b.Log.Error("a file could not be sent whole", "route", r.Pattern, "err", err)
		}
		panic(http.ErrAbortHandler) // breaks the connection, so that nobody takes half a file for all of it
	}
	return nil
}
