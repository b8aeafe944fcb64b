package alerts

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/store/outbox"
)

const year = 365 * 24 * time.Hour

// madeAhead has all channels made while the clock was a year ahead.
func (x *fixture) madeAhead() {
	x.Helper()
	db, err := sql.Open("sqlite3", x.path)
	x.no(err)
	_, err = db.ExecContext(x.Context(), "UPDATE notify_channels SET made_at = made_at + ?", int(year.Seconds()))
	x.no(err)
	x.no(db.Close())
}

// A clock that was a year ahead, as of a small computer without a battery for it, keeps no alert back once it is right.
func TestAlertsAfterTheClockWasAhead(t *testing.T) {
	x := newFixture(t, nil, "generic://x", outbox.Events()...)
	x.at = x.at.Add(year)
	x.call(numbered("+442079460001", ""), "") // whose end was never logged
	x.told()
	x.madeAhead()
	x.at = x.at.Add(-year)
	last := x.call(numbered("+442079460002", ""), "accepted")
	x.at = x.at.Add(time.Minute)
	want := []string{"The household let an unknown caller through: 020 7946 0002."}
	if got := x.told(); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	c, err := x.db.Outbox.Cursor(t.Context(), "home")
	if err != nil || c.Call != last || c.Week > x.at.Format(time.DateOnly) {
		t.Errorf("the cursor is %+v (%v); the last call is %d", c, err, last)
	}
}

func TestStrangerAfterTheClockWasAhead(t *testing.T) {
	x := newStrangersFixture(t)
	x.channel("ntfy://a/x", outbox.Choices{Digest: notify.AtOnce})
	x.madeAhead()
	x.rings("+442079460999")
	x.step(calllog.Said{Length: time.Second})
	x.look()
	if got := x.by.texts("ntfy://a/x"); len(got) != 1 {
		t.Errorf("%q", got)
	}
}
