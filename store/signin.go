package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"strings"
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
	_, err := s.remove(ctx, "UPDATE people SET password = ? WHERE id = ? AND password = ?", hash, person, old)
	return err
}

// recoveryCodes are how many a person gets, each of 80 bits.
const recoveryCodes = 10

// SetTOTP switches codes by an app on, with the base32 secret and the step of the code that proved it, and returns ten new
// recovery codes, which are shown once.
func (s *Store) SetTOTP(ctx context.Context, person int64, secret string, step int64) (codes []string, err error) {
	if secret == "" {
		return nil, errors.New("there is no secret: begin again")
	}
	err = s.do(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE people SET totp_secret = ?, totp_step = ? WHERE id = ?", secret, step, person)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNoPerson)
		}
		codes, err = newRecoveryCodes(ctx, tx, person)
		return err
	})
	return codes, err
}

// NewRecoveryCodes replaces a person's recovery codes by ten new ones.
func (s *Store) NewRecoveryCodes(ctx context.Context, person int64) (codes []string, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		codes, err = newRecoveryCodes(ctx, tx, person)
		return err
	})
	return codes, err
}

func newRecoveryCodes(ctx context.Context, tx *sql.Tx, person int64) (codes []string, err error) {
	if _, err := tx.ExecContext(ctx, "DELETE FROM recovery_codes WHERE person_id = ?", person); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		bits := make([]byte, 10)
		if _, err := rand.Read(bits); err != nil {
			return nil, err
		}
		code := strings.ToLower(base32.StdEncoding.EncodeToString(bits))
		if _, err := tx.ExecContext(ctx, "INSERT INTO recovery_codes (person_id, hash) VALUES (?, ?)", person, hashOf(code)); err != nil {
			return nil, err
		}
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
	}
	return codes, nil
}

// RemoveTOTP switches codes by an app off, and forgets the recovery codes.
func (s *Store) RemoveTOTP(ctx context.Context, person int64) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE people SET totp_secret = '', totp_step = 0 WHERE id = ?", person); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM recovery_codes WHERE person_id = ?", person)
		return err
	})
}

// UseTOTPStep takes a time step's code as used. It returns false where that step, or a later one, was used before: a code
// that somebody has read over a shoulder opens nothing.
func (s *Store) UseTOTPStep(ctx context.Context, person, step int64) (bool, error) {
	return s.remove(ctx, "UPDATE people SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1 AND totp_secret <> ''", step, person)
}

// UseRecoveryCode takes a recovery code, however it is written, and returns false where there is no such one (any more).
func (s *Store) UseRecoveryCode(ctx context.Context, person int64, code string) (bool, error) {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return s.remove(ctx, "DELETE FROM recovery_codes WHERE person_id = ? AND hash = ?", person, hashOf(code))
}

// RecoveryCodesLeft counts a person's unused recovery codes.
func (s *Store) RecoveryCodesLeft(ctx context.Context, person int64) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM recovery_codes WHERE person_id = ?", person).Scan(&n)
	return n, err
}
