// Package export makes one zip file of everything that is kept of one household, for people to read and to take elsewhere: a README.txt, JSON, and the
// recordings as they are. Secrets are not in it, nor is anything of another household. Unlike a backup (package backups) nobody can go back to it.
package export

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Export is a household at one moment, ready to be written. It has to be closed.
type Export struct {
	Calls, Recordings int

	db        *store.Store
	household string

	title string // what the household is called
	made  time.Time
	texts *os.File // a zip of all but the recordings. It has no name any more, so that no crash can leave it behind
	size  int64    // of texts
	files []file
}

// file is a recording, or a phrase.
type file struct {
	name string // in the zip
	path string
	at   time.Time
}

// Make reads a household from one snapshot of the database, while calls go on. It keeps the texts in a file, because whoever gets the export may be slow,
// and the database must not wait for them.
func Make(ctx context.Context, db *store.Store, household string, now time.Time) (e *Export, err error) {
	if err := room(db.Folder(), store.LeastFree); err != nil {
		return nil, err
	}
	e = &Export{db: db, household: household, made: now.UTC().Truncate(time.Second)}
	if e.texts, err = os.CreateTemp(db.Folder(), ".export-*"); err != nil { // mode 0600
		return nil, fmt.Errorf("the export cannot be made: %w", err)
	}
	err = errors.Join(os.Remove(e.texts.Name()), db.Snapshot(ctx, household, func(tx *sql.Tx, home int64) error { return e.readHousehold(ctx, tx, home) }))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the export cannot be made: %w", err), e.Close())
	}
	return e, nil
}

// readHousehold reads everything but the recordings, and finds those. It reads with tx alone: db has few connections to read with, and calls need them.
func (e *Export) readHousehold(ctx context.Context, tx *sql.Tx, home int64) error {
	err := tx.QueryRowContext(ctx, `SELECT coalesce(nullif(title, ''), name), (SELECT count(*) FROM calls WHERE household_id = h.id)
		FROM households h WHERE id = ?`, home).Scan(&e.title, &e.Calls)
	if err == nil {
		err = e.findRecordings(ctx, tx, home)
	}
	if err != nil {
		return err
	}
	to := &careful{file: e.texts, folder: e.db.Folder(), leastFree: store.LeastFree}
	z := zip.NewWriter(to)
	if err := e.addFile(z, "README.txt", zip.Deflate, e.made, func(w io.Writer) error { return writeReadme(w, e) }); err != nil {
		return err
	}
	for _, p := range parts {
		if err := e.addFile(z, p.name, zip.Deflate, e.made, func(w io.Writer) error { return p.writeRows(ctx, tx, w, home) }); err != nil {
			return err
		}
	}
	err = z.Close()
	e.size = to.written
	return err
}

// findRecordings finds what callers have said.
func (e *Export) findRecordings(ctx context.Context, tx *sql.Tx, home int64) error {
	return sqlite.Each(ctx, tx, func(scan func(...any) error) error {
		var name string
		var at int64
		err := scan(&name, &at)
		if err == nil && datafolder.IsMediaName(name) { // a database that was restored may have been made up
			place := filepath.Join(e.db.Folder(), datafolder.Recordings, name)
			if _, gone := os.Lstat(place); !errors.Is(gone, fs.ErrNotExist) {
				e.Recordings++
				e.files = append(e.files, file{recordingsFolder + name, place, time.Unix(at, 0)})
			}
		}
		return err
	}, "SELECT r.file, r.at FROM recordings r JOIN calls c ON c.id = r.call_id WHERE c.household_id = ? ORDER BY r.id", home)
}

// addFile adds a file to a zip.
func (e *Export) addFile(z *zip.Writer, name string, method uint16, at time.Time, write func(io.Writer) error) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: at.UTC()})
	if err == nil {
		err = write(w)
	}
	return err
}

// writeRows writes the JSON of a part, a row after the other.
func (p part) writeRows(ctx context.Context, tx *sql.Tx, to io.Writer, home int64) error {
	w := bufio.NewWriter(to)
	before, end := "[\n", "\n]\n"
	if p.one {
		before, end = "", "\n"
	}
	var text bytes.Buffer
	err := sqlite.Each(ctx, tx, func(scan func(...any) error) error {
		var row sql.RawBytes
		err := scan(&row)
		object := []byte(row)
		if err == nil && p.shape != nil {
			object, err = p.shape(object)
		}
		text.Reset()
		if err == nil {
			err = json.Indent(&text, object, "", "  ")
		}
		if err == nil {
			_, err = fmt.Fprint(w, before, &text)
		}
		before = ",\n"
		return err
	}, p.query, home)
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	if before == "[\n" { // there was none
		end = "[]\n"
	}
	_, err = w.WriteString(end)
	return errors.Join(err, w.Flush())
}

// Write writes the zip. Only a zip that is whole has the list of its files, which comes last: one that was cut short can't be opened. It leaves out
// recordings that have been deleted meanwhile. Those that can't be read are named in a file at its end.
func (e *Export) Write(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	texts, err := zip.NewReader(e.texts, e.size)
	if err != nil {
		return err
	}
	for _, f := range texts.File {
		if err := z.Copy(f); err != nil {
			return err
		}
	}
	missing, err := e.addPhrases(ctx, z)
	if err != nil {
		return err
	}
	for _, f := range e.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := e.addRecording(z, f); {
		case errors.Is(err, errUnreadable):
			missing = append(missing, f.name)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(missing) > 0 {
		err = e.addFile(z, "missing.txt", zip.Deflate, e.made, func(w io.Writer) error {
			_, err := io.WriteString(w, missingText+strings.Join(missing, "\n")+"\n")
			return err
		})
	}
	return errors.Join(err, z.Close())
}

// addPhrases adds what the household has recorded in its own voice, and names what can't be read. A phrase that is not where it was looked up has been
// moved (see store.SettlePhrases) or removed meanwhile: it is looked up once more.
func (e *Export) addPhrases(ctx context.Context, z *zip.Writer) (missing []string, err error) {
	for _, phrase := range phrases {
		name := phrasesFolder + phrase + ".wav"
		err = fs.ErrNotExist
		for try := 0; try < 2 && errors.Is(err, fs.ErrNotExist); try++ {
			place, _, is, failed := e.db.Phrase(ctx, e.household, phrase)
			if err = failed; failed == nil && is {
				err = e.addRecording(z, file{name, place, e.made})
			}
		}
		switch {
		case errors.Is(err, errUnreadable):
			missing = append(missing, name)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return missing, nil
}

const missingText = "These recordings could not be read, or not to the end. The disk may be failing: replace it soon.\n\n"

// errUnreadable says that a recording is there, and can't be read.
var errUnreadable = errors.New("it cannot be read")

// addRecording adds a recording to a zip, as it is: sound hardly gets smaller, and a small computer has calls to look after. The error is fs.ErrNotExist
// if it is gone.
func (e *Export) addRecording(z *zip.Writer, f file) error {
	info, err := os.Lstat(f.path)
	if err == nil && !info.Mode().IsRegular() { // a database that was restored may have been made up, and its folder too
		return errUnreadable
	}
	if err != nil {
		return unreadable(err, f)
	}
	from, err := os.Open(f.path)
	if err != nil {
		return unreadable(err, f)
	}
	return errors.Join(e.addFile(z, f.name, zip.Store, f.at, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return unreadable(err, f)
	}), from.Close())
}

// unreadable is errUnreadable for an error that is of reading the file, not of writing it or of its being gone.
func unreadable(err error, f file) error {
	var fault *fs.PathError
	if errors.As(err, &fault) && fault.Path == f.path && !errors.Is(err, fs.ErrNotExist) {
		return errUnreadable
	}
	return err
}

// Close deletes what Make has kept.
func (e *Export) Close() error { return e.texts.Close() }
