package evidence

import (
	"time"

	"ringfence/screening"
)

// A key costs an attacker next to nothing: with one link for many households they can be many. So what reports amount to is one question, and
// whether they come from different people is another. Confidence answers the first, Weigh both.

// What reports need besides their confidence to turn a caller away.
const (
	// Networks is how many have to come from a network of their own: as many fresh reports as reach the usual threshold.
	Networks = 4
	// Remaining is how many households have to be left when those of any one invitation are taken away.
	Remaining = 2
	// WarnAtMost is the highest confidence of reports that lack one of these. It is below the strictest threshold that a household is offered (30 %,
	// web/lists.go), so that no choice on a page turns a caller away because of them.
	WarnAtMost = 0.29
)

// Witness is a report, with what is known about whether it comes from somebody independent.
type Witness struct {
	Report
	Settled    bool  // the household has been in the group for a week
	Invitation int64 // by which it joined
	Apart      bool  // no other household had just reported the number from the same network
}

// Lack is why reports that would be enough if they came from different people do not turn callers away.
type Lack string

// What reports can lack.
const (
	LackSettled     Lack = "settled"     // too many of the households are new
	LackInvitations Lack = "invitations" // nearly all joined by one invitation
	LackNetworks    Lack = "networks"    // they came from few networks
)

// Weight is what the reports of one number amount to.
type Weight struct {
	Confidence float64
	// Lacks says why a moderator has to look at a number first. It is empty if the reports turn callers away, or are too few whoever sent them.
	Lacks []Lack
}

// Weigh weighs the reports of one number, each household's newest, and what a moderator's confirmation adds to them. The confidence comes from
// households that are settled and independent of each other. Others can raise it to WarnAtMost and no further, and new ones cannot lower what
// settled ones say:
//
//   - reports for count in full if, among those of settled households, at least Remaining remain without those of any one invitation, and Networks
//     of them came from a network of their own;
//   - reports against count if they come from a settled household, and all from one invitation count as one. So nobody unlists a scammer by joining
//     many times; but everybody's honest word still counts, because a telephone that does not ring is the greater harm;
//   - a moderator's confirmation counts as it is.
func Weigh(now time.Time, all []Witness, confirmed []Report) Weight {
	var settledFor, allFor []Witness
	disputes := map[int64]Report{} // the newest of each invitation
	for _, w := range all {
		if w.Spam {
			allFor = append(allFor, w)
		}
		switch {
		case !w.Settled:
		case w.Spam:
			settledFor = append(settledFor, w)
		default:
			if newest, there := disputes[w.Invitation]; !there || w.At.After(newest.At) {
				disputes[w.Invitation] = w.Report
			}
		}
	}
	base := append([]Report{}, confirmed...)
	for _, d := range disputes {
		base = append(base, d)
	}
	lacks, settled, carried := independent(settledFor), Confidence(now, with(base, settledFor)), Confidence(now, base)
	if len(lacks) == 0 {
		carried = settled
	}
	w := Weight{Confidence: max(carried, min(settled, WarnAtMost), min(Confidence(now, with(confirmed, all)), WarnAtMost))}
	enough := func(witnesses []Witness) bool {
		return Confidence(now, with(base, witnesses)) >= screening.DefaultThreshold
	}
	switch {
	case carried >= screening.DefaultThreshold || !enough(allFor):
	case !enough(settledFor):
		w.Lacks = append([]Lack{LackSettled}, independent(allFor)...)
	default:
		w.Lacks = lacks
	}
	return w
}

// independent says what reports for lack to be those of different people.
func independent(witnesses []Witness) (lacks []Lack) {
	by, most, apart := map[int64]int{}, 0, 0
	for _, w := range witnesses {
		by[w.Invitation]++
		most = max(most, by[w.Invitation])
		if w.Apart {
			apart++
		}
	}
	if len(witnesses)-most < Remaining {
		lacks = append(lacks, LackInvitations)
	}
	if apart < Networks {
		lacks = append(lacks, LackNetworks)
	}
	return lacks
}

func with(reports []Report, witnesses []Witness) []Report {
	all := append([]Report{}, reports...)
	for _, w := range witnesses {
		all = append(all, w.Report)
	}
	return all
}
