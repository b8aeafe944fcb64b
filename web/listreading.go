package web

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/columns"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// Lists that were uploaded are read in the background: for a million numbers that takes longer than anybody watches a page that does not
// change.

// readingNow is how many are read at the same time.
const readingNow = 2

// reading is a list that somebody has sent.
type reading struct {
	name   string // of the list
	source string // the file's name
	form   forms.Form
	file   *os.File // without a name on the disk; it stays open for as long as somebody may choose the columns of a table, and is closed once nobody knows it any more
	all    int64    // bytes

	columns []string // those with the numbers, if somebody has chosen them
	allRows bool

	read atomic.Int64  // bytes so far
	done chan struct{} // closed when the fields below are set:

	preview preview
	choice  columns.Choice
	err     error
}

// percent is how much has been read. Afterwards the numbers are stored and compared, so it never says 100.
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

// readingTime is how long the reading of a list may take.
const readingTime = 10 * time.Minute

// errReading stands for a panic while a list is read. It must not end the program, which has calls to handle; net/http catches only panics in
// handlers.
var errReading = errors.New("the list has found a fault in Ringfence, so nothing was changed")

// readList reads a list without touching the one in use, and finds out what it would change.
func (s listHandlers) readList(ctx context.Context, v *backend.Visitor, one *reading) {
	ctx, cancel := context.WithTimeout(ctx, readingTime)
	defer cancel()
	defer func() { <-s.readers }()
	defer close(one.done)
	defer func() {
		if askOf(one.err) == nil && len(one.choice.All) == 0 {
			one.err = errors.Join(one.err, one.file.Close())
		}
	}()
	defer func() {
		if fault := recover(); fault != nil {
			s.Log.Error("a list has found a fault in Ringfence; please report it", "household", v.Household.Name, "fault", fault, "stack", string(debug.Stack()))
			one.err = errReading
		}
	}()
	one.err = s.readInto(ctx, v, one)
}

// counted counts the bytes that are read through it.
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
	house, err := s.Store.Household(ctx, v.Household.Name)
	if err != nil {
		return err
	}
	p := preview{Name: one.name, Source: one.source, From: screening.Percent(house.SureFrom())}
	read := &forms.Import{Region: v.Household.Region, Form: one.form, Now: v.Now, Columns: one.columns, AllRows: one.allRows}
	p.ID, err = s.Admin(v).PrepareList(ctx, one.name, one.source, read, p.count(house.SureFrom(), read.Entries(counted{one.file, &one.read})))
	if err != nil {
		return err
	}
	changes, err := s.Store.Lists.Differences(ctx, v.Household.Name, p.ID, shownChanges)
	if err != nil {
		return err
	}
	one.choice = read.Choice
	p.Form, p.Refused = read.Form.Title(), read.Refused
	p.Columns = len(read.Choice.All) > 0
	p.Took, p.Not = read.Choice.From(), read.Choice.NotTaken()
	for _, r := range read.Refusals[:min(len(read.Refusals), backend.ShownRefusals)] {
		p.Refusals = append(p.Refusals, r.String())
	}
	p.Added, p.Changed, p.Removed, p.Unchanged = changes.Added, changes.Changed, changes.Removed, changes.Unchanged
	p.New, p.Otherwise, p.Off = entryLines(v, changes.New), entryLines(v, changes.Otherwise), entryLines(v, changes.Off)
	if result, err := s.try(ctx, v, readTime, func(ctx context.Context, a household.Admin) error {
		_, err := a.AcceptList(ctx, p.ID, one.source, "")
		return err
	}); err == nil {
		would := wouldOf(v, result)
		p.Would = &would
	}
	one.preview = p
	return nil
}

// entryLines are numbers of a list as a table shows them.
func entryLines(v *backend.Visitor, entries []lists.Entry) (lines []entryLine) {
	for _, e := range entries {
		lines = append(lines, entryLine{screening.Written(e.Digits, e.Prefix, v.Household.Region), e.Category, e.Note, screening.Percent(e.Confidence)})
	}
	return lines
}
