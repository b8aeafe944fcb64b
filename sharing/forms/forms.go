// Package forms reads and writes lists of scam numbers in the forms in which people and programs exchange them: tables (CSV), one number a line, address books (vCard),
// the files of callattendant, NCID, FreePBX and Asterisk, the complaints that the FTC publishes, and PhoneBlock's blocklist. A file's form is recognised by its
// contents.
//
// A file is hostile input: it is read within limits, as it comes in, and errors are reported by line while the good lines go in. Our own signed format is read by
// package list, because it is more than a file.
package forms

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/columns"
	"ringfence/sharing/filekind"
	"ringfence/sharing/list"
	"ringfence/sharing/programs"
	"ringfence/store/lists"
)

// Form is what kind of file a list is in: one of these, or else a [filekind.Kind] of another program's. The names of these are what `ringfence list import --form` takes: a contract.
type Form string

// The forms.
const (
	Plain         Form = "plain"          // one number a line, with "#" before comments
	CSV           Form = "csv"            // a table with or without a header, also callattendant's and FreePBX's
	VCard         Form = "vcard"          // an address book
	NCIDAlias     Form = "ncid-alias"     // ncidd.alias: only those whose name shows that they are not wanted
	NCIDBlacklist Form = "ncid-blacklist" // ncidd.blacklist
	AstDB         Form = "astdb"          // the output of "database show", or "database put" commands, of the family blacklist
	FTC           Form = "ftc"            // the FTC's Do-Not-Call complaints, a CSV
	FCC           Form = "fcc"            // the FCC's complaints about unwanted calls, a CSV
	PhoneBlock    Form = "phoneblock"     // PhoneBlock's blocklist, a JSON
)

// Forms are all of them.
func Forms() []Form {
	return []Form{Plain, CSV, VCard, NCIDAlias, NCIDBlacklist, AstDB, FTC, FCC, PhoneBlock}
}

// Title is what people call a form.
func (f Form) Title() string {
	return cmp.Or(map[Form]string{
		Plain: "a text with one number a line", CSV: "a table (CSV)", VCard: "an address book (vCard)", NCIDAlias: "NCID’s aliases", NCIDBlacklist: "NCID’s blacklist",
		AstDB: "Asterisk’s database", FTC: "the FTC’s Do-Not-Call complaints", FCC: "the FCC’s complaints about unwanted calls", PhoneBlock: "PhoneBlock’s blocklist",
	}[f], filekind.Kind(f).Title(), string(f))
}

const (
	maxLine = 64 << 10 // bytes
	maxFile = 1 << 30  // bytes; a list of ten million numbers has 200 MB
	maxNote = 200      // bytes
	// listed is the confidence of numbers in a list without one. Whoever imports it by hand trusts it.
	listed = 1.0
	// maxRefusals is how many refusals are kept; all are counted.
	maxRefusals = 1000
)

// Import reads one list. After Entries has been read to its end, Form, Added, Refused and Refusals say what was in it.
type Import struct {
	Region string    // of national numbers
	Form   Form      // if it is "", it is set to what the contents show
	Now    time.Time // for the age of complaints; zero for now
	// Columns are those with the numbers, by their headings or counting from 1, if somebody has named them; otherwise the table's own headings and rows show which.
	Columns []string
	// AllRows imports all rows of a table, also where a column seems to say that some are no scam.
	AllRows bool
	// Certain refuses a table whose headings were not understood, because its numbers are to be published.
	Certain bool

	Added    int
	Refused  int               // left out, each with its reason
	Refusals []sharing.Refusal // the first thousand of them
	Choice   columns.Choice    // of a table: which columns were taken
	// Doubt is why it is not certain that the numbers are those of unwanted callers, as a sentence without a full stop; "" if it is. Such a list can be used by
	// the household that has looked at it, and not published.
	Doubt string

	wrong  int // how many of the refused should not be in such a file at all
	broken error
	guard  *list.Guard
	reader *screening.NumberReader
	zeros  bool // the file has kept the zeros that numbers begin with
	cells  splitter
}

// Broken is why the file as a whole is not a list; nil if it is one, or if something other than the file ended the reading.
func (i *Import) Broken() error { return i.broken }

// ErrUnfit says that nothing in a file is right, or less than is wrong: it is not a list, or not one for this region, and must not replace a good one.
var ErrUnfit = errors.New("more lines are wrong than right, so the list was left as it was")

// Entries reads a list. A number that ends in "*" is a prefix. Numbers that no list may turn away are refused, and so are prefixes so short that they would turn away
// whole towns (list.Guard).
//
// The sequence ends with an error if the file as a whole cannot be read, or is unfit (ErrUnfit).
func (i *Import) Entries(file io.Reader) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		if err := i.read(file, yield); err != nil {
			yield(lists.Entry{}, err)
		}
	}
}

// errEnough ends the reading when nobody wants more.
var errEnough = errors.New("enough")

func (i *Import) read(file io.Reader, yield func(lists.Entry, error) bool) (err error) {
	if i.reader, err = screening.NewNumberReader(i.Region); err != nil {
		return err
	}
	i.guard = list.NewGuard(nil, screening.Household{Region: i.Region})
	if i.Now.IsZero() {
		i.Now = time.Now()
	}
	take := func(e lists.Entry) error {
		i.Added++
		if !yield(e, nil) {
			return errEnough
		}
		return nil
	}
	err = i.parse(file, take)
	switch {
	case errors.Is(err, errEnough):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		i.broken = errors.New("the compressed file (gzip) ends too early or is damaged: download it once more")
		return i.broken
	case err != nil:
		i.broken = err
		return err
	case i.Added > 0 && i.wrong <= i.Added:
		return nil
	case len(i.Refusals) > 0:
		return fmt.Errorf("%w (the first: %s)", ErrUnfit, i.Refusals[0])
	default:
		return fmt.Errorf("%w: there is no number in it", ErrUnfit)
	}
}

// parse recognises a file's form, and reads it.
func (i *Import) parse(file io.Reader, take func(lists.Entry) error) error {
	raw, head, kind, err := begin(file)
	if err != nil {
		return err
	}
	if i.Form == VCard || i.Form == "" && kind == filekind.VCard { // which is read in any encoding
		i.Form = VCard
		return i.cards(raw, take)
	}
	if text, converted := addressbook.FromUTF16(raw, head); converted {
		raw = bufio.NewReaderSize(text, 2*filekind.Beginning)
		if head, err = raw.Peek(filekind.Beginning); err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
			return err
		}
		kind = filekind.Of(head)
	}
	if what := wrongKind(kind, i.Form); what != "" {
		return errors.New(what)
	}
	if table := kind == filekind.YetAnother || kind == filekind.SpamBlockerTable; i.Form == "" && programs.Reads(kind) && !(table && len(i.Columns) > 0) {
		i.Form = Form(kind)
		if len(i.Columns) > 0 {
			return i.errNoColumns()
		}
		return i.program(kind, raw, take)
	}
	if i.Form == "" {
		i.Form = recognise(kind, head)
	}
	if len(i.Columns) > 0 && i.Form != Plain && i.Form != CSV {
		return i.errNoColumns()
	}
	switch i.Form {
	case PhoneBlock:
		return i.phoneBlock(raw, take)
	case Plain, CSV:
		return i.table(raw, take)
	case NCIDAlias:
		return i.eachLine(raw, take, i.alias)
	case NCIDBlacklist:
		return i.eachLine(raw, take, i.blacklist)
	case AstDB:
		return i.eachLine(raw, take, i.astDB)
	case FTC, FCC:
		return i.ftc(raw, take)
	default:
		return fmt.Errorf("there is no form %q", i.Form)
	}
}

func (i *Import) errNoColumns() error {
	return fmt.Errorf("the file is %s, which has no columns to choose from: leave out the column", i.Form.Title())
}

// leftOut is why a line that is right for such a file is left out.
type leftOut struct{ error }

func leave(format string, args ...any) error { return leftOut{fmt.Errorf(format, args...)} }

func (i *Import) refuse(line int, why error) {
	i.Refused++
	var right leftOut
	if !errors.As(why, &right) {
		i.wrong++
	}
	if len(i.Refusals) < maxRefusals {
		i.Refusals = append(i.Refusals, sharing.Refusal{Line: line, Why: why.Error()})
	}
}

// eachLine reads a file in which every line that is neither empty nor a comment has numbers.
func (i *Import) eachLine(file io.Reader, take func(lists.Entry) error, parse func(line string) ([]lists.Entry, error)) error {
	lines := newLines(file)
	for lines.next() {
		line := strings.TrimSpace(lines.text)
		if line == "" || line[0] == '#' {
			continue
		}
		number := lines.number
		entries, err := parse(line)
		if errors.Is(err, errQuotes) {
			row, more := lines.record(line)
			if row != "" {
				entries, err = parse(row)
			}
			if errors.Is(err, errQuotes) {
				lines.back(more)
			}
		}
		if errors.Is(err, errTooMany) {
			return err
		}
		if err != nil {
			i.refuse(number, err)
		}
		for _, e := range entries {
			if err := take(e); err != nil {
				return err
			}
		}
	}
	return lines.err
}

// entry sets an entry's digits from a number as it is written, or says why it may not be in a list. One that ends in "*" is a prefix.
func (i *Import) entry(written string, e lists.Entry) (lists.Entry, error) {
	written = strings.TrimSpace(written)
	if strings.HasSuffix(written, "*") {
		digits, err := screening.ParsePrefix(written, i.Region)
		if err != nil {
			return e, err
		}
		e.Digits, e.Prefix = digits, true
		if err := i.guard.Refuse(list.Of(e)); err != nil {
			return e, fmt.Errorf("%s %w", clean(written, 40), err)
		}
		return e, nil
	}
	n, err := i.reader.Parse(written)
	if err != nil {
		return e, err
	}
	if whose, never := screening.NeverBlocked(n, i.Region); never { // the guard does not know short numbers
		return e, fmt.Errorf("%s must never be turned away: it is %s", n.National(i.Region), whose)
	}
	if err := i.reader.Unmarked(written, i.zeros); err != nil {
		return e, err
	}
	e.Digits = n.Digits()
	return e, nil
}

// clean is text as a line for people, cut to so many bytes.
func clean(words string, most int) string {
	words = screening.CleanLine(words, most)
	for len(words) > most {
		_, size := utf8.DecodeLastRuneInString(words)
		words = words[:len(words)-size]
	}
	return words
}
