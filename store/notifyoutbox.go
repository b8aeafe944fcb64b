package store

import (
	"context"
	"database/sql"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// NotifyCursor is up to where a household's notices and calls have been looked at.
type NotifyCursor struct {
	Notice, Call int64
	Week         string // the Monday whose summary was made last, such as "2026-11-23"
}

// NotifyCursor reads a household's cursor; the zero one where nothing was looked at yet.
func (s *Store) NotifyCursor(ctx context.Context, household string) (c NotifyCursor, err error) {
	c, _, err = sqlite.Row(ctx, s.read, func(c *NotifyCursor) []any { return []any{&c.Notice, &c.Call, &c.Week} },
		"SELECT notice_id, call_id, week FROM notify_cursors WHERE "+columns.ByName, household)
	return c, err
}

// NoticesAfter lists a household's notices behind one, the oldest first.
func (s *Store) NoticesAfter(ctx context.Context, household string, after int64, limit int) ([]Notice, error) {
	return s.notices(ctx, "WHERE h.name = ? AND n.id > ? ORDER BY n.id LIMIT ?", household, after, limit)
}

// CallsAfter lists a household's calls behind one, in the order in which they came in, without steps and recordings.
func (s *Store) CallsAfter(ctx context.Context, household string, after int64, limit int) ([]LoggedCall, error) {
	return s.loggedCalls(ctx, " WHERE h.name = ? AND c.id > ? ORDER BY c.id LIMIT ?", household, after, limit)
}

// LatestCall is the household's call with the highest ID; 0 where there was none.
func (s *Store) LatestCall(ctx context.Context, household string) (call int64, err error) {
	return sqlite.Value[int64](ctx, s.read, "SELECT coalesce(max(id), 0) FROM calls WHERE "+columns.ByName, household)
}

// Telling is something that happened, for those who chose to be told of it.
type Telling struct {
	Event  Event
	Source string // what it tells of, such as "notice 12": each is told once
	At     time.Time
	Text   string // one line, without when
	Topic  string // see notify.Item
	Urgent bool
	Call   int64 // 0: none
}

// Tell puts things into the outbox of all who chose to be told of them, and moves the cursor, whole or not at all. Who has
// paused, and who asked to be told only after it happened, is not told.
func (s *Store) Tell(ctx context.Context, household string, all []Telling, to NotifyCursor) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		for _, t := range all {
			if err := sqlite.Exec(ctx, tx, `INSERT INTO notify_outbox (channel_id, source, event, call_id, at, topic, text, urgent)
				SELECT n.id, ?1, ?2, (SELECT id FROM calls WHERE id = ?3 AND household_id = ?8), ?4, ?5, ?6, ?7 FROM notify_channels n
				WHERE n.household_id = ?8 AND NOT n.paused AND n.made_at <= ?4 AND EXISTS (SELECT 1 FROM json_each(n.events) WHERE value = ?2)
				ON CONFLICT DO NOTHING`, t.Source, t.Event, t.Call, t.At.Unix(), columns.Bounded(t.Topic), columns.BoundedTo(t.Text, maxTelling), t.Urgent, home); err != nil {
				return err
			}
		}
		return sqlite.Exec(ctx, tx, `INSERT INTO notify_cursors (household_id, notice_id, call_id, week) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET notice_id = excluded.notice_id, call_id = excluded.call_id, week = excluded.week`, home, to.Notice, to.Call, to.Week)
	})
}

// maxTelling is how long a line to tell is at most, in bytes.
const maxTelling = 1000

// Waiting is a channel with what waits for it.
type Waiting struct {
	NotifyChannel
	Tellings []WaitingTelling
	Told     map[string]time.Time // when topics that wait were told last
}

// WaitingTelling is something that waits to be told.
type WaitingTelling struct {
	ID int64
	Telling
}

// Outbox lists the channels for which something waits, with all of it, the oldest first; but those that are paused.
func (s *Store) Outbox(ctx context.Context) (all []Waiting, err error) {
	channels, err := sqlite.Rows(ctx, s.read, (*NotifyChannel).fields, channelsQuery+` WHERE NOT paused
		AND EXISTS (SELECT 1 FROM notify_outbox o WHERE o.channel_id = n.id AND o.sent_at IS NULL) ORDER BY n.id`)
	for _, c := range channels {
		w := Waiting{NotifyChannel: c, Told: map[string]time.Time{}}
		if err := s.waiting(ctx, &w); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, err
}

func (s *Store) waiting(ctx context.Context, w *Waiting) error {
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var t WaitingTelling
		var told time.Time
		err := scan(&t.ID, &t.Source, &t.Event, &t.Call, columns.ScanTime(&t.At), &t.Topic, &t.Text, &t.Urgent, columns.ScanTime(&told))
		if !told.IsZero() {
			w.Told[t.Topic] = told
		}
		w.Tellings = append(w.Tellings, t)
		return err
	}, `SELECT o.id, o.source, o.event, coalesce(o.call_id, 0), o.at, o.topic, o.text, o.urgent,
		(SELECT max(t.sent_at) FROM notify_outbox t WHERE o.topic <> '' AND t.topic <> '' AND t.channel_id = o.channel_id
			AND t.topic = o.topic AND t.sent_at IS NOT NULL)
		FROM notify_outbox o WHERE o.channel_id = ? AND o.sent_at IS NULL ORDER BY o.at, o.id`, w.ID)
}

// ChannelSent writes down that a channel's tellings were sent, and that it is not failing; with none of them that a
// message of another kind, such as a test, went.
func (s *Store) ChannelSent(ctx context.Context, id int64, tellings []int64, at time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		for _, t := range tellings {
			if err := sqlite.Exec(ctx, tx, "UPDATE notify_outbox SET sent_at = ? WHERE id = ? AND channel_id = ?", at.Unix(), t, id); err != nil {
				return err
			}
		}
		return sqlite.Exec(ctx, tx, `UPDATE notify_channels SET sent_at = ?, failures = 0, failing_since = NULL, last_error = '', next_try = NULL
			WHERE id = ?`, at.Unix(), id)
	})
}

// ChannelFailed writes down that a channel's message could not be sent: why, in a plain sentence without a secret, and when
// it is tried again.
func (s *Store) ChannelFailed(ctx context.Context, id int64, at, next time.Time, sentence string) error {
	return sqlite.Exec(ctx, s.write, `UPDATE notify_channels SET failures = failures + 1, failing_since = coalesce(failing_since, ?),
		last_error = ?, next_try = ? WHERE id = ?`, at.Unix(), columns.Bounded(sentence), next.Unix(), id)
}

// sentAge is for how long is kept what was sent, so that it is not told twice.
const sentAge = 14 * 24 * time.Hour

// expireOutbox deletes what was sent some time ago; and what could not be sent, when the calls of its time are deleted too.
func (s *Store) expireOutbox(ctx context.Context, household int64, before, now time.Time) error {
	return sqlite.Exec(ctx, s.write, `DELETE FROM notify_outbox WHERE (sent_at < ? OR sent_at IS NULL AND at < ?)
		AND channel_id IN (SELECT id FROM notify_channels WHERE household_id = ?)`, now.Add(-sentAge).Unix(), before.Unix(), household)
}
