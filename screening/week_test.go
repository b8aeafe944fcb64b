package screening

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A week in a zone whose clocks do not change, beginning on a Sunday.
var sunday = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// drawnWeek is a random schedule whose times are multiples of so many minutes.
func drawnWeek(t *rapid.T, step int) []Span {
	clock := rapid.IntRange(0, dayMinutes/step-1)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
		s := Span{
			Days: Days(rapid.IntRange(1, int(Daily)).Draw(t, "days")),
			From: Clock(step * clock.Draw(t, "from")), To: Clock(step * clock.Draw(t, "to")),
		}
		if s.Quiet = rapid.Bool().Draw(t, "quiet"); !s.Quiet {
			s.Mode = rapid.SampledFrom([]Mode{Ask, KnownOnly, BlockOnly, Watch, Off}).Draw(t, "mode")
		}
		return s
	}), 0, 6).Draw(t, "week")
}

// sameWeek says at which minute of a week two schedules differ for a call.
func sameWeek(a, b []Span) (time.Time, bool) {
	one, other := Household{Mode: "own", Times: Times{Week: a}}, Household{Mode: "own", Times: Times{Week: b}}
	for at := sunday; at.Before(sunday.AddDate(0, 0, 7)); at = at.Add(time.Minute) {
		if one.ModeAt(at) != other.ModeAt(at) || one.OriginAt(at) != other.OriginAt(at) || one.QuietAt(at) != other.QuietAt(at) {
			return at, false
		}
	}
	return time.Time{}, true
}

// A painted week shows for every half hour what applies to a call at its beginning, and whether that changes within it.
func TestGridShowsWhatHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		week := drawnWeek(t, rapid.SampledFrom([]int{1, 15, 30}).Draw(t, "step"))
		h := Household{Mode: Ask, Times: Times{Week: week}}
		g := GridOf(week)
		for i := range 7 * HalfHours {
			begin := sunday.Add(time.Duration(i*cellMinutes) * time.Minute)
			var want Cell
			for m := range cellMinutes {
				at := begin.Add(time.Duration(m) * time.Minute)
				now := Cell{Quiet: h.QuietAt(at)}
				if h.OriginAt(at) == BySchedule {
					now.Mode = h.ModeAt(at)
				}
				if m == 0 {
					want = now
				} else if now.Mode != want.Mode || now.Quiet != want.Quiet {
					want.Mixed = true
				}
			}
			if got := g[i/HalfHours][i%HalfHours]; got != want {
				t.Fatalf("%v: %+v, not %+v", begin, got, want)
			}
		}
	})
}

// What is painted on an empty week applies to the minute, and is read back as it was painted.
func TestPaintingAnEmptyWeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawnWeek(t, 30)
		got, err := Repaint(nil, GridOf(want))
		if err != nil {
			t.Fatal(err)
		}
		if at, same := sameWeek(want, got); !same {
			t.Fatalf("%v and %v differ at %v", want, got, at)
		}
		for i, s := range got {
			if err := s.Validate(); err != nil {
				t.Fatalf("%+v: %v", s, err)
			}
			if again, err := ParseSpan(s.String()); err != nil || again != s {
				t.Fatalf("%v is read as %v, %v", s, again, err)
			}
			if slices.Contains(got[:i], s) {
				t.Fatalf("%v is there twice", s)
			}
		}
		if GridOf(got) != GridOf(want) {
			t.Fatalf("%v is painted otherwise than %v", got, want)
		}
	})
}

// If one half hour is painted, all others stay as they are, even those within which something begins or ends.
func TestPaintingOverSomeOfAWeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		week := drawnWeek(t, rapid.SampledFrom([]int{1, 30}).Draw(t, "step"))
		painted := GridOf(week)
		if same, err := Repaint(week, painted); err != nil || !slices.Equal(same, week) {
			t.Fatalf("a week that nobody has touched becomes %v, %v", same, err)
		}
		day, half := rapid.IntRange(0, 6).Draw(t, "day"), rapid.IntRange(0, HalfHours-1).Draw(t, "half hour")
		brush := Cell{Mode: rapid.SampledFrom([]Mode{"", Ask, KnownOnly, Off}).Draw(t, "brush"), Quiet: rapid.Bool().Draw(t, "quiet brush")}
		painted[day][half] = brush
		got, err := Repaint(week, painted)
		if err != nil {
			t.Fatal(err)
		}
		before, after := byMinute(week), byMinute(got)
		for m := range weekMinutes {
			want := before[m]
			if m/cellMinutes == day*HalfHours+half {
				want = minute{brush.Mode, brush.Quiet}
			}
			if after[m] != want {
				t.Fatalf("%v becomes %v: minute %d is %+v, not %+v", week, got, m, after[m], want)
			}
		}
	})
}

// The spans are those that somebody would have written.
func TestSpansOfAPaintedWeek(t *testing.T) {
	for _, test := range [][]string{
		{"daily 22:00-07:00 quiet"}, {"mon-fri 09:00-17:00 known-only"}, {"sat,sun 00:00-00:00 block-only"}, {"daily 00:00-00:00 off"},
		{"fri 18:00-00:00 watch", "mon 00:00-08:00 watch", "sat,sun 00:00-00:00 watch"}, {"wed 12:00-12:00 quiet"},
		{"mon-fri 09:00-17:00 known-only", "daily 22:00-07:00 quiet"}, {},
	} {
		var week []Span
		for _, words := range test {
			s, err := ParseSpan(words)
			if err != nil {
				t.Fatal(err)
			}
			week = append(week, s)
		}
		painted, err := Repaint(nil, GridOf(week))
		if err != nil || len(painted) != len(week) {
			t.Errorf("%v becomes %v, %v", week, painted, err)
		}
		for _, s := range week {
			if !slices.Contains(painted, s) {
				t.Errorf("%v becomes %v", week, painted)
			}
		}
	}
}

func TestPaintingKeepsWhatANewerVersionHasSet(t *testing.T) {
	newer := Span{Days: Daily, From: 60, To: 120, Mode: "fortress"}
	painted := GridOf([]Span{newer})
	painted[2][20].Quiet = true
	got, err := Repaint([]Span{newer}, painted)
	if err != nil || !slices.Contains(got, newer) || len(got) != 2 {
		t.Errorf("%v %v", got, err)
	}
	painted[3][1].Mode = "fortress"
	if _, err := Repaint(nil, painted); err == nil {
		t.Error("a mode that is none was painted")
	}
}
