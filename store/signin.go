package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"

	"ringfence/store/codes"
	"ringfence/store/sqlite"
)

// newToken makes what stands in a one-time address: 32 random bytes as base64url, and the hash of it that is kept. To
// look for a hash gives nothing away by how long it takes: nobody can choose the hash of what they try.
func newToken() (token string, hash []byte, err error) {
	bits := make([]byte, 32)
	if _, err := rand.Read(bits); err != nil {
		return "", nil, err
	}
	token = base64.RawURLEncoding.EncodeToString(bits)
	return token, hashOf(token), nil
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// SetPassword keeps a new password, hashed already, takes back all password links of the person and ends their logins but
// one, that in which they did it; keep 0 ends all.
func (s *Store) SetPassword(ctx context.Context, person int64, hash string, keep int64) error {
	return s.do(ctx, func(tx *sql.Tx) error { return setPassword(ctx, tx, person, hash, keep) })
}

func setPassword(ctx context.Context, tx *sql.Tx, person int64, hash string, keep int64) error {
	done, err := tx.ExecContext(ctx, "UPDATE people SET password = ? WHERE id = ?", hash, person)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNoPerson)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM password_links WHERE person_id = ?", person); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM logins WHERE person_id = ? AND id <> ?", person, keep)
	return err
}

// UpgradePassword keeps the same password hashed anew, where the old hash is still there. Nothing else changes.
func (s *Store) UpgradePassword(ctx context.Context, person int64, old, hash string) error {
	_, err := sqlite.Changes(ctx, s.write, "UPDATE people SET password = ? WHERE id = ? AND password = ?", hash, person, old)
	return err
}

// personCodes are where the codes of people stand.
var personCodes = codes.Tables{Accounts: "people", Recovery: "recovery_codes", Whose: "person_id"}

// SetTOTP switches codes by an app on, as codes.Tables.Set does.
func (s *Store) SetTOTP(ctx context.Context, person int64, secret string, step int64) (recovery []string, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
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
	err = s.do(ctx, func(tx *sql.Tx) error {
		recovery, err = personCodes.Renew(ctx, tx, person)
		return err
	})
	return recovery, err
}

// RemoveTOTP switches codes by an app off, and forgets the recovery codes.
func (s *Store) RemoveTOTP(ctx context.Context, person int64) error {
	return s.do(ctx, func(tx *sql.Tx) error {
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
