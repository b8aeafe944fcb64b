package forms

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"ringfence/screening"
	"ringfence/store/lists"
)

const (
	// maxRange is how many numbers one range may have, and maxSingle how many where each has to be an entry of its own.
	maxRange  = 1000
	maxSingle = 100
)

// entries are what a piece of text stands for: a number, all numbers that begin with something, or a range of numbers. What could be read in two ways is
// refused.
func (i *Import) entries(written string, about lists.Entry) ([]lists.Entry, error) {
	e, err := i.entry(written, about)
	if err == nil {
		return []lists.Entry{e}, nil
	}
	if base, more, open := openEnd(written); open {
		e, err := i.beginning(base, more, about)
		if err != nil {
			return nil, err
		}
		return []lists.Entry{e}, nil
	}
	if from, to, is := i.ends(written); is {
		return i.numbersBetween(from, to, about)
	}
	return nil, err
}

// openEnd takes apart what stands for all numbers with the same beginning: 02079460*, 02079460% and 02079460… however they go on, and 02079460###,
// 02079460xxx and 02079460??? with so many more digits; and what Asterisk's dialplan has for both, _02079460XXX and _02079460. (more is 0 for any number).
func openEnd(written string) (base string, more int, open bool) {
	base, dialplan := strings.CutPrefix(strings.TrimSpace(written), "_")
	rest := strings.TrimRight(base, "*%…")
	if dots := strings.TrimRight(rest, ". "); strings.Count(rest[len(dots):], ".") > 1 || dialplan && len(dots) < len(rest) {
		rest = dots
	} else if dialplan {
		rest = strings.TrimRight(rest, "!")
	}
	anyLength := len(rest) < len(base)
	base = strings.TrimRightFunc(rest, func(r rune) bool {
		if strings.ContainsRune("#xX?", r) {
			more++
			return true
		}
		return unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) || strings.ContainsRune("./", r)
	})
	if anyLength {
		more = 0
	}
	ends := strings.LastIndexFunc(base, func(r rune) bool { return r >= '0' && r <= '9' || r == ')' })
	return base, more, ends >= 0 && ends == len(base)-1 && (anyLength || more > 0)
}

// beginning is an entry for all numbers with the same beginning. Where numbers have so many more digits, there have to be such numbers.
func (i *Import) beginning(base string, more int, about lists.Entry) (lists.Entry, error) {
	e, err := i.entry(base+"*", about)
	if err != nil || more == 0 {
		return e, err
	}
	if can, _ := screening.CanHave(e.Digits, more); !can {
		return e, fmt.Errorf("no number has as many digits as %q stands for: write %s* for all numbers starting with these digits", clean(base+strings.Repeat("#", more), 40), clean(base, 40))
	}
	return e, nil
}

// rangeWord matches what stands between the first and the last number of a range in the languages whose headings are read.
var rangeWord = regexp.MustCompile(`(?i)^(.*?[0-9)])(?:\s+(?:bis|to|through|thru|until|till|à|au|al?|fino a|hasta|tot|t/m)\s+|\s*(?:…|\.{2,})\s*)[-–—]?\s*(\+?[0-9(].*)$`)

// ends takes a range apart.
func (i *Import) ends(written string) (from, to string, is bool) {
	written = strings.TrimSpace(written)
	if parts := rangeWord.FindStringSubmatch(written); parts != nil {
		return parts[1], parts[2], true
	}
	for at, r := range written { // a dash is one between two whole numbers alone
		if !unicode.Is(unicode.Dash, r) {
			continue
		}
		from, to = written[:at], strings.TrimSpace(written[at+len(string(r)):])
		if to != "" && (to[0] == '+' || to[0] == '0') && i.isNumber(from) && i.isNumber(to) {
			return from, to, true
		}
	}
	return "", "", false
}

var (
	errRange     = errors.New("its range can't be read: write the first and the last number in full, as in 020 7946 0100 to 020 7946 0199")
	errLongRange = fmt.Errorf("its range has more than %d numbers: write the digits that they begin with, and * behind them", maxRange)
	errSingles   = fmt.Errorf("its range has more than %d numbers, and such numbers could be longer: write the digits that they begin with, and * behind them", maxSingle)
)

// lastDigits are the digits at the end of a number.
var lastDigits = regexp.MustCompile(`[0-9]+\)?$`)

// numbersBetween are the entries for a range. Its end is a number, or the last digits of one. From all the zeros to all the nines behind a base it is what begins
// with the base, as all of 030 2345-0 to 99 is one household's or firm's.
func (i *Import) numbersBetween(from, to string, about lists.Entry) ([]lists.Entry, error) {
	first, err := i.reader.Parse(from)
	if err != nil {
		return nil, err
	}
	start, last := first.Digits(), strings.TrimSuffix(lastDigits.FindString(strings.TrimSpace(from)), ")")
	if !strings.HasSuffix(start, last) { // it begins with what is dialled before an area code
		last = strings.TrimLeft(last, "0")
	}
	if !strings.HasPrefix(string(first), "+") || !strings.HasSuffix(start, last) {
		return nil, errRange
	}
	end := ""
	tail := strings.Join(strings.FieldsFunc(to, func(r rune) bool { return r == ' ' || r == '(' || r == ')' }), "")
	switch whole, err := i.reader.Parse(to); {
	case err == nil && len(whole.Digits()) == len(start) && (tail[0] == '+' || tail[0] == '0' || len(tail) >= len(start)-len("000")):
		end = whole.Digits()
	case strings.Trim(tail, "0123456789") != "":
		return nil, errRange
	case len(tail) > len(last) && strings.Trim(last, "0") == "" && strings.Trim(tail, "9") == "":
		e, err := i.beginning("+"+strings.TrimSuffix(start, last), 0, about)
		return []lists.Entry{e}, err
	case len(tail) > len(last):
		return nil, errRange
	default:
		end = start[:len(start)-len(tail)] + tail
	}
	return i.rangeOf(start, end, about)
}

// rangeOf are the entries for the numbers from one to another of the same length. Where all numbers have one length, ten, a hundred or a thousand of them are a
// beginning.
func (i *Import) rangeOf(start, end string, about lists.Entry) (all []lists.Entry, err error) {
	from, wrong := strconv.ParseInt(start, 10, 64)
	to, wrongToo := strconv.ParseInt(end, 10, 64)
	_, exact := screening.CanHave(start, 0)
	switch {
	case wrong != nil || wrongToo != nil || from > to:
		return nil, errRange
	case to-from >= maxRange:
		return nil, errLongRange
	case !exact && to-from >= maxSingle:
		return nil, errSingles
	}
	for from <= to {
		step, written := int64(1), "+"+strconv.FormatInt(from, 10)
		for exact && from%(10*step) == 0 && from+10*step-1 <= to {
			step *= 10
			written = strings.TrimSuffix(strings.TrimSuffix(written, "*"), "0") + "*"
		}
		e, err := i.entry(written, about)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		from += step
	}
	return slices.Clip(all), nil
}

// withoutRemark is a line without the remark at its end, which begins with a # after white space. Within a number, # stands for a digit: so do several of them in a row,
// and one at the end.
func withoutRemark(line string) string {
	for at := range line {
		one := line[at] == '#' && (at+1 < len(line) && line[at+1] != '#')
		if at == 0 && line[0] == '#' || one && at > 0 && (line[at-1] == ' ' || line[at-1] == '\t') {
			return line[:at]
		}
	}
	return line
}
