package columns

import "time"

// What of times has to be so before they are asked about, though a heading says that they are a caller's. British numbers without their first 0 look
// like times, too: 01764 320000 is November 2025. So they have to rise, as those of a log do.
const (
	manyTimes = 10                 // with so many, the years say enough
	fewTimes  = 3                  // with fewer, all have to lie within spanOfFew
	spanOfFew = 366 * 24 * 60 * 60 // seconds
	// wideSteps is how far running numbers are apart at most, on average: rows are deleted, and some count in tens.
	wideSteps = 10
)

// order is in which order the numbers of a column come, and between which two they lie.
type order struct {
	count, rises, falls int
	last, least, most   int64
}

func (o *order) add(value int64) {
	switch {
	case o.count == 0:
		o.least, o.most = value, value
	case value > o.last:
		o.rises++
	case value < o.last:
		o.falls++
	}
	o.least, o.most, o.last = min(o.least, value), max(o.most, value), value
	o.count++
}

// sorted says whether the numbers rise or fall from row to row, or nearly so, and are not mostly the same one.
func (o *order) sorted() bool {
	steps := o.count - 1
	return 2*max(o.rises, o.falls) >= steps && 10*min(o.rises, o.falls) <= steps
}

// times says whether numbers are rather seconds since 1970 than telephone numbers.
func (o *order) times() bool {
	from, to := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	switch {
	case o.count < fewTimes || !o.sorted() || o.least < from:
		return false
	case o.count < manyTimes:
		return isEpoch(o.most) && o.most-o.least <= spanOfFew
	default:
		return o.most < to
	}
}

// counts says whether numbers count something: 1001, 1002, 1004.
func (o *order) counts() bool {
	return o.count >= fewTimes && o.sorted() && o.most-o.least <= wideSteps*int64(o.count)
}
