package outbox

import (
	"context"
	"database/sql"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Cursor is the last of a household's notices and calls for which alerts were made.
type Cursor struct {
	Notice, Call int64
	Week         string // the Monday of the last summary of a week, such as "2026-11-23"
}

// Cursor is a household's cursor; the zero one where there were no alerts yet.
func (o *Outbox) Cursor(ctx context.Context, household string) (c Cursor, err error) {
	c, _, err = sqlite.Row(ctx, o.read, func(c *Cursor) []any { return []any{&c.Notice, &c.Call, &c.Week} },
		"SELECT notice_id, call_id, week FROM notify_cursors WHERE "+columns.ByName, household)
	return c, err
}

// News is up to where the notices and calls of all households were looked at.
type News struct{ Notice, Call int64 }

// NewsSince are the households with notices or calls behind that, and the last of these.
func (o *Outbox) NewsSince(ctx context.Context, seen News) (households []string, last News, err error) {
	last, _, err = sqlite.Row(ctx, o.read, func(n *News) []any { return []any{&n.Notice, &n.Call} },
		"SELECT coalesce((SELECT max(id) FROM notices), 0), coalesce((SELECT max(id) FROM calls), 0)")
	if err != nil {
		return nil, seen, err
	}
	// What has come meanwhile is found again the next time.
	households, err = sqlite.Values[string](ctx, o.read, `SELECT name FROM households WHERE id IN
		(SELECT household_id FROM notices WHERE id > ? UNION SELECT household_id FROM calls WHERE id > ?)`, seen.Notice, seen.Call)
	return households, last, err
}

// Behind are the households with notices or calls behind their cursors. It reads as much as there are calls.
func (o *Outbox) Behind(ctx context.Context) (households []string, err error) {
	return sqlite.Values[string](ctx, o.read, `SELECT h.name FROM households h LEFT JOIN notify_cursors c ON c.household_id = h.id
		WHERE EXISTS (SELECT 1 FROM notices WHERE household_id = h.id AND id > coalesce(c.notice_id, 0))
		OR EXISTS (SELECT 1 FROM calls WHERE household_id = h.id AND id > coalesce(c.call_id, 0))`)
}

// Weeks are the weeks of all households' cursors, by household; "" where there were no alerts yet.
func (o *Outbox) Weeks(ctx context.Context) (map[string]string, error) {
	weeks := map[string]string{}
	return weeks, sqlite.Each(ctx, o.read, func(scan func(...any) error) error {
		var household, week string
		err := scan(&household, &week)
		weeks[household] = week
		return err
	}, "SELECT h.name, coalesce(c.week, '') FROM households h LEFT JOIN notify_cursors c ON c.household_id = h.id")
}

// Alert says that something has happened.
type Alert struct {
	Event  Event
	Source string // what it is about, such as "notice 12": nobody gets two about the same
	At     time.Time
	Text   string // one line, without the time
	Topic  string // see notify.Item
	Urgent bool
	Call   int64  // 0: none
	Words  string // what a caller said, as a machine has read it: added for whoever may hear recordings and wants that
}

// Enqueue queues alerts in all channels that want their events, and moves the cursor. Channels that are paused, or were made after it happened,
// get none. When a channel was made says nothing if the clock was ahead then.
func (o *Outbox) Enqueue(ctx context.Context, household string, alerts []Alert, to Cursor) error {
	return columns.InHousehold(ctx, o.write, household, func(tx *sql.Tx, home int64) error {
		for _, a := range alerts {
			if err := sqlite.Exec(ctx, tx, `INSERT INTO notify_outbox (channel_id, source, event, call_id, at, topic, text, words, urgent)
				SELECT n.id, ?1, ?2, (SELECT id FROM calls WHERE id = ?3 AND household_id = ?8), ?4, ?5, ?6, iif(`+getsWords+`, ?9, ''), ?7 FROM notify_channels n
				WHERE n.household_id = ?8 AND NOT n.paused AND (n.made_at <= ?4 OR n.made_at > unixepoch()) AND EXISTS (SELECT 1 FROM json_each(n.events) WHERE value = ?2)
				ON CONFLICT DO NOTHING`, a.Source, a.Event, a.Call, a.At.Unix(), columns.Bounded(a.Topic), columns.BoundedTo(a.Text, maxText), a.Urgent, home, columns.BoundedTo(a.Words, maxText)); err != nil {
				return err
			}
		}
		return sqlite.Exec(ctx, tx, `INSERT INTO notify_cursors (household_id, notice_id, call_id, week) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET notice_id = excluded.notice_id, call_id = excluded.call_id, week = excluded.week`, home, to.Notice, to.Call, to.Week)
	})
}

// getsWords is true for a channel n whose person may hear recordings, and wants alerts to have what was said. It is asked when an alert is queued, and once
// more when it is sent: an alert may wait for hours.
const getsWords = "n.words AND EXISTS (SELECT 1 FROM memberships m WHERE m.household_id = n.household_id AND m.person_id = n.person_id AND m.hears)"

// maxText is how long the text of an alert is at most, in bytes.
const maxText = 1000

// Queue is a channel with the alerts that wait to be sent.
type Queue struct {
	Channel
	Alerts   []QueuedAlert
	LastSent map[string]time.Time // when their topics were last sent
}

// QueuedAlert is an alert that waits to be sent.
type QueuedAlert struct {
	ID int64
	Alert
}

// Queues lists the channels in which alerts wait, the oldest alert first, without those that are paused.
func (o *Outbox) Queues(ctx context.Context) (all []Queue, err error) {
	channels, err := sqlite.Rows(ctx, o.read, (*Channel).fields, channelsQuery+` WHERE NOT paused AND n.address <> ''
		AND EXISTS (SELECT 1 FROM notify_outbox o WHERE o.channel_id = n.id AND o.sent_at IS NULL) ORDER BY n.id`)
	for _, c := range channels {
		q := Queue{Channel: c, LastSent: map[string]time.Time{}}
		if err := o.queued(ctx, &q); err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, err
}

func (o *Outbox) queued(ctx context.Context, q *Queue) error {
	return sqlite.Each(ctx, o.read, func(scan func(...any) error) error {
		var a QueuedAlert
		var last time.Time
		err := scan(&a.ID, &a.Source, &a.Event, &a.Call, columns.ScanTime(&a.At), &a.Topic, &a.Text, &a.Urgent, columns.ScanTime(&last))
		if !last.IsZero() {
			q.LastSent[a.Topic] = last
		}
		q.Alerts = append(q.Alerts, a)
		return err
	}, `SELECT o.id, o.source, o.event, coalesce(o.call_id, 0), o.at, o.topic, iif(o.words <> '' AND `+getsWords+`, o.text || ' ' || o.words, o.text), o.urgent,
		(SELECT max(t.sent_at) FROM notify_outbox t WHERE o.topic <> '' AND t.topic <> '' AND t.channel_id = o.channel_id
			AND t.topic = o.topic AND t.sent_at IS NOT NULL)
		FROM notify_outbox o JOIN notify_channels n ON n.id = o.channel_id WHERE o.channel_id = ? AND o.sent_at IS NULL ORDER BY o.at, o.id`, q.ID)
}

// ChannelSent notes that a channel works, and that these alerts were sent by it; none of them where it was another message, such as a test. What a
// caller said is not kept here any longer.
func (o *Outbox) ChannelSent(ctx context.Context, id int64, alerts []int64, at time.Time) error {
	return o.write.Do(ctx, func(tx *sql.Tx) error {
		for _, alert := range alerts {
			if err := sqlite.Exec(ctx, tx, "UPDATE notify_outbox SET sent_at = ?, words = '' WHERE id = ? AND channel_id = ?", at.Unix(), alert, id); err != nil {
				return err
			}
		}
		return sqlite.Exec(ctx, tx, `UPDATE notify_channels SET sent_at = ?, failures = 0, failing_since = NULL, last_error = '', next_try = NULL
			WHERE id = ?`, at.Unix(), id)
	})
}

// ChannelFailed notes that a channel's message could not be sent: why, in a plain sentence without a secret, and when it is tried again.
func (o *Outbox) ChannelFailed(ctx context.Context, id int64, at, next time.Time, sentence string) error {
	return sqlite.Exec(ctx, o.write, `UPDATE notify_channels SET failures = failures + 1, failing_since = coalesce(failing_since, ?),
		last_error = ?, next_try = ? WHERE id = ?`, at.Unix(), columns.Bounded(sentence), next.Unix(), id)
}

// sentAge is how long sent alerts are kept, so that nobody gets them twice.
const sentAge = 14 * 24 * time.Hour

// SentBefore is before when alerts were sent that Expire deletes.
func SentBefore(now time.Time) time.Time { return now.Add(-sentAge) }

// Expire deletes alerts that were sent some time ago, and those that could not be sent, together with the calls of their time. It also deletes
// the groups that a household has left by then, with what was sent to them.
func (o *Outbox) Expire(ctx context.Context, household int64, before, now time.Time) error {
	return o.write.Do(ctx, func(tx *sql.Tx) error {
		return sqlite.Exec(ctx, tx, `DELETE FROM notify_outbox WHERE (sent_at < ? OR sent_at IS NULL AND at < ?)
			AND channel_id IN (SELECT id FROM notify_channels WHERE household_id = ?);
			DELETE FROM joined_groups WHERE household_id = ? AND left_at < ?`,
			SentBefore(now).Unix(), before.Unix(), household, household, before.Unix())
	})
}

// Backlog is what a household's alerts wait for.
type Backlog struct {
	Waiting int // alerts that have not been sent, those for a daily message too
	Failing int // channels whose last message could not be sent
}

// Backlogs are those of all households that have channels.
func (o *Outbox) Backlogs(ctx context.Context) (map[string]Backlog, error) {
	all := map[string]Backlog{}
	err := sqlite.Each(ctx, o.read, func(scan func(...any) error) error {
		var household string
		var b Backlog
		err := scan(&household, &b.Waiting, &b.Failing)
		all[household] = b
		return err
	}, `SELECT h.name, sum((SELECT count(*) FROM notify_outbox o WHERE o.channel_id = n.id AND o.sent_at IS NULL)), sum(n.failing_since IS NOT NULL)
		FROM notify_channels n JOIN households h ON h.id = n.household_id GROUP BY h.id`)
	if err != nil {
		return nil, err
	}
	return all, nil
}
