package screening_test

import (
	"slices"
	"testing"
	"time"

	_ "time/tzdata" // the tests know the zones wherever they run

	"pgregory.net/rapid"

	"ringfence/screening"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func span(t testing.TB, text string) screening.Span {
	t.Helper()
	s, err := screening.ParseSpan(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	clocks = rapid.Map(rapid.IntRange(0, 24*60-1), func(n int) screening.Clock { return screening.Clock(n) })
	spans  = rapid.Custom(func(t *rapid.T) screening.Span {
		s := screening.Span{Days: screening.Days(rapid.IntRange(1, 127).Draw(t, "days")), From: clocks.Draw(t, "from"), To: clocks.Draw(t, "to")}
		if s.Quiet = rapid.Bool().Draw(t, "quiet"); !s.Quiet {
			s.Mode = modes.Draw(t, "span's mode")
		}
		return s
	})
	zones = rapid.SampledFrom([]string{"UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"})
)

// addTimes adds anything that depends on the time to a situation.
func addTimes(t *rapid.T, s *situation) {
	place, err := time.LoadLocation(zones.Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	s.house.Times = screening.Times{
		Zone: place, Week: rapid.SliceOfN(spans, 0, 4).Draw(t, "week"), QuietContacts: choices.Draw(t, "quiet contacts"),
		Temporary: modes.Draw(t, "temporary"), TemporaryUntil: morning.Add(minutes.Draw(t, "temporary until")),
		ExpectingUntil: morning.Add(minutes.Draw(t, "expecting until")),
	}
	s.house.HumanCheck = rapid.SampledFrom([]screening.HumanCheck{"", screening.CheckOff, screening.CheckSuspicious, screening.CheckAlways, screening.CheckHidden, "x"}).Draw(t, "human check")
	s.house.RingDialled = rapid.Bool().Draw(t, "ring dialled")
	if rapid.Bool().Draw(t, "rang before") {
		s.known.Before = morning.Add(-minutes.Draw(t, "before") / 60)
	}
	if rapid.Bool().Draw(t, "was dialled") {
		s.known.Dialled = morning.AddDate(0, -rapid.IntRange(-2, 24).Draw(t, "dialled"), 0)
	}
}

// modeIs sets a mode that holds at any time.
func modeIs(s *situation, mode screening.Mode) {
	s.house.Mode = mode
	s.house.Times.Temporary = ""
	s.house.Times.Week = slices.DeleteFunc(slices.Clone(s.house.Times.Week), func(s screening.Span) bool { return !s.Quiet })
}

func TestSpanHolds(t *testing.T) {
	london := zone(t, "Europe/London")
	checkHolds(t, []holdsTest{ // 2 March 2026 is a Monday
		{"mon 09:00-17:00 ask", london, "2026-03-02 09:00 UTC", true},
		{"mon 09:00-17:00 ask", london, "2026-03-02 08:59 UTC", false},
		{"mon 09:00-17:00 ask", london, "2026-03-02 16:59 UTC", true},
		{"mon 09:00-17:00 ask", london, "2026-03-02 17:00 UTC", false},
		{"mon 09:00-17:00 ask", london, "2026-03-03 12:00 UTC", false},
		// Past midnight it belongs to the day on which it begins.
		{"fri 22:00-07:00 quiet", london, "2026-03-06 21:59 UTC", false},
		{"fri 22:00-07:00 quiet", london, "2026-03-06 22:00 UTC", true},
		{"fri 22:00-07:00 quiet", london, "2026-03-07 06:59 UTC", true},
		{"fri 22:00-07:00 quiet", london, "2026-03-07 07:00 UTC", false},
		{"fri 22:00-07:00 quiet", london, "2026-03-06 06:00 UTC", false},
		{"fri 22:00-07:00 quiet", london, "2026-03-07 22:00 UTC", false},
		{"sat 22:00-07:00 quiet", london, "2026-03-08 05:00 UTC", true}, // from the last day of Go's week to its first
		{"fri 18:00-24:00 quiet", london, "2026-03-06 23:59 UTC", true},
		{"fri 18:00-24:00 quiet", london, "2026-03-07 00:00 UTC", false},
		{"sat 00:00-00:00 quiet", london, "2026-03-07 00:00 UTC", true},
		{"sat 00:00-00:00 quiet", london, "2026-03-07 23:59 UTC", true},
		{"sat 00:00-00:00 quiet", london, "2026-03-08 00:00 UTC", false},
		// In summer British clocks are an hour ahead of UTC.
		{"mon 09:00-17:00 ask", london, "2026-07-06 08:00 UTC", true},
		{"mon 09:00-17:00 ask", london, "2026-07-06 16:00 UTC", false},
	})
}

// holdsTest is a time in UTC, and whether a span is on then in a zone.
type holdsTest struct {
	span string
	zone *time.Location
	at   string
	want bool
}

func TestSpanHoldsWhenTheClocksChange(t *testing.T) {
	london := zone(t, "Europe/London")
	beirut := zone(t, "Asia/Beirut")
	checkHolds(t, []holdsTest{
		// On 29 March they go from 01:00 to 02:00.
		{"sat 22:00-07:00 quiet", london, "2026-03-29 05:59 UTC", true},
		{"sat 22:00-07:00 quiet", london, "2026-03-29 06:00 UTC", false},
		{"sun 01:30-06:00 quiet", london, "2026-03-29 00:59 UTC", false},
		{"sun 01:30-06:00 quiet", london, "2026-03-29 01:00 UTC", true},
		{"sat 22:00-01:30 quiet", london, "2026-03-29 00:59 UTC", true},
		{"sat 22:00-01:30 quiet", london, "2026-03-29 01:00 UTC", false},
		// On 25 October they go from 02:00 back to 01:00, and 01:15 comes twice.
		{"sat 22:00-07:00 quiet", london, "2026-10-25 06:59 UTC", true},
		{"sat 22:00-07:00 quiet", london, "2026-10-25 07:00 UTC", false},
		{"sun 01:00-01:30 quiet", london, "2026-10-25 00:15 UTC", true},
		{"sun 01:00-01:30 quiet", london, "2026-10-25 00:45 UTC", false},
		{"sun 01:00-01:30 quiet", london, "2026-10-25 01:15 UTC", true},
		// In Beirut the clocks go forward at midnight: 29 March begins at 01:00.
		{"sun 00:00-06:00 quiet", beirut, "2026-03-28 22:00 UTC", true},
		{"sun 00:00-06:00 quiet", beirut, "2026-03-28 21:59 UTC", false},
	})
}

func checkHolds(t *testing.T, tests []holdsTest) {
	t.Helper()
	for _, test := range tests {
		when, err := time.Parse("2006-01-02 15:04 MST", test.at)
		if err != nil {
			t.Fatal(err)
		}
		house := screening.Household{Times: screening.Times{Zone: test.zone}}
		if got := span(t, test.span).Holds(house.Local(when)); got != test.want {
			t.Errorf("%s at %s: %t", test.span, house.Local(when), got)
		}
	}
}

// What a span means, minute by minute: it begins on its days at From and goes on until the next To.
func TestSpanIsWhatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := spans.Draw(t, "span")
		day := rapid.IntRange(0, 13).Draw(t, "day")
		now := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
		want := false
		for begins := day - 1; begins <= day; begins++ {
			length := (int(s.To) - int(s.From) + 24*60) % (24 * 60)
			if length == 0 {
				length = 24 * 60
			}
			since := (day-begins)*24*60 + now - int(s.From)
			if s.Days.Has(time.Weekday((begins+7)%7)) && since >= 0 && since < length {
				want = true
			}
		}
		sunday := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
		when := sunday.AddDate(0, 0, day).Add(time.Duration(now) * time.Minute)
		if got := s.Holds(when); got != want {
			t.Errorf("%s on %s: %t", s, when.Format("Mon 15:04"), got)
		}
	})
}

func TestModeAt(t *testing.T) {
	monday := span(t, "mon 00:00-24:00 known-only")
	early := span(t, "mon 10:00-11:00 block-only")
	other := span(t, "tue 10:00-11:00 off")
	quiet := span(t, "daily 00:00-24:00 quiet")
	odd := screening.Span{Days: screening.Daily, Mode: "fortress"}
	tests := []struct {
		name  string
		own   screening.Mode
		times screening.Times
		want  screening.Mode
		by    screening.Origin
	}{
		{"nothing chosen", "", screening.Times{}, screening.Ask, screening.ByHousehold},
		{"own", screening.Watch, screening.Times{}, screening.Watch, screening.ByHousehold},
		{"of a version to come", "fortress", screening.Times{}, screening.Ask, screening.ByHousehold},
		{"schedule", screening.Watch, screening.Times{Week: []screening.Span{monday}}, screening.KnownOnly, screening.BySchedule},
		{"another day", screening.Watch, screening.Times{Week: []screening.Span{other}}, screening.Watch, screening.ByHousehold},
		{"the last wins", "", screening.Times{Week: []screening.Span{monday, early, other}}, screening.BlockOnly, screening.BySchedule},
		{"the last wins, turned round", "", screening.Times{Week: []screening.Span{early, monday}}, screening.KnownOnly, screening.BySchedule},
		{"quiet hours are no mode", screening.Off, screening.Times{Week: []screening.Span{quiet}}, screening.Off, screening.ByHousehold},
		{"a span of a version to come", screening.BlockOnly, screening.Times{Week: []screening.Span{early, odd}}, screening.BlockOnly, screening.BySchedule},
		{"temporary", "", screening.Times{Week: []screening.Span{monday}, Temporary: screening.Off, TemporaryUntil: morning.Add(1)}, screening.Off, screening.ByTemporary},
		{"temporary, over", "", screening.Times{Week: []screening.Span{monday}, Temporary: screening.Off, TemporaryUntil: morning}, screening.KnownOnly, screening.BySchedule},
		{"temporary, of a version to come", screening.Off, screening.Times{Temporary: "fortress", TemporaryUntil: morning.Add(1)}, screening.Off, screening.ByHousehold},
	}
	for _, test := range tests {
		house := screening.Household{Mode: test.own, Times: test.times}
		if got, by := house.ModeAt(morning), house.OriginAt(morning); got != test.want || by != test.by {
			t.Errorf("%s: %q by %q, want %q by %q", test.name, got, by, test.want, test.by)
		}
	}
}

func TestNextChange(t *testing.T) {
	london := zone(t, "Europe/London")
	week := []screening.Span{span(t, "mon-fri 22:00-07:00 quiet"), span(t, "sun 12:00-13:00 known-only")}
	tests := []struct {
		name  string
		from  time.Time
		times screening.Times
		want  time.Time
	}{
		{"none", morning, screening.Times{}, time.Time{}},
		{"tonight", morning, screening.Times{Week: week}, time.Date(2026, 3, 2, 22, 0, 0, 0, london)},
		{"over the week-end", time.Date(2026, 3, 28, 8, 0, 0, 0, london), screening.Times{Week: week}, time.Date(2026, 3, 29, 12, 0, 0, 0, london)},
		{"in a week", time.Date(2026, 3, 29, 13, 0, 0, 0, london), screening.Times{Week: week[1:]}, time.Date(2026, 4, 5, 12, 0, 0, 0, london)},
		{"temporary, to the second", morning, screening.Times{Temporary: screening.Off, TemporaryUntil: morning.Add(90 * time.Second)}, morning.Add(90 * time.Second)},
		{"temporary, for weeks", morning, screening.Times{Temporary: screening.Off, TemporaryUntil: morning.AddDate(0, 0, 20)}, morning.AddDate(0, 0, 20)},
		{"temporary, the same as before", morning, screening.Times{Temporary: screening.Ask, TemporaryUntil: morning.Add(time.Hour)}, time.Time{}},
	}
	for _, test := range tests {
		test.times.Zone = london
		house := screening.Household{Times: test.times}
		if got := house.NextChange(test.from); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]string{
		"mon-fri 22:00-07:00 quiet":       "mon-fri 22:00-07:00 quiet",
		" mon,  tue 22:00-07:00 quiet":    "mon,tue 22:00-07:00 quiet",
		"sat,sun 9:00-18:00 block-only":   "sat,sun 09:00-18:00 block-only",
		"fri-mon 00:00-24:00 known-only":  "mon,fri-sun 00:00-00:00 known-only",
		"Monday,tue,WED 01:02-03:04 off":  "mon-wed 01:02-03:04 off",
		"daily 00:00-00:00 watch":         "daily 00:00-00:00 watch",
		"mon-sun 00:00-23:59 ask":         "daily 00:00-23:59 ask",
		"sun-sun,wed 10:00-10:00 ask":     "wed,sun 10:00-10:00 ask",
		"mon-tue,thu-fri 10:00-11:00 ask": "mon,tue,thu,fri 10:00-11:00 ask",
	} {
		if got := span(t, text).String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		"someday 22:00-07:00 quiet", "mon- 22:00-07:00 quiet", ",mon 22:00-07:00 quiet", "mon 22:00 quiet", "mon 22-07 quiet",
		"mon 24:00-07:00 quiet", "mon 22:60-07:00 quiet", "mon 22:00-25:00 quiet", "mon 22:0-07:00 quiet", "mon +1:00-07:00 quiet",
		"mon 22:00-07:00 loud", "mon 22:00-07:00-08:00 quiet", "mon 022:00-07:00 quiet",
		"", "mon 22:00-07:00", "mon 22:00 - 07:00 quiet",
	} {
		if got, err := screening.ParseSpan(text); err == nil {
			t.Errorf("%s is %s", text, got)
		} else {
			isPlainSentence(t, err.Error())
		}
	}
	for _, bad := range []screening.Span{
		{}, {Days: screening.Daily}, {Quiet: true}, {Days: 128, Quiet: true}, {Days: screening.Daily, Quiet: true, Mode: screening.Ask},
		{Days: screening.Daily, Quiet: true, From: 1440}, {Days: screening.Daily, Quiet: true, To: -1},
	} {
		if err := bad.Validate(); err == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
}

func TestSpanIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := spans.Draw(t, "span")
		if s.Validate() != nil {
			return
		}
		if got, err := screening.ParseSpan(s.String()); err != nil || got != s {
			t.Errorf("%+v is %s, and that is %+v (%v)", s, s, got, err)
		}
	})
}

// A time of day comes once a day, also on the days on which clocks change.
func TestNextTimeOfDay(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.March, day, hour, minute, 0, 0, london)
	}
	for _, test := range []struct {
		now   time.Time
		clock screening.Clock
		want  time.Time
	}{
		{at(2, 10, 0), 18 * 60, at(2, 18, 0)},
		{at(2, 18, 0), 18 * 60, at(3, 18, 0)},
		{at(28, 18, 0), 7 * 60, at(29, 7, 0)}, // the clocks go forward in between
		{at(31, 23, 0), 0, time.Date(2026, time.April, 1, 0, 0, 0, 0, london)},
	} {
		if got := test.clock.NextAfter(test.now); !got.Equal(test.want) {
			t.Errorf("%s after %s: %s", test.clock, test.now, got)
		}
	}
}
