package list

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ringfence/screening"
)

// ProtectedNumber is a number that a publisher never lists: a hospital's, a surgery's, a school's, a council's.
type ProtectedNumber struct {
	Digits string // as in an Entry
	Prefix bool   // all numbers starting with these digits
	Who    string // whose it is, for people
}

// Protected are all the numbers that a publisher never lists.
type Protected struct {
	exact  map[string]string // who, by digits
	begins map[string]string
	sorted []ProtectedNumber // by their digits
}

// NewProtected protects numbers.
func NewProtected(numbers ...ProtectedNumber) *Protected {
	p := &Protected{exact: map[string]string{}, begins: map[string]string{}, sorted: slices.Clone(numbers)}
	for _, n := range numbers {
		if n.Prefix {
			p.begins[n.Digits] = n.Who
		} else {
			p.exact[n.Digits] = n.Who
		}
	}
	slices.SortFunc(p.sorted, func(a, b ProtectedNumber) int { return strings.Compare(a.Digits, b.Digits) })
	return p
}

// Len is how many numbers and prefixes are protected.
func (p *Protected) Len() int { return len(p.sorted) }

// Numbers are all of them, by their digits.
func (p *Protected) Numbers() []ProtectedNumber { return slices.Clone(p.sorted) }

// whose says whose protected number an entry is, or covers; "" for nobody's.
func (p *Protected) whose(e Entry) string {
	if who := p.exact[e.Digits]; who != "" {
		return who
	}
	if len(p.begins) > 0 {
		for length := 1; length <= len(e.Digits); length++ {
			if who := p.begins[e.Digits[:length]]; who != "" {
				return who
			}
		}
	}
	if !e.Prefix {
		return ""
	}
	// The first of all that start with these digits is where the prefix itself would be.
	at, _ := slices.BinarySearchFunc(p.sorted, e.Digits, func(n ProtectedNumber, digits string) int { return strings.Compare(n.Digits, digits) })
	if at < len(p.sorted) && strings.HasPrefix(p.sorted[at].Digits, e.Digits) {
		return p.sorted[at].Who
	}
	return ""
}

const (
	maxProtected     = 100_000
	maxProtectedLine = 1 << 10 // bytes
)

// ReadProtected reads a publisher's file of protected numbers: UTF-8, one number a line as people of the region write it, followed by whose it is;
// between them a comma, a semicolon, a tab or only spaces. A number that ends in * stands for all numbers starting with these digits. A line that
// starts with # is a comment.
//
//	01371 872121, Angel Lane Surgery
//	01245 362*    Broomfield Hospital
//
// A line that cannot be read is an error that names it, so that no number is left unprotected unnoticed.
func ReadProtected(file io.Reader, region string) (*Protected, error) {
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, maxProtectedLine)
	var all []ProtectedNumber
	number := 1
	for ; scan.Scan(); number++ {
		text := scan.Bytes()
		if number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return nil, fmt.Errorf("line %d is no text: save the file as plain text (UTF-8)", number)
		}
		written := strings.TrimSpace(string(text))
		if written == "" || strings.HasPrefix(written, "#") {
			continue
		}
		one, err := protectedLine(written, region)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if all = append(all, one); len(all) > maxProtected {
			return nil, fmt.Errorf("line %d: more than %d numbers cannot be protected", number, maxProtected)
		}
	}
	if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d is longer than %d bytes", number, maxProtectedLine)
	} else if err != nil {
		return nil, err
	}
	return NewProtected(all...), nil
}

// moreNumbers matches a wildcard behind a number, or the rest of a range.
var moreNumbers = regexp.MustCompile(`(?i)^(?:[#x?%_…]+(?:\s|$)|(?:bis|to|through|thru|until|à|au|al?|hasta|tot)\s+[-+(]*[0-9])`)

func protectedLine(written, region string) (n ProtectedNumber, err error) {
	at := strings.IndexAny(written, ",;\t")
	if at < 0 { // the number ends before the first character that cannot be part of one
		at = strings.IndexFunc(written, func(r rune) bool { return !strings.ContainsRune("0123456789+*()-./ ", r) })
	}
	if at < 0 {
		at = len(written)
	}
	digits := strings.TrimSpace(written[:at])
	if more := written[at:]; moreNumbers.MatchString(more) || more != "" && at == len(strings.TrimRight(written[:at], " (")) && !strings.ContainsRune(",;\t*", rune(more[0])) &&
		!strings.HasSuffix(digits, "*") {
		return n, fmt.Errorf("%s may stand for several numbers: write one in full, or the beginning of them and * behind it", cut(written))
	}
	if n.Who = strings.TrimSpace(strings.TrimLeft(written[at:], ",;\t")); n.Who == "" {
		return n, fmt.Errorf("say behind %s whose number it is", cut(digits))
	}
	if strings.HasSuffix(digits, "*") {
		n.Prefix = true
		n.Digits, err = screening.ParsePrefix(digits, region)
		return n, err
	}
	number, err := screening.ParseNumber(digits, region)
	if err != nil {
		return n, err
	}
	if !strings.HasPrefix(string(number), "+") {
		return n, fmt.Errorf("%s is a short number, and those are on no list", number)
	}
	n.Digits = number.Digits()
	return n, nil
}
