package store

import (
	"context"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Passkey is one with which a person signs in.
type Passkey struct {
	ID           int64
	CredentialID []byte
	Credential   []byte // the whole record of it, as JSON
	Name         string
	SignCount    uint32
	Added        time.Time
	Used         time.Time // zero: never
}

// maxPasskeys is how many a person can have.
const maxPasskeys = 20

// AddPasskey keeps a passkey of a person.
func (s *Store) AddPasskey(ctx context.Context, person int64, k Passkey, now time.Time) error {
	name, err := PersonName(k.Name)
	if err != nil {
		return err
	}
	done, err := s.write.ExecContext(ctx, `INSERT INTO passkeys (person_id, credential_id, credential, name, sign_count, added_at)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT count(*) FROM passkeys WHERE person_id = ?1) < ?7 ON CONFLICT DO NOTHING`,
		person, k.CredentialID, string(k.Credential), name, k.SignCount, now.Unix(), maxPasskeys)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errors.New("this passkey is in use already, or you have too many: remove one that you do not need"))
	}
	return nil
}

// Passkeys lists a person's passkeys, in the order in which they were added.
func (s *Store) Passkeys(ctx context.Context, person int64) (all []Passkey, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, credential_id, credential, name, sign_count, added_at, coalesce(used_at, 0)
		FROM passkeys WHERE person_id = ? ORDER BY id`, person)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var k Passkey
		var added, used int64
		if err := rows.Scan(&k.ID, &k.CredentialID, &k.Credential, &k.Name, &k.SignCount, &added, &used); err != nil {
			return nil, err
		}
		k.Added, k.Used = time.Unix(added, 0), columns.Time(used)
		all = append(all, k)
	}
	return all, rows.Err()
}

// UsedPasskey keeps what a passkey says of itself after a sign-in.
func (s *Store) UsedPasskey(ctx context.Context, person int64, k Passkey, now time.Time) error {
	return s.changePerson(ctx, "UPDATE passkeys SET credential = ?, sign_count = ?, used_at = ? WHERE person_id = ? AND credential_id = ?",
		string(k.Credential), k.SignCount, now.Unix(), person, k.CredentialID)
}

// RemovePasskey takes a passkey of a person away. It returns false where they have no such one.
func (s *Store) RemovePasskey(ctx context.Context, person, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM passkeys WHERE person_id = ? AND id = ?", person, id)
}
