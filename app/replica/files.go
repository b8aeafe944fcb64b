package replica

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"ringfence/config"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/replica"
)

const (
	// copyEvery is how soon new recordings are copied, and deleted ones deleted.
	copyEvery = 2 * time.Second
	// compareEvery is how often everything is compared, in case the system has left out some of what happened.
	compareEvery = time.Hour
	// delivered is ample for what happens in a folder to be heard of.
	delivered = time.Second
)

// files copies the files beside the database.
type files struct {
	settings config.Settings

	mu      sync.Mutex
	changed map[string]map[string]bool // names by folder; a folder's nil: any of its names
	until   time.Time                  // complete until then
	copied  bool                       // something was copied since complete was asked
}

func newFiles(s config.Settings) *files {
	return &files{settings: s, changed: map[string]map[string]bool{}}
}

// pairs are the folders, and their copies.
func (f *files) pairs() (all []replica.Pair) {
	data, to := f.settings.Data, f.settings.Replica.Folder
	for _, media := range datafolder.Media() {
		all = append(all, replica.Pair{From: filepath.Join(data, media), To: filepath.Join(to, media), Wanted: datafolder.IsMediaName})
	}
	return append(all, replica.Pair{From: filepath.Join(data, datafolder.Backups), To: filepath.Join(to, replica.BackupFolder), Wanted: func(name string) bool {
		daily, err := backups.ListDaily(data, time.Now())
		return err == nil && len(daily) > 0 && filepath.Base(daily[0].Path) == name
	}})
}

// copySettings copies ringfence.toml and the passwords beside it, or deletes them from the replica where they are not to be in it.
func (f *files) copySettings(ctx context.Context) error {
	to := filepath.Join(f.settings.Replica.Folder, replica.SettingsFolder)
	if !f.settings.Replica.Settings {
		return os.RemoveAll(to)
	}
	from, names, err := f.settings.Beside()
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	return replica.Pair{From: from, To: to, Wanted: func(name string) bool { return wanted[name] }}.All(ctx)
}

// keep copies until ctx ends, or something fails.
func (f *files) keep(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Close() }() // which ends the loop below
	for _, p := range f.pairs() {
		if err := errors.Join(os.MkdirAll(p.From, 0o700), watcher.Add(p.From)); err != nil {
			return err
		}
	}
	go f.listen(watcher)
	compared := time.Time{}
	for {
		began := time.Now()
		if began.Sub(compared).Abs() >= compareEvery { // a clock may be set back
			f.all()
			compared = began
			if err := f.copySettings(ctx); err != nil {
				return err
			}
		}
		if err := f.copyChanged(ctx); err != nil {
			f.all() // some may not be there
			return err
		}
		f.mu.Lock()
		f.until = began.Add(-delivered)
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(copyEvery):
		}
	}
}

// listen notes what changes until the watcher is closed.
func (f *files) listen(w *fsnotify.Watcher) {
	for {
		select {
		case e, is := <-w.Events:
			if !is {
				return
			}
			folder, name := filepath.Dir(e.Name), filepath.Base(e.Name)
			f.mu.Lock()
			if names, there := f.changed[folder]; !there {
				f.changed[folder] = map[string]bool{name: true}
			} else if names != nil {
				names[name] = true
			}
			f.mu.Unlock()
		case _, is := <-w.Errors:
			if !is {
				return
			}
			f.all() // there was more than the system keeps
		}
	}
}

// all has everything compared next.
func (f *files) all() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.pairs() {
		f.changed[p.From] = nil
	}
}

// copyChanged copies what has changed.
func (f *files) copyChanged(ctx context.Context) error {
	f.mu.Lock()
	changed := f.changed
	f.changed = map[string]map[string]bool{}
	f.copied = f.copied || len(changed) > 0
	f.mu.Unlock()
	for _, p := range f.pairs() {
		names, some := changed[p.From]
		if !some {
			continue
		}
		do := func() error { return p.Some(ctx, names) }
		if names == nil || filepath.Base(p.From) == datafolder.Backups { // a new one there takes the place of another
			do = func() error { return p.All(ctx) }
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// complete is until when files and database are complete, if the database is until some time; zero: not yet. more says that files were copied since
// it was asked last.
func (f *files) complete(database time.Time) (until time.Time, more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	more, f.copied = f.copied, false
	if f.until.Before(database) {
		return f.until, more
	}
	return database, more
}
