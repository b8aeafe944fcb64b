package store

import "time"

// DayStart is the first moment of a day by the clocks of zone. Where clocks skip midnight that is the moment to which they
// skip; where midnight is there twice, the first one. Days and months beyond their range count on, as in time.Date.
func DayStart(year int, month time.Month, day int, zone *time.Location) time.Time {
	year, month, day = time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date() // in range from here on
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	begin, end := t.ZoneBounds()
	switch {
	case t.Day() != day: // time.Date has read the skipped midnight by the clocks before the skip
		return end
	case t.Hour() != 0 || t.Minute() != 0: // or by those after it
		return begin
	}
	if before := begin.Add(-1); !begin.IsZero() && before.In(zone).Day() == day && t.Sub(before) < 24*time.Hour {
		_, offset := before.Zone()
		return time.Date(year, month, day, 0, 0, 0, 0, time.FixedZone("", offset)).In(zone)
	}
	return t
}

// MonthSpan is from when until when a month goes by the clocks of zone.
func MonthSpan(year int, month time.Month, zone *time.Location) (from, before time.Time) {
	return DayStart(year, month, 1, zone), DayStart(year, month+1, 1, zone)
}
