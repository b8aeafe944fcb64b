package rescue

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/store/datafolder"
)

// Report is what was done about a damaged database.
type Report struct {
	At     time.Time `json:"at"`
	Why    string    `json:"why"`
	Backup time.Time `json:"backup"` // the one that replaced it; zero: there was none
	Lost   []string  `json:"lost"`   // the tables of which part could not be read
	Folder string    `json:"-"`      // where the damaged one is
	// LogOnly says that the database itself is whole, but the end of its write-ahead log can't be read.
	LogOnly bool `json:"log_only"`
}

// lostMissing is in Lost where nothing could be read, lostLast where part of the write-ahead log could not.
const (
	lostMissing = "everything since the backup"
	lostLast    = "the latest changes"
)

// In the data folder is a folder for each damaged database that was set aside, with a report in it.
const (
	damagedPrefix = "damaged-"
	reportFile    = "report.json"
)

// Sentence is the report in words for people.
func (r Report) Sentence() string {
	if r.LogOnly {
		return "The last entries before Ringfence's start could not be read: the power failed, or the disk is failing. Check that your latest changes are still there."
	}
	put := "There was no backup yet, so Ringfence began a new one with whatever it could still read."
	if !r.Backup.IsZero() {
		put = "Its backup of " + r.Backup.Local().Format("2 January at 15:04") + " is in its place now, with whatever Ringfence could still read."
	}
	if slices.Contains(r.Lost, lostMissing) && r.Backup.IsZero() {
		return "The database was lost. There was no backup yet, so Ringfence began an empty one: add contacts, blocks and settings again. The disk may be failing: have someone check it."
	}
	lost := "Nothing seems to be lost."
	if len(r.Lost) > 0 {
		lost = "These may be missing or out of date: " + strings.Join(lostWords(r.Lost), ", ") + "."
	}
	return "The database was damaged. " + put + " " + lost + " The disk may be failing: have someone check it."
}

// lostWords are what people call the contents of tables.
func lostWords(tables []string) (words []string) {
	for _, t := range tables {
		word := "other settings"
		switch {
		case t == lostMissing, t == lostLast:
			word = t
		case strings.HasPrefix(t, "contact"), t == "books":
			word = "contacts"
		case t == "blocks":
			word = "blocks"
		case strings.HasPrefix(t, "call"), t == "recordings", t == "notices", t == "inquiries", t == "emergencies", t == "dialled":
			word = "the log of calls"
		case strings.HasPrefix(t, "list"), strings.HasPrefix(t, "subscription"):
			word = "shared lists"
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// makeFolder makes the folder for what is set aside.
func (r *Report) makeFolder(data string, now time.Time) error {
	r.Folder = filepath.Join(data, datafolder.UnusedName(data, damagedPrefix+now.UTC().Format(datafolder.Stamp)))
	return os.Mkdir(r.Folder, 0o700)
}

// write writes the report into its folder.
func (r Report) write() error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return datafolder.WriteFile(filepath.Join(r.Folder, reportFile), append(text, '\n'))
}

// Last is the latest report whose folder still exists.
func Last(data string) (r Report, found bool, err error) {
	entries, err := os.ReadDir(data)
	if err != nil {
		return r, false, err
	}
	for _, e := range slices.Backward(entries) { // by name, and so by time
		if !strings.HasPrefix(e.Name(), damagedPrefix) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(data, e.Name(), reportFile))
		if errors.Is(err, fs.ErrNotExist) { // cut off before it was written
			continue
		}
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		r.Folder = filepath.Join(data, e.Name())
		return r, err == nil, err
	}
	return r, false, nil
}
