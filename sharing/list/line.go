package list

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"ringfence/store"
	"ringfence/store/lists"
)

const (
	// LeastDigits is the least number of digits that a whole number has: that of the shortest there are, such as Niue's with its country code.
	LeastDigits = 7
	maxDigits   = 15 // ITU-T E.164, section 6.1
	maxNote     = 200
)

// line is a line of a part as it is written. Unknown members are ignored; a member that comes twice, and text that is not UTF-8, are errors of the
// JSON library, so that no two readers of a signed list can read it differently.
type line struct {
	Remove     bool    `json:"remove,omitzero"`
	Number     string  `json:"number,omitzero"`
	Prefix     string  `json:"prefix,omitzero"`
	Category   string  `json:"category,omitzero"`
	Confidence float64 `json:"confidence"`
	Reporters  string  `json:"reporters,omitzero"`
	First      Day     `json:"first,omitzero"`
	Last       Day     `json:"last,omitzero"`
	Expires    Day     `json:"expires,omitzero"`
	Note       string  `json:"note,omitzero"`
}

// removal is a line that takes a number off the list.
type removal struct {
	Remove bool   `json:"remove"`
	Number string `json:"number,omitzero"`
	Prefix string `json:"prefix,omitzero"`
}

// appendLine writes a change as a line with its end.
func appendLine(to []byte, c Change) ([]byte, error) {
	number, prefix := "+"+c.Digits, ""
	if c.Prefix {
		number, prefix = "", number
	}
	var text []byte
	var err error
	if c.Remove {
		text, err = json.Marshal(removal{true, number, prefix})
	} else {
		text, err = json.Marshal(line{Number: number, Prefix: prefix, Category: c.Category, Confidence: c.Confidence, Reporters: c.Reporters,
			First: c.First, Last: c.Last, Expires: c.Expires, Note: c.Note})
	}
	return append(append(to, text...), '\n'), err
}

// parseLine reads a line of a part, without its end.
func parseLine(text []byte) (Change, error) {
	l := line{Confidence: math.NaN()} // which JSON cannot express
	if err := json.Unmarshal(text, &l); err != nil {
		return Change{}, fmt.Errorf("it is not the JSON of an entry: %w", err)
	}
	c := Change{Entry{Category: l.Category, Confidence: l.Confidence, Reporters: l.Reporters,
		First: l.First, Last: l.Last, Expires: l.Expires, Note: l.Note}, l.Remove}
	written := l.Number
	switch {
	case l.Number != "" && l.Prefix != "" || l.Number == "" && l.Prefix == "":
		return c, errors.New("it has to have either a number or a prefix")
	case l.Prefix != "":
		written, c.Prefix = l.Prefix, true
	}
	var plus bool
	if c.Digits, plus = strings.CutPrefix(written, "+"); !plus {
		return c, fmt.Errorf("its number %q does not begin with +", cut(written))
	}
	if c.Remove {
		return Change{Entry{Digits: c.Digits, Prefix: c.Prefix}, true}, c.CheckDigits()
	}
	if !slices.Contains(store.Categories(), c.Category) {
		c.Category = store.CategoryOther
	}
	return c, c.check()
}

// check says what is wrong with an entry.
func (e Entry) check() error {
	if err := e.CheckDigits(); err != nil {
		return err
	}
	switch {
	case math.IsNaN(e.Confidence):
		return errors.New("it has no confidence")
	case e.Confidence < 0 || e.Confidence > 1:
		return fmt.Errorf("its confidence %v is not between 0 and 1", e.Confidence)
	case e.Reporters != "" && !slices.Contains(Steps(), e.Reporters):
		return fmt.Errorf("its reporters must be one of %[2]s, not %[1]q", cut(e.Reporters), strings.Join(Steps(), ", "))
	case len(e.Note) > maxNote:
		return fmt.Errorf("its note has more than %d bytes", maxNote)
	case !plain(e.Note):
		return errors.New("its note holds characters that are not for reading")
	}
	return nil
}

// CheckDigits says what is wrong with an entry's digits, whether they are a whole number or a prefix.
func (e Entry) CheckDigits() error {
	shortest := LeastDigits
	if e.Prefix {
		shortest = 1 // Guard knows how long it has to be
	}
	switch {
	case strings.Trim(e.Digits, "0123456789") != "", e.Digits == "", e.Digits[0] == '0':
		return fmt.Errorf("its number %q is not + and digits, the country code first", cut("+"+e.Digits))
	case len(e.Digits) < shortest:
		return fmt.Errorf("its number %q has fewer than %d digits", "+"+e.Digits, shortest)
	case len(e.Digits) > maxDigits:
		return fmt.Errorf("its number %q has more than %d digits", cut("+"+e.Digits), maxDigits)
	}
	return nil
}

// plain says whether text is a line for people: UTF-8, without control characters, and without those that reverse the direction of writing, which can
// make a name look like another on a page.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
	})
}

// cut is the beginning of what was read, for an error's sentence.
func cut(text string) string {
	const enough = 40
	if len(text) <= enough {
		return text
	}
	return strings.ToValidUTF8(text[:enough], "") + "…"
}

// tidy is an entry as it is published: with the format's precision.
func (e Entry) tidy() Entry {
	if !slices.Contains(store.Categories(), e.Category) {
		e.Category = store.CategoryOther
	}
	e.Confidence = Rounded(e.Confidence)
	note := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !plain(string(r)) {
			return ' '
		}
		return r
	}, e.Note)), " ")
	for len(note) > maxNote {
		_, size := utf8.DecodeLastRuneInString(note)
		note = note[:len(note)-size]
	}
	e.Note = note
	return e
}

// Rounded is a confidence in the steps of the format. It rounds down, so that nobody is turned away because of rounding.
func Rounded(confidence float64) float64 {
	const least = 1e-9 // 0.29 times a hundred is a little less than 29
	return math.Floor(confidence*100+least) / 100
}

// Expired says whether the entry no longer counts.
func (e Entry) Expired(now time.Time) bool { return e.Expires != 0 && DayOf(now) >= e.Expires }

// Stored is the entry as a household's store keeps it.
func (e Entry) Stored() lists.Entry {
	return lists.Entry{
		Digits: e.Digits, Prefix: e.Prefix, Confidence: e.Confidence, Category: e.Category, Note: e.Note,
		Reporters: atLeast(e.Reporters), First: int32(e.First), Last: int32(e.Last), Expires: int32(e.Expires),
	}
}

// Of is an entry of a household's store. A short number, which belongs to one country alone, cannot be on a list, and [Publish] refuses it.
func Of(s lists.Entry) Entry {
	return Entry{
		Digits: s.Digits, Prefix: s.Prefix, Confidence: s.Confidence, Category: s.Category, Note: s.Note,
		Reporters: Step(s.Reporters), First: Day(s.First), Last: Day(s.Last), Expires: Day(s.Expires),
	}
}

// atLeast is the smallest number of reporters of a step; 0 for none.
func atLeast(step string) int {
	return map[string]int{"1": 1, "2-4": 2, "5-9": 5, "10-19": 10, "20+": 20}[step]
}

// String is the day as "2026-11-24", "" for one that is not known.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// MarshalText writes a day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day of the years 1970 to 9999.
func (d *Day) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil || t.Unix() < 0 {
		return fmt.Errorf("%s is not a day such as 2026-11-24", strconv.Quote(cut(string(text))))
	}
	*d = DayOf(t)
	return nil
}
