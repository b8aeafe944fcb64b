package evidence_test

import (
	"math"
	"math/rand/v2"
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

// From four independent households on, and no fewer, a fresh number is turned away by those who have chosen nothing.
func TestFourHouseholdsReachTheDefaultThreshold(t *testing.T) {
	if three := evidence.Confidence(now, made(3, 0, 0)); three >= screening.DefaultThreshold {
		t.Errorf("three make %.3f", three)
	}
	if four := evidence.Confidence(now, made(4, 0, 0)); four < screening.DefaultThreshold {
		t.Errorf("four make %.3f", four)
	}
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
