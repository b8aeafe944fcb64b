package replay

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// File is a log of calls as some program has written it.
type File struct {
	Form    string // what kind of file it is, in words
	Calls   []Call
	Outside int      // calls from the household to others, which were left out
	Refused []string // lines that could not be read, each with its number and the reason
}

const (
	// maxFile is how large a log may be, in bytes, and maxRefusals how many lines may be wrong.
	maxFile     = 256 << 20
	maxRefusals = 1000
)

// Read reads a log of calls: what `ringfence calls --json` writes, Asterisk's Master.csv, the call list of a FRITZ!Box, or any CSV with a heading for
// the date and the number, or of date, number and name. Times without a zone are of the household's clocks.
func Read(from io.Reader, zone *time.Location, own screening.Number) (f File, err error) {
	if zone == nil {
		zone = time.UTC
	}
	in := bufio.NewReader(io.LimitReader(from, maxFile+1))
	start, err := in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	if bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // it is there
	}
	text, err := io.ReadAll(in)
	switch {
	case err != nil:
		return f, err
	case len(text) > maxFile:
		return f, errors.New("it is larger than 256 MB: cut it into smaller files")
	case len(bytes.TrimSpace(text)) == 0:
		return f, errors.New("it is empty")
	case !utf8.Valid(text):
		return f, errors.New("it is no text in UTF-8: save it as CSV in UTF-8")
	case bytes.TrimSpace(text)[0] == '{':
		f.readJSON(text)
	default:
		f.readCSV(text, zone, own)
	}
	if len(f.Refused) > len(f.Calls)+f.Outside {
		return f, fmt.Errorf("more lines are wrong than right, so it is no log of calls that Ringfence can read. %s", f.Refused[0])
	}
	return f, nil
}

func (f *File) refuse(line int, why string) {
	if len(f.Refused) < maxRefusals {
		f.Refused = append(f.Refused, fmt.Sprintf("Line %d: %s.", line, why))
	}
}

// jsonCall is a line of `ringfence calls --json`.
type jsonCall struct {
	At           time.Time              `json:"at"`
	Number       string                 `json:"number"`
	Name         string                 `json:"name"`
	Presentation screening.Presentation `json:"presentation"`
	Reasons      []screening.Reason     `json:"reasons"`
	Outcome      calllog.Outcome        `json:"outcome"`
	Ended        time.Time              `json:"ended"`
	Steps        []struct {
		At     time.Time    `json:"at"`
		Step   calllog.Kind `json:"step"`
		Detail string       `json:"detail"`
	} `json:"steps"`
}

func (f *File) readJSON(text []byte) {
	f.Form = "a log of Ringfence"
	for n, line := range bytes.Split(text, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var j jsonCall
		switch err := json.Unmarshal(line, &j); {
		case err != nil:
			f.refuse(n+1, "`ringfence calls --json` wrote no such line")
		case j.At.IsZero():
			f.refuse(n+1, "it has no time (at)")
		case j.Outcome != calllog.TooMany:
			f.Calls = append(f.Calls, j.call())
		}
	}
}

func (j jsonCall) call() Call {
	typed := j.Number
	if typed == "" {
		typed = string(j.Presentation)
		if j.Presentation == screening.Allowed { // a number that cannot exist, which is not in the file: see identify
			typed = ""
		}
	}
	c := Call{At: j.At, Identity: screening.Noted(typed), Name: screening.CleanLine(j.Name, 64), Outcome: j.Outcome}
	c.Identity.Name = j.Name
	past := store.Call{Outcome: j.Outcome, Ended: j.Ended}
	for _, s := range j.Steps {
		past.Steps = append(past.Steps, store.Step{At: s.At, Step: calllog.Read(s.Step, s.Detail)})
	}
	c.Talked, _ = past.Talked()
	c.InVain = past.InVain()
	for _, r := range j.Reasons {
		c.Noted = append(c.Noted, r.Code)
	}
	c.Identity, c.Ended = c.Identity.Checked(j.Reasons), j.Ended
	return c
}

// columns are where a CSV has what, counted from 0; -1 for nowhere.
type columns struct{ at, clock, number, name, length, kind, result int }

// headings are those of the columns, in lower case, as programs and people write them.
var headings = []struct {
	of    func(*columns) *int
	words []string
}{
	{func(c *columns) *int { return &c.at }, []string{"date", "datum", "date/time", "datetime", "calldate", "start", "when", "at", "fecha", "data", "date et heure", "date & time", "call date", "timestamp"}},
	{func(c *columns) *int { return &c.clock }, []string{"time", "zeit", "uhrzeit", "heure", "hora", "ora", "tijd"}},
	{func(c *columns) *int { return &c.number }, []string{
		"number", "nummer", "rufnummer", "telefonnummer", "phone", "phone number", "caller", "caller number", "from", "src", "nmbr",
		"numéro", "numero", "número", "caller id number", "anrufer",
	}},
	{func(c *columns) *int { return &c.name }, []string{"name", "nom", "nombre", "nome", "naam", "caller name", "cnam"}},
	{func(c *columns) *int { return &c.length }, []string{"duration", "dauer", "billsec", "length", "durée", "duración", "durata", "duur", "talk time"}},
	{func(c *columns) *int { return &c.kind }, []string{"typ", "type", "direction", "richtung", "art"}},
	{func(c *columns) *int { return &c.result }, []string{"disposition"}},
}

// cdr are the columns of Asterisk's Master.csv, which has no headings (cdr_csv.c, build_csv_record).
var cdr = columns{at: 9, clock: -1, number: 1, name: -1, length: 13, kind: -1, result: 14}

func (f *File) readCSV(text []byte, zone *time.Location, own screening.Number) {
	f.Form = "a table of calls (CSV)"
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	skipped := 0
	if strings.HasPrefix(string(first), "sep=") { // so begins the call list of a FRITZ!Box
		text, skipped = rest, 1
		first, _, _ = bytes.Cut(text, []byte("\n"))
	}
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord, in.LazyQuotes, in.TrimLeadingSpace = -1, true, true
	for _, mark := range ";\t" {
		if strings.Count(string(first), string(mark)) > strings.Count(string(first), ",") {
			in.Comma = mark
		}
	}
	place := columns{at: 0, clock: -1, number: 1, name: 2, length: -1, kind: -1, result: -1}
	for row := 0; ; row++ {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.refuse(row+1+skipped, "the quotation marks don't fit")
			return
		}
		line, _ := in.FieldPos(0)
		line += skipped
		switch {
		case row == 0 && isCDR(fields):
			place, f.Form = cdr, "Asterisk's log of calls (CDR)"
		case row == 0 && readHeadings(fields, &place):
			continue
		}
		f.add(line, fields, place, zone, own)
	}
}

// isCDR says whether a row is of Asterisk's Master.csv.
func isCDR(fields []string) bool {
	if len(fields) < 16 {
		return false
	}
	_, err := time.Parse(time.DateTime, fields[cdr.at])
	return err == nil
}

// readHeadings finds columns by their headings. It is false where the row has none.
func readHeadings(fields []string, place *columns) bool {
	found := columns{-1, -1, -1, -1, -1, -1, -1}
	for i, field := range fields {
		field = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(field)), "telephone", "phone")
		for _, h := range headings {
			if at := h.of(&found); *at < 0 && slices.Contains(h.words, field) {
				*at = i
			}
		}
	}
	if found.number < 0 || found.at < 0 {
		return false
	}
	*place = found
	return true
}

// outgoing are the words for calls that the household has made itself; 3 and 4 are those of a FRITZ!Box.
var outgoing = []string{"3", "4", "outgoing", "ausgehend", "out", "dialled", "sortant", "saliente", "in uscita", "uitgaand"}

func (f *File) add(line int, fields []string, place columns, zone *time.Location, own screening.Number) {
	field := func(at int) string {
		if at < 0 || at >= len(fields) {
			return ""
		}
		return strings.TrimSpace(fields[at])
	}
	at, err := readTime(strings.TrimSpace(field(place.at)+" "+field(place.clock)), zone)
	if err != nil {
		f.refuse(line, err.Error())
		return
	}
	number := field(place.number)
	caller := screening.Noted(number)
	if slices.Contains(outgoing, strings.ToLower(field(place.kind))) || place == cdr && own != "" && screening.NumberOf(strings.TrimPrefix(number, "+")) == own {
		f.Outside++
		return
	}
	caller.Name = field(place.name)
	c := Call{At: at, Identity: caller, Name: screening.CleanLine(caller.Name, 64)}
	if result := field(place.result); result == "" || result == "ANSWERED" {
		c.Talked = readLength(field(place.length))
	}
	f.Calls = append(f.Calls, c)
}

// layouts are how programs write times. Days come before months where both are numbers, as in Europe.
var layouts = []string{
	time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly,
	"02.01.06 15:04", "02.01.06 15:04:05", "02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006", "02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006",
	"02/01/06 15:04", "2 Jan 2006 15:04", "2 January 2006 15:04", "2006/01/02 15:04:05", "2006/01/02 15:04",
}

func readTime(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 1e9 && seconds < 1e10 {
		return time.Unix(seconds, 0), nil
	}
	if text == "" {
		return time.Time{}, errors.New("it has no date")
	}
	return time.Time{}, fmt.Errorf("%q is no date that Ringfence can read: write 2026-11-24 14:05", screening.CleanLine(text, 40))
}

// readLength reads seconds, or hours, minutes and seconds with colons; a FRITZ!Box has hours and minutes.
func readLength(text string) time.Duration {
	parts := strings.Split(text, ":")
	total := 0
	for _, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n > 1e6 {
			return 0
		}
		total = 60*total + n
	}
	if len(parts) == 2 {
		total *= 60
	}
	return time.Duration(total) * time.Second
}
