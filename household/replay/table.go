package replay

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/columns"
)

// places are where a CSV has what, counted from 0; -1 for nowhere.
type places struct{ at, clock, number, name, length, kind, result int }

// headings are those of the columns, in lower case, as programs and people write them.
var headings = []struct {
	of    func(*places) *int
	words []string
}{
	{func(c *places) *int { return &c.at }, []string{"date", "datum", "date/time", "datetime", "calldate", "start", "when", "at", "fecha", "data", "date et heure", "date & time", "call date", "timestamp"}},
	{func(c *places) *int { return &c.clock }, []string{"time", "zeit", "uhrzeit", "heure", "hora", "ora", "tijd"}},
	{func(c *places) *int { return &c.number }, []string{
		"number", "nummer", "rufnummer", "telefonnummer", "phone", "phone number", "caller", "caller number", "from", "src", "nmbr",
		"numéro", "numero", "número", "caller id number", "anrufer",
	}},
	{func(c *places) *int { return &c.name }, []string{"name", "nom", "nombre", "nome", "naam", "caller name", "cnam"}},
	{func(c *places) *int { return &c.length }, []string{"duration", "dauer", "billsec", "length", "durée", "duración", "durata", "duur", "talk time"}},
	{func(c *places) *int { return &c.kind }, []string{"typ", "type", "direction", "richtung", "art"}},
	{func(c *places) *int { return &c.result }, []string{"disposition"}},
}

// cdr is where Asterisk's Master.csv has what, which has no headings (cdr_csv.c, build_csv_record).
var cdr = places{at: 9, clock: -1, number: 1, name: -1, length: 13, kind: -1, result: 14}

const (
	formTable = "a table of calls (CSV)"
	formCDR   = "Asterisk's log of calls (CDR)"
)

// table is a log in CSV.
type table struct {
	text   []byte
	above  int // lines above it
	comma  rune
	place  places
	headed bool  // the first row has the headings
	open   []int // lines with a quotation mark that is not closed, which are left out
}

// newTable finds out how a log in CSV is written, and where it has what by its headings. form is what it is called.
func newTable(text []byte) (t table, form string) {
	t = table{text: text, comma: ',', place: places{at: 0, clock: -1, number: 1, name: 2, length: -1, kind: -1, result: -1}}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if strings.HasPrefix(string(first), "sep=") { // so begins the call list of a FRITZ!Box
		t.text, t.above = rest, 1
		first, _, _ = bytes.Cut(rest, []byte("\n"))
	}
	for _, mark := range ";\t" {
		if strings.Count(string(first), string(mark)) > strings.Count(string(first), ",") {
			t.comma = mark
		}
	}
	t.closeQuotes()
	if fields := t.first(); isCDR(fields) {
		t.place = cdr
		return t, formCDR
	} else if found, headed := readHeadings(fields); headed {
		t.place, t.headed = found, true
	}
	return t, formTable
}

// each reads the rows of a table, each with its line, until do says that it is enough.
func (t table) each(do func(row, line int, fields []string) (more bool)) {
	in := csv.NewReader(bytes.NewReader(t.text))
	in.FieldsPerRecord, in.LazyQuotes, in.Comma = -1, true, t.comma
	in.TrimLeadingSpace = t.comma != '\t' // or else empty cells would be trimmed, too
	for row := 0; ; row++ {
		fields, err := in.Read()
		if err != nil { // the end: with LazyQuotes and any number of fields there is no other
			return
		}
		if line, _ := in.FieldPos(0); !do(row, line+t.above, fields) {
			return
		}
	}
}

func (t table) first() (first []string) {
	t.each(func(_, _ int, fields []string) bool {
		first = fields
		return false
	})
	return first
}

func (f *File) readCSV(text []byte, house screening.Line, column string) error {
	var t table
	t, f.Form = newTable(text)
	if f.Form != formCDR || column != "" {
		if err := f.findNumbers(&t, house, column); err != nil {
			return err
		}
	}
	for _, line := range t.open {
		f.refuse(line, "a quotation mark in it isn't closed")
	}
	t.each(func(row, line int, fields []string) bool {
		if row > 0 || !t.headed {
			f.add(line, fields, t.place, house)
		}
		return true
	})
	return nil
}

// findNumbers asks the judge of tables which column has the callers' numbers, and not those that they have rung.
func (f *File) findNumbers(t *table, house screening.Line, column string) error {
	first := t.first()
	headed := t.headed
	if _, err := readTime(strings.TrimSpace(strings.Join(first[:min(1, len(first))], "")), house.Zone); err != nil && f.Form != formCDR {
		headed = true // with a heading for the date that is not known, or with a bad line: its words say nothing then
	}
	names := first
	if !headed {
		names = nil
	}
	judge, err := columns.NewJudge(columns.Callers, house.Region, names)
	if err != nil {
		return err
	}
	t.each(func(row, _ int, fields []string) bool {
		if row > 0 || !headed {
			for _, at := range []int{t.place.at, t.place.clock, t.place.length} { // seconds may look like phone numbers
				if at >= 0 && at < len(fields) {
					fields[at] = ""
				}
			}
			judge.Add(fields)
		}
		return true
	})
	var wanted []string
	if column != "" {
		wanted = []string{column}
	}
	choice, err := judge.Choose(wanted, true)
	if q := (*columns.Question)(nil); column == "" && errors.As(err, &q) && t.onlyPlace(q.All) {
		return nil
	}
	switch {
	case err != nil:
		return err
	case len(choice.Numbers) != 1:
		return &columns.Question{Why: "More than one column could have the callers’ numbers", Candidates: choice.Numbers, All: choice.All}
	}
	if at := choice.Numbers[0].Index; at != t.place.number {
		t.place.number = at
		if !t.headed && f.Form != formCDR {
			t.place.name = judge.Wordy(choice)
		}
	}
	f.From = choice.From()
	return nil
}

// onlyPlace says whether the usual column for the number is the only one that could be meant: there may be callers without a number alone.
func (t table) onlyPlace(all []columns.Column) bool {
	return t.place.number >= 0 && !slices.ContainsFunc(all, func(c columns.Column) bool {
		return c.Index != t.place.number && c.Phones > 0 && c.Owner != columns.Else && c.Owner != columns.NoPhone
	})
}

// isCDR says whether a row is of Asterisk's Master.csv.
func isCDR(fields []string) bool {
	if len(fields) < 16 {
		return false
	}
	_, err := time.Parse(time.DateTime, fields[cdr.at])
	return err == nil
}

// readHeadings finds columns by their headings, of which one has to be the date's. Where more than one could be the number's, the judge of tables decides.
func readHeadings(fields []string) (found places, headed bool) {
	found = places{-1, -1, -1, -1, -1, -1, -1}
	for i, field := range fields {
		field = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(field)), "telephone", "phone")
		for _, h := range headings {
			if at := h.of(&found); *at < 0 && slices.Contains(h.words, field) {
				*at = i
			}
		}
	}
	return found, found.at >= 0
}

// outgoing are the words for calls that the household has made itself; 3 and 4 are those of a FRITZ!Box.
var outgoing = []string{"3", "4", "outgoing", "ausgehend", "out", "dialled", "sortant", "saliente", "in uscita", "uitgaand"}

func (f *File) add(line int, fields []string, place places, house screening.Line) {
	field := func(at int) string {
		if at < 0 || at >= len(fields) {
			return ""
		}
		return strings.TrimSpace(fields[at])
	}
	at, err := readTime(strings.TrimSpace(field(place.at)+" "+field(place.clock)), house.Zone)
	if err != nil {
		f.refuse(line, err.Error())
		return
	}
	number := field(place.number)
	caller := screening.Noted(number)
	if slices.Contains(outgoing, strings.ToLower(field(place.kind))) || f.Form == formCDR && house.Number != "" && screening.NumberOf(strings.TrimPrefix(number, "+")) == house.Number {
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
