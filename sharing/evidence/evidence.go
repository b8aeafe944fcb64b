// Package evidence says how sure one can be, from what households report, that a number is a scammer's. Confidence is what their reports amount to,
// and Weigh how much of that comes from households that are independent of each other. Both can be worked out by hand, so anybody can check who is
// turned away by a shared list.
package evidence

import (
	"math"
	"slices"
	"time"
)

// HalfLife is the age at which a report counts half. Scammers give up a number after weeks, and networks give it to somebody else after
// months: what was true a year ago says little about today.
const HalfLife = 120 * 24 * time.Hour

// z is how cautious the estimate is: 1.96 standard deviations are the usual 95 per cent interval, whose lower end counts.
const z = 1.96

// Report is what one household says of a number. A household that changes its mind has only one report, the later.
type Report struct {
	At   time.Time // the day is enough; a time in the future counts as now
	Spam bool      // false if the household says that the number is not a scammer's
}

// Confidence is how sure one can be from the reports of one number, from 0 (not at all) to just below 1. It is the lower end of Wilson's
// score interval [1] for the share of households that say it is spam, each household weighing 2^(-age/HalfLife):
//
//	n = sum of all weights, p = sum of the weights of those for / n
//	confidence = (p + z²/2n - z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n)
//
// Worked examples, which the tests check. Unless a household has chosen another, the threshold for turning a caller away is one half
// (screening.DefaultThreshold).
//
//	reports                                                        confidence
//	none                                                              0.00
//	1 for, of today: n = 1, p = 1, 1/(1+z²)                           0.21  weak: one household is one opinion
//	2 for, of today                                                   0.34
//	3 for, of today                                                   0.44
//	4 for, of today: 4/(4+z²)                                         0.51  turned away from here on, where they are independent (Weigh)
//	4 for, 120 days old: n = 2                                        0.34  fading: one half-life later it only warns
//	10 for, of today                                                  0.72
//	10 for, 240 days old: n = 2.5                                     0.39
//	10 for and 10 against, of today: p = 0.5                          0.30  disputed: weak, however many there are
//	100 for and 100 against, of today                                 0.43
//	9 for and 1 against, of today                                     0.60
//	30 for, 360 days old: n = 3.75                                    0.49  a busy scammer's number recovers within a year by itself,
//	the same and 2 against, of today: n = 5.75, p = 0.65              0.28  and at once when its new owner's callers say so
//
// More reports for never lower it, more against never raise it, and time alone only lowers it. The order of the reports makes no difference,
// not even to the last bit.
//
// [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
// Association 22 (1927), 209-212.
func Confidence(now time.Time, reports []Report) float64 {
	spam := weight(now, reports, true)
	if spam == 0 {
		return 0
	}
	n := spam + weight(now, reports, false)
	p := spam / n
	// For small n the formula subtracts two almost equal numbers and loses all its digits. The product of the interval's ends is p²/(1+z²/n),
	// so the lower end is also this:
	upper := p + z*z/(2*n) + z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return p * p / upper
}

// weight sums the weights of the reports of one kind, the smallest first: sums of fractions depend on their order.
func weight(now time.Time, reports []Report, spam bool) (sum float64) {
	weights := make([]float64, 0, len(reports))
	for _, r := range reports {
		if r.Spam == spam {
			age := max(now.Sub(r.At), 0)
			weights = append(weights, math.Exp2(-age.Hours()/HalfLife.Hours()))
		}
	}
	slices.Sort(weights)
	for _, w := range weights {
		sum += w
	}
	return sum
}
