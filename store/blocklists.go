package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Blocklists are subscriptions to PhoneBlock's blocklist. They are asked for with a key, and not often: when that was outlives both
// the program and the subscription.

// SubscribeBlocklist begins a subscription to a blocklist, as Subscribe does. key is a secret.
func (s *Store) SubscribeBlocklist(ctx context.Context, sub Subscription, key string) error {
	if key == "" {
		return errors.New("a blocklist cannot be asked for without a key")
	}
	sub.Kind, sub.Key = ListPhoneBlock, ""
	return s.subscribe(ctx, sub, key)
}

// BlocklistKey is the key of a blocklist. It is for asking alone, and shown to nobody. The error is ErrNoSubscription.
func (s *Store) BlocklistKey(ctx context.Context, id int64) (key string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT api_key FROM subscriptions WHERE list_id = ? AND kind = 'phoneblock'", id).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoSubscription
	}
	return key, err
}

// SetBlocklistKey gives a household's blocklist another key, with which it is due at a time. The error is ErrNoSubscription where
// the list is none.
func (s *Store) SetBlocklistKey(ctx context.Context, household, list, key string, due time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		home, err := householdID(ctx, tx, household)
		if err != nil {
			return err
		}
		return change(ctx, tx, ErrNoSubscription, `UPDATE subscriptions SET api_key = ?, failures = 0, error = '', next_at = ?
			WHERE kind = 'phoneblock' AND list_id = (SELECT id FROM lists WHERE household_id = ? AND name = ?)`, key, due.Unix(), home, list)
	})
}

// ClaimFetch notes, before a blocklist is asked for, that it is: sub is as it was read, and says when that was before. The error is
// ErrUpdated where somebody else has asked meanwhile.
func (s *Store) ClaimFetch(ctx context.Context, sub Subscription, full bool, at time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		whole := unixOrZero(sub.FullAsked)
		if full {
			whole = at.Unix()
		}
		return change(ctx, tx, ErrUpdated, `INSERT INTO blocklist_fetches (household_id, url, full_at, asked_at)
			SELECT household_id, ?2, ?3, ?4 FROM lists WHERE id = ?1
			ON CONFLICT DO UPDATE SET full_at = ?3, asked_at = ?4 WHERE full_at = ?5 AND asked_at = ?6`,
			sub.ID, sub.URL, whole, at.Unix(), unixOrZero(sub.FullAsked), unixOrZero(sub.Asked))
	})
}

// ReleaseFetch takes back what ClaimFetch has noted at a time, where the server has given nothing.
func (s *Store) ReleaseFetch(ctx context.Context, sub Subscription, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE blocklist_fetches SET full_at = ?, asked_at = ? WHERE url = ? AND asked_at = ?
		AND household_id = (SELECT id FROM households WHERE name = ?)`,
		unixOrZero(sub.FullAsked), unixOrZero(sub.Asked), sub.URL, at.Unix(), sub.Household)
	return err
}

// PutOffList makes a subscription due at a time, and says nothing of how it went.
func (s *Store) PutOffList(ctx context.Context, id int64, next time.Time) error {
	_, err := s.write.ExecContext(ctx, "UPDATE subscriptions SET next_at = ? WHERE list_id = ?", next.Unix(), id)
	return err
}
