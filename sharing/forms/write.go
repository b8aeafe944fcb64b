package forms

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ringfence/screening"
	"ringfence/sharing/addressbook"
	"ringfence/sharing/filekind"
	"ringfence/sharing/list"
	"ringfence/sharing/programs"
	"ringfence/store"
	"ringfence/store/lists"
)

// Output is a form in which a list can be written. The names are what `ringfence list export --form` takes: a contract.
type Output string

// The forms in which a list can be written.
const (
	ToCSV   Output = "csv"   // everything in the list; Import reads it back
	ToVCard Output = "vcard" // an address book
	ToAstDB Output = "astdb" // commands for Asterisk's own database
	// ToFritzBox is a phone book in XML, for the FRITZ!Box's call barring.
	ToFritzBox Output = "fritzbox"
)

// Options says what is written of a list. For a device that blocks outright, without asking the household, set Sure and Without.
type Options struct {
	Region        string
	Now           time.Time
	Sure          float64                  // entries with less confidence are left out
	Without       func(digits string) bool // numbers that are left out, such as contacts'; may be nil
	International bool                     // for ToAstDB: all numbers begin with +
}

// Written counts what was written, and what was left out.
type Written struct {
	Numbers  int
	Prefixes int // left out, because the form has no prefixes
	Unsure   int
	Without  int
	Expired  int
}

// Write writes a list in a form. Whatever it contains, nothing is a formula to a spreadsheet, another property of a card, or another command to Asterisk or a shell. An
// error from entries ends it.
func Write(to io.Writer, form Output, entries iter.Seq2[lists.Entry, error], o Options) (done Written, err error) {
	w := bufio.NewWriter(to)
	var write func(lists.Entry) error
	end := func() error { return nil }
	switch form {
	case ToCSV:
		write, end, err = csvWriter(w, o)
	case ToVCard:
		write = func(e lists.Entry) error { return addressbook.WriteVCard(w, []store.Contact{Card(e, o.Region)}) }
	case ToAstDB:
		write = func(e lists.Entry) error { return writeAstDB(w, e, o) }
	case ToFritzBox:
		write, end, err = fritzBoxWriter(w, o)
	default:
		err = fmt.Errorf("there is no form %q: it is csv, vcard, astdb or fritzbox", form)
	}
	if err != nil {
		return done, err
	}
	for e, err := range entries {
		if err != nil {
			return done, err
		}
		if !done.takes(e, form, o) {
			continue
		}
		if err := write(e); err != nil {
			return done, err
		}
	}
	if err := end(); err != nil {
		return done, err
	}
	return done, w.Flush()
}

// takes counts an entry, and says whether it is written.
func (w *Written) takes(e lists.Entry, form Output, o Options) bool {
	switch {
	case list.Of(e).Expired(o.Now):
		w.Expired++
	case e.Prefix && form != ToCSV:
		w.Prefixes++
	case e.Confidence < o.Sure:
		w.Unsure++
	case o.Without != nil && o.Without(e.Digits):
		w.Without++
	default:
		w.Numbers++
		return true
	}
	return false
}

// fritzBoxWriter writes a phone book that is called as one that blocks, so that it is never read back as people.
func fritzBoxWriter(to *bufio.Writer, o Options) (write func(lists.Entry) error, end func() error, err error) {
	w, err := programs.NewWriter(to, filekind.FritzBox, "Rufsperren")
	if err != nil {
		return nil, nil, err
	}
	return func(e lists.Entry) error {
		card := Card(e, o.Region)
		w.Add(card.Name, string(card.Numbers[0]))
		return nil
	}, w.End, nil
}

// csvHeader are the columns that Import understands.
var csvHeader = []string{"number", "category", "confidence", "reporters", "first reported", "last reported", "expires", "note"}

func csvWriter(to io.Writer, o Options) (write func(lists.Entry) error, end func() error, err error) {
	if _, err := io.WriteString(to, "\ufeff"); err != nil { // without it Excel takes the file for Windows-1252
		return nil, nil, err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	if err := w.Write(csvHeader); err != nil {
		return nil, nil, err
	}
	write = func(e lists.Entry) error {
		number := addressbook.GuardedNumber(numberOf(e).National(o.Region))
		if e.Prefix {
			number = "(+)" + e.Digits + "*"
		}
		return w.Write([]string{number, addressbook.Guarded(clean(e.Category, 40)), strconv.FormatFloat(e.Confidence, 'g', 4, 64), reporters(e.Reporters),
			list.Day(e.First).String(), list.Day(e.Last).String(), list.Day(e.Expires).String(), addressbook.Guarded(clean(e.Note, maxNote))})
	}
	return write, func() error { w.Flush(); return w.Error() }, nil
}

func reporters(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// numberOf is the number of an entry that is no prefix.
func numberOf(e lists.Entry) screening.Number {
	if len(e.Digits) < shortest { // a short number, which only exists in its own country
		return screening.Number(e.Digits)
	}
	return screening.Number("+" + e.Digits)
}

// shortest is the least number of digits of a number with a country code.
const shortest = 7

// Card is an entry as a person in an address book, whose name says what to think of the caller when a telephone shows it.
func Card(e lists.Entry, region string) store.Contact {
	n := numberOf(e)
	note := fmt.Sprintf("%d%% sure", screening.Percent(e.Confidence))
	if text := clean(e.Note, maxNote); text != "" {
		note = text + " (" + note + ")"
	}
	return store.Contact{Name: called(e.Category) + ", " + n.National(region), Numbers: []screening.Number{n}, Notes: note}
}

func called(category string) string {
	switch category {
	case "silent":
		return "Unwanted: silent calls"
	case "sales", "survey":
		return "Unwanted: " + category
	case "", store.CategoryOther:
		return "Scam"
	default:
		return "Scam: " + strings.ReplaceAll(clean(category, 40), "-", " ")
	}
}

// writeAstDB writes a command that puts a number into Asterisk's database. It is written as the region's trunks show it, such as 02079460666, or with its plus sign if it is
// from abroad.
func writeAstDB(to io.Writer, e lists.Entry, o Options) error {
	n := numberOf(e)
	shown := string(n)
	if national := n.National(o.Region); !o.International && !strings.HasPrefix(national, "+") {
		shown = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, national)
	}
	reason := harmless(strings.TrimSpace(e.Category + " " + e.Note))
	if reason == "" {
		reason = "on a list"
	}
	_, err := fmt.Fprintf(to, "database put %s %s \"%s\"\n", family, shown, reason)
	return err
}

// harmless keeps only those characters of a text that mean nothing to Asterisk's command line or a shell.
func harmless(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,:()/+%-", r) {
			return r
		}
		return ' '
	}, text)
	return clean(text, 80)
}
