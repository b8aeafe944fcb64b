package evidence_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringfence/screening"
	"ringfence/sharing/evidence"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// made is so many reports for and against, of so many days ago.
func made(spam, not, days int) (reports []evidence.Report) {
	for range spam {
		reports = append(reports, evidence.Report{At: now.Add(-time.Duration(days) * day), Spam: true})
	}
	for range not {
		reports = append(reports, evidence.Report{At: now.Add(-time.Duration(days) * day)})
	}
	return reports
}

// The worked examples of the doc comment.
func TestExamples(t *testing.T) {
	for _, example := range []struct {
		what    string
		reports []evidence.Report
		want    float64
	}{
		{"none", nil, 0},
		{"one", made(1, 0, 0), 0.21},
		{"two", made(2, 0, 0), 0.34},
		{"three", made(3, 0, 0), 0.44},
		{"four", made(4, 0, 0), 0.51},
		{"four, a half-life old", made(4, 0, 120), 0.34},
		{"ten", made(10, 0, 0), 0.72},
		{"ten, two half-lives old", made(10, 0, 240), 0.39},
		{"disputed", made(10, 10, 0), 0.30},
		{"disputed by many", made(100, 100, 0), 0.43},
		{"one against", made(9, 1, 0), 0.60},
		{"a busy scammer of a year ago", made(30, 0, 360), 0.49},
		{"which is somebody else's now", append(made(30, 0, 360), made(0, 2, 0)...), 0.28},
		{"only against", made(0, 5, 0), 0},
		{"of tomorrow", made(1, 0, -1), 0.21},
	} {
		if got := evidence.Confidence(now, example.reports); math.Abs(got-example.want) >= 0.005 {
			t.Errorf("%s: %.4f, want %.2f", example.what, got, example.want)
		}
	}
}

// independent are settled households, each from a network of its own, that have joined by three invitations in turn.
func independent(reports []evidence.Report) (all []evidence.Witness) {
	for i, r := range reports {
		all = append(all, evidence.Witness{Report: r, Settled: true, Invitation: int64(i % 3), Apart: true})
	}
	return all
}

// From four independent households on, and no fewer, a fresh number is turned away by those who have chosen nothing. Four that may be one
// person bring a warning.
func TestFourHouseholdsReachTheDefaultThreshold(t *testing.T) {
	three, four := independent(made(3, 0, 0)), independent(made(4, 0, 0))
	if w := evidence.Weigh(now, three, nil); w.Confidence != evidence.WarnAtMost || len(w.Lacks) > 0 {
		t.Errorf("three make %+v", w)
	}
	if w := evidence.Weigh(now, four, nil); w.Confidence < screening.DefaultThreshold || len(w.Lacks) > 0 {
		t.Errorf("four make %+v", w)
	}
	if c := evidence.Confidence(now, made(3, 0, 0)); c >= screening.DefaultThreshold {
		t.Errorf("three make %.3f, wherever they come from", c)
	}
	for lack, of := range map[evidence.Lack]func(w *evidence.Witness){
		evidence.LackSettled:     func(w *evidence.Witness) { w.Settled = false },
		evidence.LackInvitations: func(w *evidence.Witness) { w.Invitation = 0 },
		evidence.LackNetworks:    func(w *evidence.Witness) { w.Apart = false },
	} {
		all := independent(made(4, 0, 0))
		for i := range all {
			of(&all[i])
		}
		if w := evidence.Weigh(now, all, nil); w.Confidence != evidence.WarnAtMost || !slices.Equal(w.Lacks, []evidence.Lack{lack}) {
			t.Errorf("without %s: %+v", lack, w)
		}
		// A moderator's word counts as it stands, and what comes beside it from elsewhere neither adds to it nor takes from it.
		alone := evidence.Weigh(now, nil, made(20, 0, 0)).Confidence
		if w := evidence.Weigh(now, all, made(20, 0, 0)); w.Confidence != alone || alone < 0.8 || len(w.Lacks) > 0 {
			t.Errorf("confirmed, and without %s: %+v, not %v", lack, w, alone)
		}
	}
}

var witness = rapid.Custom(func(t *rapid.T) evidence.Witness {
	return evidence.Witness{Report: report.Draw(t, "report"), Settled: rapid.Bool().Draw(t, "settled"), Invitation: rapid.Int64Range(1, 4).Draw(t, "invitation"), Apart: rapid.Bool().Draw(t, "apart")}
})

func TestWeighing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(witness, 0, 40).Draw(t, "reports")
		confirmed := made(rapid.IntRange(0, 1).Draw(t, "confirmed")*20, 0, rapid.IntRange(0, 500).Draw(t, "days"))
		one := witness.Draw(t, "one more")
		settled := slices.DeleteFunc(append(slices.Clone(all), one), func(w evidence.Witness) bool { return !w.Settled })
		was, is := evidence.Weigh(now, all, confirmed), evidence.Weigh(now, append(slices.Clone(all), one), confirmed)
		switch {
		case !(is.Confidence >= 0 && is.Confidence < 1):
			t.Fatalf("%+v", is)
		case one.Spam && is.Confidence < was.Confidence-rounding, !one.Spam && is.Confidence > was.Confidence+rounding:
			t.Fatalf("one more makes %v of %v", is.Confidence, was.Confidence)
		case !one.Settled && is.Confidence > max(was.Confidence, evidence.WarnAtMost)+rounding:
			t.Fatalf("a new household makes %v of %v", is.Confidence, was.Confidence)
		case is.Confidence < evidence.Weigh(now, settled, confirmed).Confidence-rounding:
			t.Fatalf("new households take %v from %+v", is.Confidence, settled)
		case len(is.Lacks) > 0 && is.Confidence >= screening.DefaultThreshold:
			t.Fatalf("it waits, and turns callers away: %+v", is)
		}
		for i := range all {
			all[i].Invitation = 1
		}
		if w := evidence.Weigh(now, all, nil); w.Confidence > evidence.WarnAtMost {
			t.Fatalf("households of one invitation make %+v", w)
		}
	})
}

// A number that no household reports any more goes below the threshold within so many days, whatever it was.
func TestANumberThatChangedHandsRecovers(t *testing.T) {
	for reports, within := range map[int]int{4: 7, 10: 170, 30: 360, 100: 570} {
		for days := 0; ; days++ {
			if evidence.Confidence(now, made(reports, 0, days)) >= screening.DefaultThreshold {
				continue
			}
			if days > within {
				t.Errorf("%d reports turn callers away for %d days; %d are wanted at most", reports, days, within)
			}
			break
		}
	}
}

var report = rapid.Custom(func(t *rapid.T) evidence.Report {
	age := rapid.Int64Range(0, int64(5000*day)).Draw(t, "age")
	return evidence.Report{At: now.Add(-time.Duration(age)), Spam: rapid.Bool().Draw(t, "spam")}
})

// rounding is what sums of fractions may differ by.
const rounding = 1e-12

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := rapid.SliceOfN(report, 0, 60).Draw(t, "reports")
		one := report.Draw(t, "one more")
		was := evidence.Confidence(now, reports)
		if !(was >= 0 && was < 1) { // so written, NaN fails too
			t.Fatalf("a confidence of %v", was)
		}

		more := append(append([]evidence.Report{}, reports...), one)
		switch is := evidence.Confidence(now, more); {
		case one.Spam && is < was-rounding:
			t.Fatalf("one more for makes %v of %v", is, was)
		case !one.Spam && is > was+rounding:
			t.Fatalf("one more against makes %v of %v", is, was)
		}

		changed := append([]evidence.Report{}, more...)
		changed[len(reports)].Spam = !one.Spam
		if a, b := evidence.Confidence(now, more), evidence.Confidence(now, changed); one.Spam && b > a+rounding || !one.Spam && b < a-rounding {
			t.Fatalf("who takes a report back moves it from %v to %v", a, b)
		}

		later := now.Add(time.Duration(rapid.Int64Range(0, int64(5000*day)).Draw(t, "later")))
		if faded := evidence.Confidence(later, reports); !(faded >= 0 && faded <= was+rounding) {
			t.Fatalf("time alone makes %v of %v", faded, was)
		}

		shuffled := append([]evidence.Report{}, reports...)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if other := evidence.Confidence(now, shuffled); other != was {
			t.Fatalf("in another order %v is %v", was, other)
		}
	})
}

// Times at the ends of what a clock or a hostile report can say.
func TestExtremes(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(1<<40, 0), now.Add(math.MaxInt64), now.Add(math.MinInt64)} {
		for _, spam := range []bool{true, false} {
			reports := append(made(3, 1, 0), evidence.Report{At: at, Spam: spam})
			if c := evidence.Confidence(now, reports); !(c >= 0 && c < 1) {
				t.Errorf("a report of %v makes a confidence of %v", at, c)
			}
			if c := evidence.Confidence(now, reports[4:]); !(c >= 0 && c < 1) {
				t.Errorf("only a report of %v makes a confidence of %v", at, c)
			}
		}
	}
	if c := evidence.Confidence(now, made(1_000_000, 0, 0)); c >= 1 || c < 0.9999 {
		t.Errorf("a million reports make %v", c)
	}
}
