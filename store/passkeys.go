package store

import (
	"context"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Passkey is a passkey with which a person signs in.
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

// AddPasskey stores a passkey for a person.
func (s *Store) AddPasskey(ctx context.Context, person int64, k Passkey, now time.Time) error {
	name, err := people.CheckName(k.Name)
	if err != nil {
		return err
	}
	return sqlite.Change(ctx, s.write, people.Refusal("this passkey is in use already, or you have too many: remove one that you do not need"),
		`INSERT INTO passkeys (person_id, credential_id, credential, name, sign_count, added_at)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT count(*) FROM passkeys WHERE person_id = ?1) < ?7 ON CONFLICT DO NOTHING`,
		person, k.CredentialID, string(k.Credential), name, k.SignCount, now.Unix(), maxPasskeys)
}

// Passkeys lists a person's passkeys, in the order in which they were added.
func (s *Store) Passkeys(ctx context.Context, person int64) ([]Passkey, error) {
	return sqlite.Rows(ctx, s.read, func(k *Passkey) []any {
		return []any{&k.ID, &k.CredentialID, &k.Credential, &k.Name, &k.SignCount, columns.ScanTime(&k.Added), columns.ScanTime(&k.Used)}
	}, "SELECT id, credential_id, credential, name, sign_count, added_at, used_at FROM passkeys WHERE person_id = ? ORDER BY id", person)
}

// UsedPasskey stores the state of a passkey after it was used to sign in.
func (s *Store) UsedPasskey(ctx context.Context, person int64, k Passkey, now time.Time) error {
	return sqlite.Change(ctx, s.write, people.ErrNobody, "UPDATE passkeys SET credential = ?, sign_count = ?, used_at = ? WHERE person_id = ? AND credential_id = ?",
		string(k.Credential), k.SignCount, now.Unix(), person, k.CredentialID)
}

// RemovePasskey removes one of a person's passkeys. It returns false if they have no such passkey.
func (s *Store) RemovePasskey(ctx context.Context, person, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM passkeys WHERE person_id = ? AND id = ?", person, id)
}
