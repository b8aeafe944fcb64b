package lists

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Blocklists are subscriptions to PhoneBlock's blocklist. They are downloaded with a key, and not often: the time of the last download outlives both
// the program and the subscription.

// SubscribeBlocklist begins a subscription to a blocklist, as Subscribe does. key is a secret.
func (l *Lists) SubscribeBlocklist(ctx context.Context, sub Subscription, key string) error {
	if key == "" {
		return errors.New("a blocklist cannot be asked for without a key")
	}
	sub.Kind, sub.Key = PhoneBlock, ""
	return l.subscribe(ctx, sub, key)
}

// BlocklistKey is the key of a blocklist. It is only for downloading, and never shown. The error is ErrNoSubscription.
func (l *Lists) BlocklistKey(ctx context.Context, id int64) (key string, err error) {
	return sqlite.OneValue[string](ctx, l.read, ErrNoSubscription, "SELECT api_key FROM list_sources WHERE kind = 'phoneblock' AND id = (SELECT source_id FROM subscriptions WHERE list_id = ?)", id)
}

// SetBlocklistKey replaces the key of a household's blocklist, which is then due at a time. The error is ErrNoSubscription if the list is not a
// blocklist.
func (l *Lists) SetBlocklistKey(ctx context.Context, household, list, key string, due time.Time) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		id, err := sqlite.OneValue[int64](ctx, tx, ErrNoSubscription, `SELECT list_id FROM subscriptions JOIN list_sources o ON o.id = source_id
			WHERE o.kind = 'phoneblock' AND list_id = `+listOf, household, list)
		if err != nil {
			return err
		}
		source, err := move(ctx, tx, id, "api_key", key)
		if err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE list_sources SET failures = 0, error = '', next_at = ? WHERE id = ?", due.Unix(), source)
	})
}

// ClaimFetch notes that a blocklist is about to be downloaded. sub is as it was read, with the time of the last download. The error is ErrUpdated if
// somebody else has downloaded it meanwhile.
func (l *Lists) ClaimFetch(ctx context.Context, sub Subscription, full bool, at time.Time) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		whole := columns.Seconds(sub.FullAsked)
		if full {
			whole = at.Unix()
		}
		err := sqlite.Change(ctx, tx, ErrUpdated, `INSERT INTO blocklist_fetches (household_id, url, full_at, asked_at)
			SELECT household_id, ?2, ?3, ?4 FROM lists WHERE id = ?1
			ON CONFLICT DO UPDATE SET full_at = ?3, asked_at = ?4 WHERE full_at = ?5 AND asked_at = ?6`,
			sub.ID, sub.URL, whole, at.Unix(), columns.Seconds(sub.FullAsked), columns.Seconds(sub.Asked))
		if err != nil {
			return err
		}
		return shareFetches(ctx, tx, sub.Source)
	})
}

// shareFetches notes for all households that share a blocklist when its server was last asked for it.
func shareFetches(ctx context.Context, tx *sql.Tx, source int64) error {
	return sqlite.Exec(ctx, tx, `INSERT INTO blocklist_fetches (household_id, url, full_at, asked_at)
		SELECT * FROM (SELECT l.household_id, o.url, max(f.full_at) OVER () AS full, max(f.asked_at) OVER () FROM list_sources o
			JOIN subscriptions s ON s.source_id = o.id JOIN lists l ON l.id = s.list_id
			LEFT JOIN blocklist_fetches f ON f.household_id = l.household_id AND f.url = o.url WHERE o.id = ? AND o.kind = 'phoneblock') WHERE full IS NOT NULL
		ON CONFLICT DO UPDATE SET full_at = excluded.full_at, asked_at = excluded.asked_at`, source)
}

// ReleaseFetch takes back what ClaimFetch has noted at a time, if the server has sent nothing.
func (l *Lists) ReleaseFetch(ctx context.Context, sub Subscription, at time.Time) error {
	_, err := l.write.ExecContext(ctx, `UPDATE blocklist_fetches SET full_at = ?, asked_at = ? WHERE url = ? AND asked_at = ?
		AND household_id IN (SELECT l.household_id FROM subscriptions s JOIN lists l ON l.id = s.list_id WHERE s.source_id = ?)`,
		columns.Seconds(sub.FullAsked), columns.Seconds(sub.Asked), sub.URL, at.Unix(), sub.Source)
	return err
}
