package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"ringfence/store/datafolder"
)

// unwrittenFile has lines of the log of calls that could not be written into the database when they had to be kept: when a caller was told that
// their message is kept, or when the program ended. The next start writes them.
const unwrittenFile = "unwritten.json"

// unreadablePrefix begins the name under which such a file is kept that could not be read.
const unreadablePrefix = "unwritten-unreadable-"

// Unreadable is the latest file of such lines that could not be read, and when that was found; "" where there is none any more.
func Unreadable(data string) (file string, found time.Time, err error) {
	all := unreadableFiles(data)
	if len(all) == 0 {
		return "", time.Time{}, nil
	}
	file = filepath.Join(data, all[len(all)-1])
	info, err := os.Stat(file)
	if err != nil {
		return "", time.Time{}, err
	}
	return file, info.ModTime(), nil
}

// unreadableFiles are the names of all of them, the oldest first.
func unreadableFiles(data string) []string {
	all, _ := fs.Glob(os.DirFS(data), unreadablePrefix+"*") // the pattern is right
	return all
}

// UnreadableWords is for people.
const UnreadableWords = "Some calls from just before Ringfence was started may be missing here. The file in which they waited can't be read: the power failed, or the disk is failing."

// setAside keeps a file of lines that cannot be read, for whoever can.
func setAside(data string) (file string, err error) {
	now := time.Now()
	file = filepath.Join(data, datafolder.UnusedName(data, unreadablePrefix+now.UTC().Format(datafolder.Stamp)))
	return file, errors.Join(os.Rename(filepath.Join(data, unwrittenFile), file), os.Chtimes(file, time.Time{}, now))
}

// The names of the lines in it. Their statements may run twice: the program may end between a write and the removal of the file.
const (
	lineArrived = "arrived"
	lineStep    = "step"
	lineEnded   = "ended"
	lineGoesOn  = "goes-on"
	lineKept    = "kept"
)

var unwrittenQueries = map[string]string{
	lineArrived: arrivedQuery,
	lineStep: `INSERT INTO call_steps (call_id, at_ms, step, detail) SELECT ?1, ?2, ?3, ?4
		WHERE NOT EXISTS (SELECT 1 FROM call_steps WHERE call_id = ?1 AND at_ms = ?2 AND step = ?3 AND detail = ?4)`,
	lineEnded:  endedQuery,
	lineGoesOn: goesOnQuery,
	lineKept:   keptQuery,
}

// unwritten is one of the lines.
type unwritten struct {
	Line string `json:"line"`
	Args []any  `json:"args"`
}

// readUnwritten reads the file, if there is one.
func readUnwritten(data string) (lines []unwritten, err error) {
	text, err := os.ReadFile(filepath.Join(data, unwrittenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	read := json.NewDecoder(bytes.NewReader(text))
	read.UseNumber()
	if err := read.Decode(&lines); err != nil {
		return nil, fmt.Errorf("%s: %w", unwrittenFile, err)
	}
	for _, l := range lines {
		for i, arg := range l.Args {
			if n, is := arg.(json.Number); is {
				if l.Args[i], err = n.Int64(); err != nil {
					return nil, fmt.Errorf("%s: %w", unwrittenFile, err)
				}
			}
		}
	}
	return lines, nil
}

// recordingName is what the names of recordings look like.
var recordingName = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._-]*\.wav`)

// AddUnwritten adds the recordings whose lines are in the file of a data folder, or in one that could not be read, so that nothing deletes them.
func AddUnwritten(data string, known map[string]bool) error {
	for _, file := range unreadableFiles(data) {
		text, err := os.ReadFile(filepath.Join(data, file))
		if err != nil {
			return err
		}
		for _, name := range recordingName.FindAllString(string(text), -1) {
			known[name] = true
		}
	}
	lines, err := readUnwritten(data)
	for _, l := range lines {
		if l.Line == lineKept && len(l.Args) > 2 {
			if name, is := l.Args[2].(string); is {
				known[name] = true
			}
		}
	}
	return err
}

// saveWaiting writes all waiting lines into the file, and counts them.
func (w *WriteBehind) saveWaiting() (lines int, err error) {
	w.file.Lock()
	defer w.file.Unlock()
	all := []unwritten{}
	w.mu.Lock()
	for _, j := range w.waiting {
		all = append(all, j.before...)
		if j.what != "" {
			all = append(all, unwritten{Line: j.what, Args: j.args})
		}
	}
	w.mu.Unlock()
	if len(all) == 0 {
		return 0, nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return 0, err
	}
	w.saved.Store(true)
	return len(all), datafolder.WriteFile(filepath.Join(filepath.Dir(w.db.path), unwrittenFile), text)
}

// removeSaved removes the file once nothing waits any more. The line of a message is on the disk by then (see keepLine).
func (w *WriteBehind) removeSaved() {
	w.file.Lock()
	defer w.file.Unlock()
	w.mu.Lock()
	waiting := len(w.waiting)
	w.mu.Unlock()
	if waiting > 0 {
		w.saved.Store(true)
		return
	}
	if err := os.Remove(filepath.Join(filepath.Dir(w.db.path), unwrittenFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.log.Error("lines of the log of calls that are written are still in a file beside it", "err", err)
	}
}

// queueSaved queues what an earlier program could not write, and returns the highest ID of a call in it.
func (w *WriteBehind) queueSaved() (last int64) {
	lines, err := readUnwritten(filepath.Dir(w.db.path))
	if err != nil {
		file, failed := setAside(filepath.Dir(w.db.path))
		w.log.Error("what could not be written of the log of calls before cannot be read, and is kept beside the database", "err", errors.Join(err, failed), "file", file)
		return 0
	}
	for _, l := range lines {
		if id, is := slices.Concat(l.Args, []any{nil})[0].(int64); is && l.Line == lineArrived {
			last = max(last, id)
		}
	}
	if len(lines) > 0 {
		w.saved.Store(true)
		w.add(job{before: lines, do: func(ctx context.Context) error { return w.writeUnwritten(ctx, lines) }})
	}
	return last
}

// writeUnwritten writes lines; they are on the disk when it returns. One that can never be written is left out.
func (w *WriteBehind) writeUnwritten(ctx context.Context, lines []unwritten) error {
	return w.db.write.Do(ctx, func(tx *sql.Tx) error {
		for _, l := range lines {
			_, err := tx.ExecContext(ctx, unwrittenQueries[l.Line], l.Args...)
			if err != nil && notNow(err) {
				return err
			}
			if err != nil {
				w.log.Error("a line of the log of calls cannot be written", "line", l.Line, "err", err)
			}
		}
		return nil
	})
}
