package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Kind is what a household says of a number.
type Kind string

// The kinds of reports, a contract.
const (
	For      Kind = "for"      // it is a scammer's
	Against  Kind = "against"  // it is not a scammer's
	Withdraw Kind = "withdraw" // the household takes back what it said
)

// Report is what a household says of a number. It contains nothing about the household.
type Report struct {
	Number   screening.Number // international
	Kind     Kind
	Category string   // of store.Categories where Kind is For; else ""
	Day      list.Day // of the call; 0 is today
}

// ErrMany says that a household has sent as many reports today as the group accepts. Withdrawals are still accepted.
var ErrMany = errors.New("this household has sent as many reports today as the group takes: the rest can be sent tomorrow")

// ErrClock says that the hub's clock is behind times that it has noted itself: a machine without a battery for its clock does not know the time when it
// starts. Then nothing can be judged by the clock, and a household that was refused would not send its report again.
var ErrClock = errors.New("the hub's clock is wrong: try again later")

// How far the day of a call may be from today. A household without internet sends later, and its clock may be somewhat ahead.
const (
	oldest = 60
	ahead  = 1
)

// check completes a report, or refuses it.
func (r *Report) check(region string, now time.Time) error {
	digits, international := strings.CutPrefix(string(r.Number), "+")
	if !international || (list.Entry{Digits: digits}).CheckDigits() != nil {
		return &Refused{"The number has to be international, with a plus sign and digits alone, such as +442079460123."}
	}
	if whose, never := screening.NeverBlocked(r.Number, region); never {
		return &Refused{fmt.Sprintf("That number must never be turned away (%s), so it is on no list.", whose)}
	}
	switch r.Kind {
	case For:
		if r.Category == "" {
			r.Category = store.CategoryOther
		}
		if !slices.Contains(store.Categories(), r.Category) {
			return &Refused{"The category is one of " + strings.Join(store.Categories(), ", ") + "."}
		}
	case Against, Withdraw:
		r.Category = ""
	default:
		return &Refused{"The kind is for, against or withdraw."}
	}
	day := list.DayOf(now)
	if r.Day == 0 {
		r.Day = day
	}
	if r.Day < day-oldest || r.Day > day+ahead {
		return &Refused{fmt.Sprintf("The day has to be one of the last %d; is the clock right?", oldest)}
	}
	r.Day = min(r.Day, day)
	return nil
}

// clock returns ErrClock if the clock is behind a time that was noted already.
func (h *Hub) clock(ctx context.Context, now time.Time) error {
	var newest int64
	err := h.read.QueryRowContext(ctx, `SELECT max(coalesce((SELECT max(received) FROM reports), 0),
		coalesce((SELECT joined FROM keys ORDER BY id DESC LIMIT 1), 0))`).Scan(&newest)
	if err != nil {
		return err
	}
	if today(now)+ahead < newest {
		return ErrClock
	}
	return nil
}

// Take puts a household's report into the ledger. A report that repeats what the household says already changes nothing, so that it can be sent again
// when nobody knows whether it has arrived. network is as for Join. The errors are a *Refused, ErrExpelled, ErrNoKey, ErrMany and ErrClock.
func (h *Hub) Take(ctx context.Context, key int64, r Report, network string, now time.Time) error {
	if err := h.clock(ctx, now); err != nil {
		return err
	}
	if err := r.check(h.group.Region, now); err != nil {
		return err
	}
	return h.write.Do(ctx, func(tx *sql.Tx) error { return h.take(ctx, tx, key, r, network, today(now)) })
}

// newcomersPart is the fraction of a day's reports that a household may send in its first week: enough for somebody who is rung a lot, and not enough to
// bury moderators in numbers.
const newcomersPart = 6

func (h *Hub) take(ctx context.Context, tx *sql.Tx, key int64, r Report, network string, day int64) error {
	var expelled bool
	var since int64
	sent, err := sqlite.One(ctx, tx, ErrNoKey, func(sent *int) []any { return []any{&expelled, &since, sent} },
		"SELECT expelled, joined, (SELECT count(*) FROM reports WHERE key_id = k.id AND received = ?) FROM keys k WHERE id = ? AND hash IS NOT NULL", day, key)
	if err == nil && expelled {
		err = ErrExpelled
	}
	if err != nil {
		return err
	}
	apart := true
	before, _, err := sqlite.Row(ctx, tx, func(b *Report) []any { return []any{&b.Kind, &b.Category, &b.Day, &apart} },
		"SELECT kind, category, day, apart FROM reports WHERE number = ? AND key_id = ? ORDER BY id DESC LIMIT 1", r.Number.Key(), key)
	if err != nil {
		return err
	}
	if r.Kind == For && before.Kind == For && r.Category == store.CategoryOther {
		r.Category = before.Category // a carer's choice must not be lost when the number rings again and somebody presses a key
	}
	switch {
	case r.Kind == Withdraw && (before.Kind == "" || before.Kind == Withdraw), r.Kind == before.Kind && r.Category == before.Category && r.Day <= before.Day:
		return nil
	case r.Kind == Withdraw: // a mistake must not have to wait until tomorrow; there are no more withdrawals than reports
	case sent >= h.group.PerDay, !settled(since, day) && sent >= max(1, h.group.PerDay/newcomersPart):
		return ErrMany
	}
	if before.Kind == "" { // later reports of the number by the same household keep the first one's apart
		others, err := noteNetwork(ctx, tx, network, r.Number.Key(), day)
		if err != nil {
			return err
		}
		apart = others == 0
	}
	return add(ctx, tx, key, r, before.Kind, apart, day)
}

// add adds to the ledger. A report that repeats an earlier one on a later day keeps the number from fading.
func add(ctx context.Context, tx *sql.Tx, key int64, r Report, before Kind, apart bool, day int64) error {
	number := r.Number.Key()
	_, err := tx.ExecContext(ctx, "INSERT INTO reports (key_id, number, kind, category, day, received, apart) VALUES (?, ?, ?, ?, ?, ?, ?)",
		key, number, r.Kind, r.Category, r.Day, day, apart)
	if err != nil {
		return err
	}
	if err := sqlite.Exec(ctx, tx, "INSERT INTO tallies (number, spam, not_spam, last) VALUES (?, 0, 0, 0) ON CONFLICT DO NOTHING", number); err != nil {
		return err
	}
	last := list.Day(0)
	if r.Kind == For {
		last = r.Day
	}
	_, err = tx.ExecContext(ctx, "UPDATE tallies SET spam = spam + ?, not_spam = not_spam + ?, last = max(last, ?) WHERE number = ?",
		count(r.Kind, For)-count(before, For), count(r.Kind, Against)-count(before, Against), last, number)
	return err
}

func count(k, of Kind) int {
	if k == of {
		return 1
	}
	return 0
}

// Forget deletes what the ledger need not keep: reports older than two years, how to reach people whose appeal was answered three months ago, marks of
// networks after seven days, expired links and logins, and copies from before upgrades after a month.
func (h *Hub) Forget(ctx context.Context, now time.Time) error {
	forgotten := h.write.Do(ctx, func(tx *sql.Tx) error {
		if err := forgetReports(ctx, tx, today(now)-keepReports); err != nil {
			return err
		}
		if err := forgetMarks(ctx, tx, today(now)); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE appeals SET reach = '' WHERE answered_at < ? AND reach <> ''", now.Add(-keepReach).Unix())
	})
	return errors.Join(forgotten, h.People.Expire(ctx, now), datafolder.ForgetUpgrades(filepath.Dir(h.path), now))
}

const (
	keepReports = 730 // days; the ledger's own trigger refuses to delete younger ones
	keepReach   = 90 * 24 * time.Hour
)

// forgetReports deletes old reports. If a household's newest report about a number is among them, it no longer counts.
func forgetReports(ctx context.Context, tx *sql.Tx, before int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE tallies SET spam = tallies.spam - gone.spam, not_spam = tallies.not_spam - gone.not_spam
		FROM (SELECT number, sum(kind = 'for') AS spam, sum(kind = 'against') AS not_spam
			FROM (SELECT o.number, o.key_id, o.kind, max(o.id) AS id FROM reports o JOIN keys k ON k.id = o.key_id
				WHERE o.received <= ?1 AND k.expelled = 0 GROUP BY o.number, o.key_id) AS old
			WHERE NOT EXISTS (SELECT 1 FROM reports n WHERE n.number = old.number AND n.key_id = old.key_id AND n.id > old.id)
			GROUP BY number) AS gone
		WHERE gone.number = tallies.number`, before)
	if err != nil {
		return err
	}
	if err := sqlite.Exec(ctx, tx, "DELETE FROM reports WHERE received <= ?", before); err != nil {
		return err
	}
	// The tally of a number that only expelled households have reported stays, because they may be let in again.
	return sqlite.Exec(ctx, tx, "DELETE FROM tallies WHERE spam = 0 AND not_spam = 0 AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.number = tallies.number)")
}
