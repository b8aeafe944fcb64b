package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ringfence/store"
	"ringfence/web/gate"
)

// errNotMachine is told who owns one household and not all of them: a backup has all of them in it.
var errNotMachine = fault{http.StatusUnprocessableEntity, "A backup holds all households of this machine, so only somebody who owns all of them can take one or put one back."}

const (
	// transferTime is how long a backup may take on its way, through a slow line.
	transferTime = 2 * time.Hour
	// maxBackup is how many bytes are looked at. What is in them has limits of its own.
	maxBackup = 16 << 30
)

type backupPage struct {
	Mine     bool // the person owns all households of the machine
	Password bool // and has one
}

func (s settingsHandlers) backupPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.backupOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-backup", "settings", "Backup", p)
}

func (s settingsHandlers) backupOf(r *http.Request, v *visit) (backupPage, error) {
	mine, err := s.Store.OwnsMachine(r.Context(), v.Person.ID)
	return backupPage{mine, v.Person.HasPassword}, err
}

// mayBackUp makes sure that somebody who asks for everything may have it, and is who they say.
func (s settingsHandlers) mayBackUp(r *http.Request, v *visit) error {
	p, err := s.backupOf(r, v)
	if err == nil && !p.Mine {
		err = errNotMachine
	}
	if err == nil {
		err = s.confirm(r, v)
	}
	return err
}

// refusedOnBackup shows what was wrong on the page itself; other faults have a page of their own.
func (s settingsHandlers) refusedOnBackup(w http.ResponseWriter, r *http.Request, v *visit, err error) error {
	return s.again(w, v, err, "settings-backup", "Backup", func() (any, error) { return s.backupOf(r, v) })
}

func (s settingsHandlers) downloadBackup(w http.ResponseWriter, r *http.Request, v *visit) (err error) {
	if err := s.mayBackUp(r, v); err != nil {
		return s.refusedOnBackup(w, r, v, err)
	}
	b, err := s.Store.Backup(r.Context(), v.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := s.changed(r.Context(), v, "backup", "A backup was downloaded."); err != nil {
		return err
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(transferTime)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", `attachment; filename="ringfence-`+v.In(v.Now).Format("2006-01-02")+`.tar.gz"`)
	if err := b.Write(r.Context(), w, nil); err != nil {
		if r.Context().Err() == nil {
			s.Log.Error("a backup could not be sent to its end", "person", v.Person.ID, "err", err)
		}
		panic(http.ErrAbortHandler) // so that the browser does not take half of it for a backup
	}
	return nil
}

// restoreBackup checks a backup on its way in, and begins anew with it. The password comes before the file, so that nobody can
// send gigabytes who may not.
func (s settingsHandlers) restoreBackup(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(transferTime)); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBackup)
	form, err := r.MultipartReader()
	if err != nil {
		return s.refusedOnBackup(w, r, v, refused("There is no file. Please choose one."))
	}
	file, err := s.backupFile(r, v, form)
	if err != nil {
		return s.refusedOnBackup(w, r, v, err)
	}
	contents, err := s.Backups.Stage(r.Context(), file, store.AuditLine{
		At: v.Now, Person: v.Person.ID, By: v.Person.Name, What: "restored", Text: "A backup was put back: " + gate.Bounded(file.FileName()) + ".",
	})
	if err != nil {
		return s.refusedOnBackup(w, r, v, refused("%s Nothing was changed.", sentence(err)))
	}
	s.Log.Info("a backup is put back", "person", v.Person.ID, "made", contents.Made)
	defer s.Backups.Restart()
	return s.write(w, http.StatusOK, page{Visit: &visit{Now: v.Now}, Name: "settings-restored", Title: "The backup is put back", Data: restored{v.When(contents.Made), contents, v.Path()}})
}

type restored struct {
	Made string
	store.Contents
	Path string
}

// backupFile reads a form up to its file, of one who may send it.
func (s settingsHandlers) backupFile(r *http.Request, v *visit, form *multipart.Reader) (*multipart.Part, error) {
	r.Form = url.Values{} // what confirm looks at
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, refused("There is no file. Please choose one.")
		}
		if err != nil {
			return nil, refused("The file did not arrive whole. Please send it again.")
		}
		if part.FormName() == "backup" {
			if part.FileName() == "" {
				return nil, refused("There is no file. Please choose one.")
			}
			return part, s.mayBackUp(r, v)
		}
		var value strings.Builder
		if _, err := io.Copy(&value, io.LimitReader(part, 1<<10)); err != nil {
			return nil, refused("The form did not arrive whole. Please try again.")
		}
		r.Form.Set(part.FormName(), value.String())
	}
}
