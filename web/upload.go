package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ringfence/web/backend"
)

// uploadTime is how long an address book or a list may take to arrive: 50 MB through a line that sends 1 Mbit/s take 7 minutes.
const uploadTime = 10 * time.Minute

// receive prepares for a form with a file of at most so many bytes, which may take this long to arrive.
func receive(w http.ResponseWriter, r *http.Request, most int64, within time.Duration) error {
	const form = 64 << 10 // what is sent around the file
	r.Body = http.MaxBytesReader(w, r.Body, most+form)
	control, late := http.NewResponseController(w), time.Now().Add(within)
	return errors.Join(control.SetReadDeadline(late), control.SetWriteDeadline(late.Add(time.Minute)))
}

var errHalfFile = backend.Refuse("The file did not arrive whole. Please send it again.")

// nextFile reads a form as it arrives, up to its file, and keeps nothing on the disk. The fields before the file are in r.PostForm afterwards. noFile
// is what to say if there is none.
func nextFile(r *http.Request, field, noFile string) (*multipart.Part, error) {
	r.PostForm = url.Values{}
	r.Form = r.PostForm
	form, err := r.MultipartReader()
	if err != nil {
		return nil, backend.Refuse("%s", noFile)
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, backend.Refuse("%s", noFile)
		case err != nil:
			return nil, errHalfFile
		case part.FormName() == field && part.FileName() == "":
			return nil, backend.Refuse("%s", noFile)
		case part.FormName() == field:
			return part, nil
		}
		var value strings.Builder
		if _, err := io.Copy(&value, io.LimitReader(part, 1<<10)); err != nil {
			return nil, errHalfFile
		}
		r.PostForm.Set(part.FormName(), value.String())
	}
}
