package web

import (
	"errors"
	"io"
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/store/backups"
	"ringfence/store/sqlite"
	"ringfence/web/backend"
)

// errNotMachine is for owners of some of the households: a backup holds all of them.
var errNotMachine = backend.RefuseAs(http.StatusUnprocessableEntity, "A backup holds all households of this machine, so only somebody who owns all of them can make or restore one.")

const (
	// transferTime is how long a backup may take to arrive, over a slow line.
	transferTime = 2 * time.Hour
	// maxBackup is how many bytes are read. Their contents have limits of their own.
	maxBackup = 16 << 30
)

type backupPage struct {
	Mine     bool // the person owns all households of the machine
	Password bool // and has one
}

func (s settingsHandlers) backupView() view {
	return viewOf("settings-backup", "settings", "Backup", s.backupOf)
}

func (s settingsHandlers) backupOf(r *http.Request, v *backend.Visitor) (backupPage, error) {
	mine, err := s.Store.OwnsMachine(r.Context(), v.Person.ID)
	return backupPage{mine, v.Person.HasPassword}, err
}

// mayBackUp refuses people who may not have everything, or whose password is wrong.
func (s settingsHandlers) mayBackUp(r *http.Request, v *backend.Visitor) error {
	p, err := s.backupOf(r, v)
	if err == nil && !p.Mine {
		err = errNotMachine
	}
	if err == nil {
		err = s.account.Confirm(r, v)
	}
	return err
}

func (s settingsHandlers) downloadBackup(w http.ResponseWriter, r *http.Request, v *backend.Visitor) (err error) {
	if err := s.mayBackUp(r, v); err != nil {
		return s.again(w, r, v, s.backupView(), err)
	}
	b, err := backups.Make(r.Context(), s.Store.Folder(), v.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if _, err := s.Admin(v).OnBackup(r.Context()); err != nil {
		return err
	}
	return s.SendFile(w, r, "ringfence-"+v.In(v.Now).Format(time.DateOnly)+".tar.gz", "application/gzip", func(w io.Writer) error {
		return b.Write(r.Context(), w, nil)
	})
}

// restoreBackup checks a backup as it arrives, and restarts with it. The password comes before the file, so that only those who may
// restore one can send gigabytes.
func (s settingsHandlers) restoreBackup(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := receive(w, r, maxBackup, transferTime); err != nil {
		return err
	}
	file, err := nextFile(r, "backup", "There is no file. Please choose one.")
	if err == nil {
		err = s.mayBackUp(r, v)
	}
	if err != nil {
		return s.again(w, r, v, s.backupView(), err)
	}
	contents, err := s.Backups.Stage(r.Context(), file, s.Admin(v).RestoredLine(file.FileName()))
	if sqlite.IsInternal(err) {
		return err
	}
	if err != nil {
		return s.again(w, r, v, s.backupView(), backend.Refuse("%s Nothing was changed.", screening.Sentence(err)))
	}
	s.Log.Info("a backup is restored", "person", v.Person.ID, "made", contents.Made)
	defer s.Backups.Restart()
	return s.write(w, http.StatusOK, page{Visitor: &backend.Visitor{Now: v.Now}, Name: "settings-restored", Title: "The backup is restored", Data: restored{v.When(contents.Made), contents, v.Path()}})
}

type restored struct {
	Made string
	backups.Contents
	Path string
}
