package subscribe

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/columns"
	"ringfence/sharing/fetch"
	"ringfence/sharing/filekind"
	"ringfence/sharing/forms"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

// A plain file of numbers at an address, such as a CSV in a public repository, is followed like a published list. But it says nothing of itself: nobody has signed it,
// no serial shows which is newer, no hash that it is whole. So it only warns unless an owner says otherwise, and when more than a tenth of it changes at
// once, the new contents wait until somebody has looked at them: that may be another file, half of one, or somebody else's server.

const (
	maxPlain = 128 << 20 // bytes of the file as it comes
	// jump is the part of a list that may change without anybody looking: a tenth.
	jump = 10
	// shownNumbers is how many numbers of a file are shown to somebody who is thinking of subscribing.
	shownNumbers = 8
)

// fileEndings are the endings of files that are lists by themselves. What ends otherwise is looked for as a published list first.
func fileEndings() []string {
	return []string{".csv", ".tsv", ".txt", ".vcf", ".json", ".xml", ".gz", ".alias", ".blacklist", ".list", ".lst", ".dat", ".ldif", ".conf", ".db"}
}

// isFile says by a path whether an address is that of a plain file.
func isFile(address *url.URL) bool {
	return slices.Contains(fileEndings(), strings.ToLower(path.Ext(address.Path)))
}

// asFile is the source as the address of a plain file, for one that turned out not to be a published list.
func (s Source) asFile() (Source, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return s, fetch.ErrAddress
	}
	if len(u.Path) > 1 {
		u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(u.RawPath, "/")
	}
	return Source{URL: u.String(), File: true}, nil
}

// FileFound is a plain file of numbers, for somebody who is thinking of subscribing to it.
type FileFound struct {
	Form     forms.Form
	Numbers  int
	First    []lists.Entry // the first of them
	From     string        // of a table: where the numbers are from, as a part of a sentence
	Column   string        // of a table: by what the column with the numbers is found again; "" if there are several
	Refused  int           // lines and numbers that were left out
	Refusals []list.Refusal
}

// lookFile downloads a plain file and reads it to its end.
func (u *Updater) lookFile(ctx context.Context, household string, s Source, column string) (found FileFound, err error) {
	got, err := u.getFile(ctx, s.URL, lists.State{})
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, got.file.Close()) }()
	var done Outcome
	read := u.readerFor(u.House(household).Region, column)
	for e, err := range u.fileEntries(read, got.file, &done) {
		if question := (*columns.Question)(nil); errors.As(err, &question) && question.Rows != "" {
			return found, fmt.Errorf("%w. Ask its publisher for a list of scams alone, or download the file, delete those rows and import it", err)
		}
		if err != nil {
			return found, err
		}
		if found.Numbers++; len(found.First) < shownNumbers {
			found.First = append(found.First, e)
		}
	}
	found.Form, found.Refused, found.Refusals = read.Form, done.Refused, done.Refusals
	found.From, found.Column = read.Choice.From(), read.Choice.Name
	return found, nil
}

func (u *Updater) readerFor(region, column string) *forms.Import {
	read := &forms.Import{Region: region, Now: u.Now()}
	if column != "" {
		read.Columns = []string{column}
	}
	return read
}

// fileEntries are the numbers of a plain file that may be on a list. done gets what was left out.
func (u *Updater) fileEntries(read *forms.Import, file io.Reader, done *Outcome) iter.Seq2[lists.Entry, error] {
	r := &reading{guard: guard(read.Region), now: u.Now(), done: done}
	return func(yield func(lists.Entry, error) bool) {
		for e, err := range read.Entries(file) {
			if err == nil && !r.takes(list.Of(e)) {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
		for _, one := range read.Refusals {
			r.refuse(lineRefusal(one))
		}
		done.Refused += read.Refused - len(read.Refusals)
	}
}

// lineRefusal is a line of a file that was left out, as the numbers of a list are.
func lineRefusal(one sharing.Refusal) list.Refusal {
	return list.Refusal{Number: fmt.Sprintf("line %d:", one.Line), Why: one.Why}
}

// fileState is the state of a plain file, of which only the address is known.
func fileState(address string, serial int64, now time.Time, answer fetch.Answer, hash string) lists.State {
	state := lists.State{Serial: serial, Purpose: "A plain file of numbers. Nobody has signed it", ETag: answer.ETag, Modified: answer.Modified, Hash: hash}
	if u, err := url.Parse(address); err == nil {
		state.Title, state.Publisher, state.Contact = screening.CleanLine(nameOfFile(u), lists.MaxName), u.Host, u.Scheme+"://"+u.Host+"/"
	}
	if serial > 0 {
		state.Made, state.ValidUntil = now, now.Add(freshFor)
	}
	return state
}

// nameOfFile is what a list is called that comes from an address: the file's name, or its server's.
func nameOfFile(address *url.URL) string {
	name := path.Base(address.Path)
	for slices.Contains(fileEndings(), strings.ToLower(path.Ext(name))) {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	if strings.Trim(name, "./") == "" {
		return address.Hostname()
	}
	return name
}

// updateFile brings a plain file up to date.
func (u *Updater) updateFile(ctx context.Context, sub lists.Subscription) (done Outcome, err error) {
	done = Outcome{Serial: sub.Serial, Full: true, Counts: lists.Counts{Entries: sub.Entries}}
	now := u.Now()
	got, err := u.getFile(ctx, sub.URL, sub.State)
	if err != nil {
		return done, err
	}
	next := now.Add(u.around(sub.Period))
	if got.file != nil {
		defer func() { err = errors.Join(err, got.file.Close()) }()
	}
	if got.answer.Unchanged || got.hash == sub.Hash {
		done.Unchanged, done.Held = true, sub.Held.Version != 0
		return done, u.Store.Lists.OnUnchanged(ctx, sub.Source, sub.Serial, fileState(sub.URL, sub.Serial, now, got.answer, sub.Hash), now, next)
	}
	done.Serial = sub.Serial + 1
	what := lists.Update{Sub: sub, State: fileState(sub.URL, done.Serial, now, got.answer, got.hash), At: now, Next: next, Hold: u.hold(sub.Kind)}
	read := u.readerFor(sub.Region, sub.Column)
	what.Doubt = func() string { return read.Doubt }
	done.Counts, err = u.Store.Lists.ApplyFull(ctx, what, u.fileEntries(read, got.file, &done))
	if q := (*columns.Question)(nil); errors.As(err, &q) {
		err = &columnsError{sub.Column, q}
	}
	if errors.Is(err, lists.ErrHeld) {
		done.Held, err = true, nil
	}
	return done, err
}

// hold has plain files wait in households where they jump. Other lists say of themselves which contents are newer, and that they are whole.
func (u *Updater) hold(kind lists.Kind) lists.Hold {
	if kind != lists.File {
		return lists.Hold{}
	}
	return lists.Hold{Needed: jumps, Tell: func(ctx context.Context, household, name string, c lists.Counts) error {
		return u.Store.AddNotice(ctx, household, u.Now(), store.NoticeListStale, HeldText(name, c), 0)
	}}
}

// columnsError says that it is not certain any more which column of a plain file has the numbers.
type columnsError struct {
	column   string // that somebody has chosen; "" if it was certain
	question *columns.Question
}

func (e *columnsError) Unwrap() error { return e.question }

func (e *columnsError) Error() string {
	what := "the file’s columns have changed, and it is not certain any more which rows or columns have the callers’ numbers"
	if e.column != "" {
		what = fmt.Sprintf("the file has no column “%s” any more", screening.CleanLine(e.column, 40))
		if slices.ContainsFunc(e.question.Candidates, func(c columns.Column) bool { return c.Heading == screening.CleanLine(e.column, 40) }) {
			what = fmt.Sprintf("the file has more than one column “%s” now", screening.CleanLine(e.column, 40))
		}
	}
	return what + ". So the list stays as it was. To choose another column, unsubscribe and subscribe again"
}

// jumps says whether an update changes more of a list than nobody need look at. What is only said otherwise of a number does not count: many lists have
// a new date for each number every day.
func jumps(c lists.Counts) bool {
	had := c.Entries - c.Added + c.Removed
	return had > 0 && jump*(c.Added+c.Removed) > had
}

// HeldText says that an update waits for somebody.
func HeldText(name string, c lists.Counts) string {
	return fmt.Sprintf("The list %s would change by more than a tenth: %s would come, %s would go. It stays as it is until somebody has looked at it.",
		name, screening.Counted(c.Added, "number", "numbers"), screening.Counted(c.Removed, "number", "numbers"))
}

// gotten is a plain file that was downloaded, and unpacked if it was packed.
type gotten struct {
	file   *os.File // without a name; nil if the answer is Unchanged
	answer fetch.Answer
	hash   string // of the file as it came
}

// getFile downloads a plain file unless it is unchanged, and refuses what is certainly no list.
func (u *Updater) getFile(ctx context.Context, address string, have lists.State) (got gotten, err error) {
	most, err := u.mostNow()
	if err != nil {
		return got, err
	}
	request := fetch.Request{URL: address, Most: most, Time: min(partTime+maxPlain/leastRate*time.Second, mostTime)}
	if have.Serial != 0 {
		request.ETag, request.Modified = have.ETag, have.Modified
	}
	sum := sha256.New()
	file, err := u.nameless(func(file io.Writer) error {
		got.answer, err = u.Fetch.Get(ctx, request, io.MultiWriter(file, sum))
		if errors.Is(err, fetch.ErrTooLarge) && most < maxPlain {
			err = fmt.Errorf("%w: %w", ErrRoom, err)
		}
		return err
	})
	if err != nil {
		return got, err
	}
	if got.answer.Unchanged {
		return got, file.Close()
	}
	got.hash = hex.EncodeToString(sum.Sum(nil))
	if got.file, err = u.unpacked(ctx, file); err != nil {
		return got, err
	}
	if err = checkAnswer(got.file, address, got.answer); err != nil {
		err = errors.Join(err, got.file.Close())
	}
	return got, err
}

// mostNow is how large a plain file may be that there is room for.
func (u *Updater) mostNow() (int64, error) {
	free, err := u.Free(u.Folder)
	if err != nil {
		return 0, err
	}
	most := min((free-roomLeft)/3, maxPlain) // the numbers are in the store as well, and in its log
	if most < 1<<20 {
		return 0, ErrRoom
	}
	return most, nil
}

var errCutShort = errors.New("the packed file is cut off or damaged")

// unpacked is a file as it came, or what is in it if that was packed with gzip.
func (u *Updater) unpacked(ctx context.Context, file *os.File) (*os.File, error) {
	magic := make([]byte, 2)
	n, _ := io.ReadFull(file, magic) // whatever is wrong is found when the file is read
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if filekind.Of(magic[:n]) != filekind.Gzip {
		return file, nil
	}
	packed, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	out, err := u.nameless(func(to io.Writer) error { return u.unpack(ctx, bufio.NewReader(file), packed.Size(), to) })
	return out, errors.Join(err, file.Close())
}

// unpack unpacks within the limits that published lists have.
func (u *Updater) unpack(ctx context.Context, from io.Reader, size int64, to io.Writer) error {
	most := min(u.Limits.Unpacked, max(1<<20, size*u.Limits.Ratio))
	if free, err := u.Free(u.Folder); err != nil || free-roomLeft < most {
		most = max(0, min(most, free-roomLeft))
	}
	unzip, err := gzip.NewReader(from)
	if err != nil {
		return errCutShort
	}
	ctx, cancel := context.WithTimeout(ctx, u.Limits.Time)
	defer cancel()
	n, err := io.Copy(to, io.LimitReader(whileContext{ctx, unzip}, most+1))
	switch {
	case ctx.Err() != nil:
		return list.ErrTime
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return errCutShort
	case err != nil && n <= most && !errors.Is(err, os.ErrInvalid):
		return fmt.Errorf("%w: %w", errCutShort, err)
	case n > most:
		return fmt.Errorf("%w: it unpacks to more than %d MB", list.ErrTooLarge, most>>20)
	}
	return nil
}

// whileContext ends reading with its context.
type whileContext struct {
	ctx  context.Context
	from io.Reader
}

func (w whileContext) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.from.Read(b)
}

// checkAnswer refuses what is certainly no list, or was certainly cut off. The file is then at its beginning again.
func checkAnswer(file *os.File, address string, answer fetch.Answer) error {
	head := make([]byte, filekind.Beginning)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if err := noList(head[:n], err != nil, address, answer.Elsewhere); err != nil {
		return err
	}
	if answer.Unmeasured {
		if err := endsWithLine(file); err != nil {
			return err
		}
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

// endsWithLine refuses a file whose last line does not end, from a server that has not said how long the file is: the connection may have been lost in the middle
// of a number, and what is left of it would be somebody else's.
func endsWithLine(file *os.File) error {
	last := make([]byte, 1)
	if _, err := file.Seek(-1, io.SeekEnd); err != nil {
		return err
	}
	if _, err := io.ReadFull(file, last); err != nil {
		return err
	}
	if !bytes.ContainsAny(last, "\r\n}]>") {
		return fmt.Errorf("%w: its last line does not end, and the server does not say how long it is", fetch.ErrCutOff)
	}
	return nil
}
