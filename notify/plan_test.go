package notify

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// at is a time of day, in minutes.
func at(hour, minute int) int { return hour*60 + minute }

func TestDue(t *testing.T) {
	london := zone(t, "Europe/London")
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, london) }
	night := Plan{QuietFrom: at(22, 0), QuietTo: at(7, 30), Digest: AtOnce, Zone: london}
	breaking := night
	breaking.BreakQuiet = true
	evening := Plan{Digest: at(18, 0), Zone: london}
	for name, c := range map[string]struct {
		plan Plan
		item Item
		told time.Time
		want time.Time
	}{
		"at once":                        {night, Item{At: day(24, 12, 0)}, time.Time{}, day(24, 12, 0)},
		"in the night":                   {night, Item{At: day(24, 23, 0)}, time.Time{}, day(25, 7, 30)},
		"after midnight":                 {night, Item{At: day(24, 3, 0)}, time.Time{}, day(24, 7, 30)},
		"when the quiet begins":          {night, Item{At: day(24, 22, 0)}, time.Time{}, day(25, 7, 30)},
		"when it ends":                   {night, Item{At: day(24, 7, 30)}, time.Time{}, day(24, 7, 30)},
		"urgent in the night":            {night, Item{At: day(24, 23, 0), Urgent: true}, time.Time{}, day(25, 7, 30)},
		"urgent that may break it":       {breaking, Item{At: day(24, 23, 0), Urgent: true}, time.Time{}, day(24, 23, 0)},
		"not urgent":                     {breaking, Item{At: day(24, 23, 0)}, time.Time{}, day(25, 7, 30)},
		"daily, before":                  {evening, Item{At: day(24, 12, 0)}, time.Time{}, day(24, 18, 0)},
		"daily, after":                   {evening, Item{At: day(24, 18, 1)}, time.Time{}, day(25, 18, 0)},
		"daily, at that minute":          {evening, Item{At: day(24, 18, 0)}, time.Time{}, day(24, 18, 0)},
		"urgent does not wait for daily": {evening, Item{At: day(24, 12, 0), Urgent: true}, time.Time{}, day(24, 12, 0)},
		"told half an hour ago":          {night, Item{At: day(24, 12, 0), Topic: "x"}, day(24, 11, 30), day(24, 12, 30)},
		"told long ago":                  {night, Item{At: day(24, 12, 0), Topic: "x"}, day(24, 9, 0), day(24, 12, 0)},
		"told just before the quiet":     {night, Item{At: day(24, 21, 50), Topic: "x"}, day(24, 21, 40), day(25, 7, 30)},
	} {
		if got := c.plan.Due(c.item, c.told); !got.Equal(c.want) {
			t.Errorf("%s: due %v, not %v", name, got, c.want)
		}
	}
	// By the carer's clocks, not the household's.
	tokyo := Plan{QuietFrom: at(22, 0), QuietTo: at(7, 0), Digest: AtOnce, Zone: zone(t, "Asia/Tokyo")}
	if got, want := tokyo.Due(Item{At: day(24, 14, 0)}, time.Time{}), day(24, 22, 0); !got.Equal(want) {
		t.Errorf("%v %v", got, want)
	}
}

// In the night in which clocks go forward, half past one in London is not there.
func TestDueWhenClocksChange(t *testing.T) {
	london := zone(t, "Europe/London")
	p := Plan{QuietFrom: at(22, 0), QuietTo: at(1, 30), Digest: AtOnce, Zone: london}
	got := p.Due(Item{At: time.Date(2027, 3, 27, 23, 0, 0, 0, london)}, time.Time{})
	if want := time.Date(2027, 3, 28, 1, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("%v, not %v", got.UTC(), want)
	}
}

// What a clock that was ahead has said holds nothing back once it is right.
func TestReadyAfterTheClockWasAhead(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		plan     Plan
		at, sent time.Duration // after now
		ready    bool
	}{
		"an alert of next year":               {Plan{Digest: AtOnce, Zone: time.UTC}, 365 * 24 * time.Hour, 0, true},
		"one for the daily message":           {Plan{Digest: at(18, 0), Zone: time.UTC}, 2 * time.Hour, 0, true},
		"its topic was sent next year":        {Plan{Digest: AtOnce, Zone: time.UTC}, 0, 365 * 24 * time.Hour, true},
		"sent a moment from now":              {Plan{Digest: AtOnce, Zone: time.UTC}, 0, time.Minute, false},
		"next year's waits for quiet's end":   {Plan{QuietFrom: at(11, 0), QuietTo: at(13, 0), Digest: AtOnce, Zone: time.UTC}, 365 * 24 * time.Hour, 0, false},
		"a daily one of a moment from now":    {Plan{Digest: at(18, 0), Zone: time.UTC}, time.Minute, 0, false},
		"next year's, sent half an hour ago":  {Plan{Digest: AtOnce, Zone: time.UTC}, 365 * 24 * time.Hour, -30 * time.Minute, false},
		"next year's, sent two hours ago too": {Plan{Digest: AtOnce, Zone: time.UTC}, 365 * 24 * time.Hour, -2 * time.Hour, true},
	} {
		sent := map[string]time.Time{}
		if c.sent != 0 {
			sent["x"] = now.Add(c.sent)
		}
		ready, next := c.plan.Ready([]Item{{ID: 1, At: now.Add(c.at), Topic: "x"}}, sent, now)
		if (len(ready) == 1) != c.ready || next.Sub(now) > daily {
			t.Errorf("%s: %v, the next at %v", name, ready, next)
		}
	}
}

// What failed in the afternoon is not tried again in the quiet hours; nothing is lost between ready and later.
func TestReady(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := rapid.IntRange(0, 1439)
		p := Plan{QuietFrom: minute.Draw(t, "from"), QuietTo: minute.Draw(t, "to"), BreakQuiet: rapid.Bool().Draw(t, "break"),
			Digest: rapid.IntRange(-1, 1439).Draw(t, "digest"), Zone: zone(t, rapid.SampledFrom([]string{"Europe/London", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone"))}
		now := time.Unix(rapid.Int64Range(1790000000, 1830000000).Draw(t, "now"), 0)
		var items []Item
		told := map[string]time.Time{}
		for id := range rapid.Int64Range(1, 8).Draw(t, "items") {
			items = append(items, Item{ID: id, At: now.Add(-time.Duration(rapid.IntRange(-20000000, 200000).Draw(t, "ago")) * time.Second),
				Urgent: rapid.Bool().Draw(t, "urgent"), Topic: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "topic")})
		}
		if rapid.Bool().Draw(t, "told") {
			told["a"] = now.Add(-time.Duration(rapid.IntRange(-20000000, 7200).Draw(t, "before")) * time.Second)
		}
		ready, next := p.Ready(items, told, now)
		for _, i := range ready {
			if p.Quiet(now) && !(i.Urgent && p.BreakQuiet) {
				t.Errorf("%+v is told in the quiet hours", i)
			}
			if since := now.Sub(told["a"]); i.Topic == "a" && since < again && since >= -mostAhead {
				t.Errorf("%+v is told again", i)
			}
		}
		if (len(ready) < len(items)) != !next.IsZero() || !next.IsZero() && (!next.After(now) || next.Sub(now) > 50*time.Hour) {
			t.Errorf("%d of %d are ready at %v, the next at %v", len(ready), len(items), now, next)
		}
		// At that moment one more is, unless one of the future has come into its own by then.
		future := slices.ContainsFunc(items, func(i Item) bool { return i.At.After(now) }) || told["a"].After(now)
		if !next.IsZero() && !future {
			if then, _ := p.Ready(items, told, next); len(then) == 0 {
				t.Errorf("nothing is ready at %v", next)
			}
		}
	})
}

func TestValidate(t *testing.T) {
	for _, p := range []Plan{{QuietFrom: -1, Digest: AtOnce}, {QuietTo: 1440, Digest: AtOnce}, {Digest: 1440}, {Digest: -2}, {QuietFrom: at(22, 0), QuietTo: at(7, 0), Digest: at(6, 0)}} {
		if p.Validate() == nil {
			t.Errorf("%+v is a plan", p)
		}
	}
	for _, p := range []Plan{{Digest: AtOnce}, {QuietFrom: at(22, 0), QuietTo: at(7, 0), Digest: at(7, 0)}} {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestWait(t *testing.T) {
	for failures, want := range map[int]time.Duration{1: time.Minute, 2: 2 * time.Minute, 6: 32 * time.Minute, 7: time.Hour, 100: time.Hour, 1 << 40: time.Hour} {
		if got := Wait(failures, time.Hour, 0); got != want {
			t.Errorf("after %d failures %v, not %v", failures, got, want)
		}
	}
	if got := Wait(90, patience, 0); got != daily {
		t.Error(got)
	}
	if got := Wait(1, 0, 1); got != 45*time.Second {
		t.Error(got)
	}
	// Over three days a dead service is tried some 75 times.
	tries, failing := 0, time.Duration(0)
	for ; failing < patience; tries++ {
		failing += Wait(tries+1, failing, 0.5)
	}
	if tries < 60 || tries > 100 {
		t.Errorf("%d tries in three days", tries)
	}
}
