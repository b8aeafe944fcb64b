package hub

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringfence/sharing/list"
	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Key is a household that has joined. Nobody here knows who it is.
type Key struct {
	ID        int64
	Pseudonym string // to speak of it among moderators
	Joined    list.Day
	Left      bool
	Expelled  bool

	Recent    int // how many of its reports were received within 30 days
	Reports   int // how many in the ledger, which goes back two years
	Dismissed int // how many numbers that it reports moderators have dismissed or protected
}

// Errors of keys.
var (
	ErrNoKey    = errors.New("this key is not one of the group's: join the group again, with an invitation")
	ErrExpelled = errors.New("the group takes no reports of this household any more: ask the group if you think that is a mistake")
)

// How many households may join. A household joins once, from its own network, by an invitation that a street or a library shares; somebody who joins many
// times does so from few networks and by one invitation.
const (
	// JoinsPerNetwork is within seven days.
	JoinsPerNetwork = 10
	// JoinsPerInvitation is within a day.
	JoinsPerInvitation = 20
)

// Errors of joining too often.
var (
	ErrNetwork = fmt.Errorf("in the last week %d households have joined from this network, so the group takes no more there: join from home, or in a week", JoinsPerNetwork)
	ErrRush    = fmt.Errorf("%d households have joined with this invitation today, and the group takes no more of them until tomorrow", JoinsPerInvitation)
)

// Join makes a household's key, which it sends with its reports. It is shown once. network is the network that the household is in; noteNetwork says what is
// kept of it. The errors are ErrInvitation if nobody can join with that invitation, ErrNetwork or ErrRush if too many have, and ErrClock, because a key
// whose first day is wrong would be settled from the beginning.
func (h *Hub) Join(ctx context.Context, secret, network string, now time.Time) (key string, err error) {
	if err := h.clock(ctx, now); err != nil {
		return "", err
	}
	secretPart, _ := people.NewToken()
	key = "rfk_" + secretPart // so that a leaked one is recognised for what it is
	hash := people.HashOf(key)
	err = h.write.Do(ctx, func(tx *sql.Tx) error {
		from, err := invitation(ctx, tx, secret, now)
		if err != nil {
			return err
		}
		if err := room(ctx, tx, from, network, today(now)); err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "UPDATE invitations SET used = used + 1 WHERE id = ?", from); err != nil {
			return err
		}
		for {
			made, err := sqlite.Changes(ctx, tx, "INSERT INTO keys (hash, pseudonym, invitation_id, joined) VALUES (?, ?, ?, ?) ON CONFLICT (pseudonym) DO NOTHING",
				hash, newPseudonym(), from, today(now))
			if made || err != nil {
				return err
			}
		}
	})
	if err != nil {
		return "", err
	}
	return key, nil
}

// room notes that a household joins. If too many have, it returns an error, with which the transaction is rolled back.
func room(ctx context.Context, tx *sql.Tx, invitation int64, network string, day int64) error {
	from, err := noteNetwork(ctx, tx, network, joining, day)
	if err != nil {
		return err
	}
	if from >= JoinsPerNetwork {
		return ErrNetwork
	}
	var by int
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM keys WHERE invitation_id = ? AND joined = ?", invitation, day).Scan(&by)
	if err == nil && by >= JoinsPerInvitation {
		return ErrRush
	}
	return err
}

// newPseudonym is eight of Crockford's 32 digits and letters, which nobody confuses: "7KQ4-M2ZT".
func newPseudonym() string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	bits := make([]byte, 8)
	_, _ = rand.Read(bits) // which never fails
	var b strings.Builder
	for i, bit := range bits {
		if i == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[bit%32])
	}
	return b.String()
}

// KeyOf finds a key. The errors are ErrNoKey and ErrExpelled.
func (h *Hub) KeyOf(ctx context.Context, key string) (id int64, err error) {
	var expelled bool
	id, err = sqlite.One(ctx, h.read, ErrNoKey, func(id *int64) []any { return []any{id, &expelled} }, "SELECT id, expelled FROM keys WHERE hash = ?", people.HashOf(key))
	if err == nil && expelled {
		err = ErrExpelled
	}
	return id, err
}

// Leave forgets a household's key. Its reports stay in the ledger; from then on nobody can tell whose they were, not even the household.
func (h *Hub) Leave(ctx context.Context, id int64) error {
	return sqlite.Exec(ctx, h.write, "UPDATE keys SET hash = NULL WHERE id = ?", id)
}

// MostKeys is how many keys Keys lists.
const MostKeys = 200

// Keys lists the households, those that may do harm first: by the most dismissed numbers, then by the most reports. With a pseudonym it lists only that
// one.
func (h *Hub) Keys(ctx context.Context, pseudonym string, now time.Time) ([]Key, error) {
	return sqlite.Rows(ctx, h.read, func(k *Key) []any {
		return []any{&k.ID, &k.Pseudonym, &k.Joined, &k.Left, &k.Expelled, &k.Recent, &k.Reports, &k.Dismissed}
	}, `WITH wrong AS (
			SELECT r.key_id, count(DISTINCT r.number) AS numbers FROM standing s JOIN reports r ON r.number = s.number
			WHERE s.prefix = 0 AND s.what IN ('dismiss', 'protect') AND r.kind = 'for' GROUP BY r.key_id
		), some AS (SELECT key_id, count(*) AS recent FROM reports WHERE received > ?2 - 30 GROUP BY key_id)
		SELECT k.id, k.pseudonym, k.joined, k.hash IS NULL, k.expelled, coalesce(some.recent, 0),
			(SELECT count(*) FROM reports r WHERE r.key_id = k.id), coalesce(wrong.numbers, 0)
		FROM keys k LEFT JOIN wrong ON wrong.key_id = k.id LEFT JOIN some ON some.key_id = k.id
		WHERE ?1 = '' OR k.pseudonym = ?1
		ORDER BY coalesce(wrong.numbers, 0) DESC, coalesce(some.recent, 0) DESC, k.id LIMIT ?3`,
		strings.ToUpper(strings.TrimSpace(pseudonym)), today(now), MostKeys)
}

// Households counts the keys that may report.
func (h *Hub) Households(ctx context.Context) (n int, err error) {
	err = h.read.QueryRowContext(ctx, "SELECT count(*) FROM keys WHERE expelled = 0 AND hash IS NOT NULL").Scan(&n)
	return n, err
}

// Expulsion says that a household was expelled, or let in again.
type Expulsion struct {
	Pseudonym string
	Expelled  bool
	Why, Who  string
	At        time.Time
}

// Expel expels a household, so that its reports no longer count and no more are accepted; or lets it in again, which undoes that. The error is a Refused if
// there is no such household, or no reason is given.
func (h *Hub) Expel(ctx context.Context, pseudonym string, expelled bool, who, why string, now time.Time) error {
	why, err := text(why, "why", maxWhy, true)
	if err != nil {
		return err
	}
	return h.write.Do(ctx, func(tx *sql.Tx) error {
		n, err := expel(ctx, tx, expelled, who, why, now, "pseudonym = ?", strings.ToUpper(strings.TrimSpace(pseudonym)))
		if err == nil && n == 0 {
			return &Refused{"There is no such key, or it is so already."}
		}
		return err
	})
}

// ExpelInvited expels all households that joined with an invitation, and withdraws it. It returns how many there were.
func (h *Hub) ExpelInvited(ctx context.Context, invitation int64, who, why string, now time.Time) (n int, err error) {
	why, err = text(why, "why", maxWhy, true)
	if err != nil {
		return 0, err
	}
	err = h.write.Do(ctx, func(tx *sql.Tx) error {
		if err := sqlite.Exec(ctx, tx, "UPDATE invitations SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE id = ?", now.Unix(), invitation); err != nil {
			return err
		}
		n, err = expel(ctx, tx, true, who, why, now, "invitation_id = ?", invitation)
		return err
	})
	return n, err
}

func expel(ctx context.Context, tx *sql.Tx, expelled bool, who, why string, now time.Time, which string, arg any) (int, error) {
	ids, err := sqlite.Values[int64](ctx, tx, fmt.Sprintf("SELECT id FROM keys WHERE expelled = ? AND %s", which), !expelled, arg)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := sqlite.Exec(ctx, tx, "INSERT INTO expulsions (key_id, expelled, why, who, at) VALUES (?, ?, ?, ?, ?)", id, expelled, why, who, now.Unix()); err != nil {
			return 0, err
		}
		if err := countOut(ctx, tx, id, expelled); err != nil {
			return 0, err
		}
		if err := sqlite.Exec(ctx, tx, "UPDATE keys SET expelled = ? WHERE id = ?", expelled, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// countOut removes what a household says from the tallies, or adds it again. The bare column kind beside max() is the newest report's
// (sqlite.org/lang_select.html, 2.5).
func countOut(ctx context.Context, tx *sql.Tx, key int64, out bool) error {
	by := 1
	if out {
		by = -1
	}
	return sqlite.Exec(ctx, tx, `UPDATE tallies SET spam = spam + ?2 * (said.kind = 'for'), not_spam = not_spam + ?2 * (said.kind = 'against')
		FROM (SELECT number, kind, max(id) FROM reports WHERE key_id = ?1 GROUP BY number) AS said WHERE said.number = tallies.number`, key, by)
}

// Expulsions lists who was expelled or let in again, the newest first.
func (h *Hub) Expulsions(ctx context.Context, limit int) ([]Expulsion, error) {
	return sqlite.Rows(ctx, h.read, func(e *Expulsion) []any {
		return []any{&e.Pseudonym, &e.Expelled, &e.Why, &e.Who, columns.ScanTime(&e.At)}
	}, "SELECT k.pseudonym, e.expelled, e.why, e.who, e.at FROM expulsions e JOIN keys k ON k.id = e.key_id ORDER BY e.id DESC LIMIT ?", limit)
}
