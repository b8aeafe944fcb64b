package list

import (
	"time"

	"ringfence/screening"
)

// Entry is what a list knows about a number, or about all numbers starting with these digits. Two entries are about the same number if Digits and
// Prefix are the same. In a file it is an object such as
//
//	{"number":"+442079460123","category":"tech-support","confidence":0.51,"reporters":"2-4","first":"2026-10-02","last":"2026-11-20"}
//
// with "prefix" in place of "number" if it is a prefix.
type Entry struct {
	Digits     string // E.164 without the plus sign, or its first digits if Prefix is set
	Prefix     bool
	Category   string  // one of store.Categories; "" in a file, or one that this reader does not know, is read as "other"
	Confidence float64 // 0 to 1, in steps of a hundredth: a cautious estimate of the share of scams among the calls (package evidence)
	Reporters  string  // how many have reported it, each once: one of Steps; "" is not known
	First      Day     // when it was first reported
	Last       Day     // when it was last reported
	Expires    Day     // the first day on which it no longer counts; 0: as long as the list has it
	Note       string  // for people; one line, 200 bytes at most
}

// Number is the entry's number or prefix, with a plus sign.
func (e Entry) Number() screening.Number { return screening.Number("+" + e.Digits) }

// Change is a line of a delta: an entry that is new or has changed, or a number that is no longer on the list.
type Change struct {
	Entry
	Remove bool // only Digits and Prefix are set
}

// Day is a calendar day in UTC, in days since 1 January 1970; 0 is not known. As text it is "2026-11-24".
type Day int32

// DayOf is the day in UTC of a moment.
func DayOf(t time.Time) Day { return Day(t.UTC().Unix() / (24 * 60 * 60)) }

// Time is the beginning of the day in UTC; the zero time if the day is not known.
func (d Day) Time() time.Time {
	if d == 0 {
		return time.Time{}
	}
	return time.Unix(int64(d)*24*60*60, 0).UTC()
}

// Steps are the numbers of reporters as they are published: exact ones would tell a scammer whose call was reported when.
func Steps() []string { return []string{"1", "2-4", "5-9", "10-19", "20+"} }

// Step is the step of a number of reporters; "" for none.
func Step(reporters int) string {
	switch {
	case reporters < 1:
		return ""
	case reporters == 1:
		return "1"
	case reporters < 5:
		return "2-4"
	case reporters < 10:
		return "5-9"
	case reporters < 20:
		return "10-19"
	default:
		return "20+"
	}
}
