package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// Lists that came through a browser are read beside whoever has sent them: of a million numbers that takes longer than anybody looks
// at a page that does not change.

const (
	readingLife = 30 * time.Minute // for how long it is kept what came of it
	readingMost = 8                // in all; the oldest goes first
	readingNow  = 2                // that are read at the same time
)

// reading is a list that somebody has sent.
type reading struct {
	key       string
	person    int64
	household string
	at        time.Time
	name      string // of the list
	source    string // the file's name
	form      forms.Form
	file      *os.File // without a name on the disk
	all       int64    // bytes

	read atomic.Int64  // bytes so far
	done chan struct{} // closed when these are there:

	preview preview
	wrong   error // what is wrong with the file, for people
	err     error // what is wrong here
}

// percent is how far the reading is. The numbers are written down and compared afterwards, so it is never quite done.
func (one *reading) percent() int {
	return int(min(99, 100*one.read.Load()/max(one.all, 1)))
}

func (one *reading) isDone() bool {
	select {
	case <-one.done:
		return true
	default:
		return false
	}
}

// readings keeps them. Only who has sent one, in the household for which it was, sees it.
type readings struct {
	mu   sync.Mutex
	kept []*reading // the oldest first
}

// begin keeps a reading and gives it its key; false where too many are at work.
func (rs *readings) begin(one *reading) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.kept = slices.DeleteFunc(rs.kept, func(old *reading) bool { return old.isDone() && one.at.Sub(old.at) > readingLife })
	atWork := 0
	for _, old := range rs.kept {
		if !old.isDone() {
			atWork++
		}
	}
	if atWork >= readingNow {
		return false
	}
	if len(rs.kept) >= readingMost {
		oldest := slices.IndexFunc(rs.kept, (*reading).isDone) // of so many, some are
		rs.kept = slices.Delete(rs.kept, oldest, oldest+1)
	}
	one.key, one.done = rand.Text(), make(chan struct{})
	rs.kept = append(rs.kept, one)
	return true
}

// find is the reading of a key, nil where somebody has none of it.
func (rs *readings) find(key string, person int64, household string) *reading {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, one := range rs.kept {
		if one.key == key && one.person == person && one.household == household {
			return one
		}
	}
	return nil
}

// readingTime is how long the reading of a list may take.
const readingTime = 10 * time.Minute

// errReading is a fault of ours, which must not end the program: it has calls to handle. What a request runs into, its server catches.
var errReading = errors.New("the list has found a fault in Ringfence, so nothing was changed")

// readList reads a list beside what is in force, and finds out what it would change.
func (s listHandlers) readList(ctx context.Context, v *backend.Visitor, one *reading) {
	ctx, late := context.WithTimeout(ctx, readingTime)
	defer late()
	defer close(one.done)
	defer func() { one.err = errors.Join(one.err, one.file.Close()) }()
	defer func() {
		if fault := recover(); fault != nil {
			s.Log.Error("a list has found a fault in Ringfence; please report it", "household", one.household, "fault", fault, "stack", string(debug.Stack()))
			one.err = errReading
		}
	}()
	one.err = s.readInto(ctx, v, one)
}

// counted counts the bytes that are read.
type counted struct {
	io.Reader
	into *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.into.Add(int64(n))
	return n, err
}

func (s listHandlers) readInto(ctx context.Context, v *backend.Visitor, one *reading) error {
	house, err := s.Store.Household(ctx, one.household)
	if err != nil {
		return err
	}
	p := preview{Household: one.household, Name: one.name, Source: one.source, From: screening.Percent(house.SureFrom())}
	read := &forms.Import{Region: v.Household.Region, Form: one.form, Now: v.Now}
	p.ID, err = s.Store.Lists.Prepare(ctx, one.household, one.name, one.source, p.count(house.SureFrom(), read.Entries(counted{one.file, &one.read})))
	switch {
	case errors.Is(err, forms.ErrUnfit), errors.Is(err, lists.ErrSubscribed):
		one.wrong = err
		return nil
	case err != nil && read.Broken() != nil:
		one.wrong = read.Broken()
		return nil
	case err != nil:
		return err
	}
	changes, err := s.Store.Lists.Differences(ctx, one.household, p.ID, shownChanges)
	if err != nil {
		return err
	}
	p.Form, p.Refused = read.Form.Title(), read.Refused
	for _, r := range read.Refusals[:min(len(read.Refusals), backend.ShownRefusals)] {
		p.Refusals = append(p.Refusals, r.String())
	}
	p.Added, p.Changed, p.Removed, p.Unchanged = changes.Added, changes.Changed, changes.Removed, changes.Unchanged
	p.New, p.Otherwise, p.Off = entryLines(v, changes.New), entryLines(v, changes.Otherwise), entryLines(v, changes.Off)
	one.preview = p
	return nil
}

// entryLines are numbers of a list as a table shows them.
func entryLines(v *backend.Visitor, entries []lists.Entry) (lines []entryLine) {
	for _, e := range entries {
		written := written(v, e.Digits)
		if e.Prefix {
			written = "+" + e.Digits + "…"
		}
		lines = append(lines, entryLine{written, e.Category, e.Note, screening.Percent(e.Confidence)})
	}
	return lines
}
