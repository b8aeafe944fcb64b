package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"

	"ringfence/store/codes"
	"ringfence/store/sqlite"
)

// newToken makes the secret in a one-time address, 32 random bytes as base64url, and its hash, which alone is kept. How long it takes to
// look a hash up gives nothing away: nobody can choose the hash of what they try.
func newToken() (token string, hash []byte) {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // it never fails (crypto/rand)
	token = base64.RawURLEncoding.EncodeToString(bits)
	return token, hashOf(token)
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// SetPassword keeps the hash of a new password, withdraws the person's password links, and ends all their logins but keep, in which they
// changed it; 0 keeps none.
func (s *Store) SetPassword(ctx context.Context, person int64, hash string, keep int64) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error { return setPassword(ctx, tx, person, hash, keep) })
}

func setPassword(ctx context.Context, tx *sql.Tx, person int64, hash string, keep int64) error {
	if err := sqlite.Change(ctx, tx, ErrNoPerson, "UPDATE people SET password = ? WHERE id = ?", hash, person); err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, "DELETE FROM password_links WHERE person_id = ?; DELETE FROM logins WHERE person_id = ? AND id <> ?", person, person, keep)
}

// UpgradePassword replaces the hash of a password by a better one of the same password, unless it has been changed meanwhile.
func (s *Store) UpgradePassword(ctx context.Context, person int64, old, hash string) error {
	return sqlite.Exec(ctx, s.write, "UPDATE people SET password = ? WHERE id = ? AND password = ?", hash, person, old)
}

// personCodes are where the codes of people stand.
var personCodes = codes.Tables{Accounts: "people", Recovery: "recovery_codes", Whose: "person_id"}

// SetTOTP switches codes by an app on, as codes.Tables.Set does.
func (s *Store) SetTOTP(ctx context.Context, person int64, secret string, step int64) (recovery []string, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		var found bool
		if recovery, found, err = personCodes.Set(ctx, tx, person, secret, step); err == nil && !found {
			return ErrNoPerson
		}
		return err
	})
	return recovery, err
}

// NewRecoveryCodes replaces a person's recovery codes by ten new ones.
func (s *Store) NewRecoveryCodes(ctx context.Context, person int64) (recovery []string, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		recovery, err = personCodes.Renew(ctx, tx, person)
		return err
	})
	return recovery, err
}

// RemoveTOTP switches codes by an app off, and forgets the recovery codes.
func (s *Store) RemoveTOTP(ctx context.Context, person int64) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		_, err := personCodes.Remove(ctx, tx, person)
		return err
	})
}

// UseTOTPStep takes a time step's code as used, once.
func (s *Store) UseTOTPStep(ctx context.Context, person, step int64) (bool, error) {
	return personCodes.UseStep(ctx, s.write, person, step)
}

// UseRecoveryCode takes a recovery code, once.
func (s *Store) UseRecoveryCode(ctx context.Context, person int64, code string) (bool, error) {
	return personCodes.UseRecovery(ctx, s.write, person, code)
}

// RecoveryCodesLeft counts a person's unused recovery codes.
func (s *Store) RecoveryCodesLeft(ctx context.Context, person int64) (int, error) {
	return personCodes.Left(ctx, s.read, person)
}
