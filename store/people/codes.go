package people

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"

	"ringfence/store/sqlite"
)

// recoveryCodes is how many somebody gets, each of 80 bits.
const recoveryCodes = 10

// SetTOTP switches an authenticator app on, with its base32 secret and the step of the code that proved it. It returns recovery codes, which are
// shown once.
func (p People) SetTOTP(ctx context.Context, person int64, secret string, step int64) (recovery []string, err error) {
	if secret == "" {
		return nil, errors.New("there is no secret: begin again")
	}
	err = p.write.Together(ctx, func(ctx context.Context) error {
		err := p.change(ctx, "UPDATE {accounts} SET totp_secret = ?, totp_step = ? WHERE id = ?", secret, step, person)
		if err == nil {
			recovery, err = p.NewRecoveryCodes(ctx, person)
		}
		return err
	})
	return recovery, err
}

// NewRecoveryCodes replaces a person's recovery codes with ten new ones.
func (p People) NewRecoveryCodes(ctx context.Context, person int64) (recovery []string, err error) {
	err = p.write.Together(ctx, func(ctx context.Context) error {
		if _, err := p.run(ctx, "DELETE FROM recovery_codes WHERE {whose} = ?", person); err != nil {
			return err
		}
		for range recoveryCodes {
			bits := make([]byte, 10)
			_, _ = rand.Read(bits) // which never fails (crypto/rand)
			code := strings.ToLower(base32.StdEncoding.EncodeToString(bits))
			if _, err := p.run(ctx, "INSERT INTO recovery_codes ({whose}, hash) VALUES (?, ?)", person, HashOf(code)); err != nil {
				return err
			}
			recovery = append(recovery, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		}
		return nil
	})
	return recovery, err
}

// RemoveTOTP switches the authenticator app off, and deletes the recovery codes.
func (p People) RemoveTOTP(ctx context.Context, person int64) error {
	return p.write.Together(ctx, func(ctx context.Context) error {
		if err := p.change(ctx, "UPDATE {accounts} SET totp_secret = '', totp_step = 0 WHERE id = ?", person); err != nil {
			return err
		}
		_, err := p.run(ctx, "DELETE FROM recovery_codes WHERE {whose} = ?", person)
		return err
	})
}

// UseTOTPStep marks a time step's code as used. It returns false where that step, or a later one, was used before: a code that somebody has read over
// a shoulder does not work.
func (p People) UseTOTPStep(ctx context.Context, person, step int64) (bool, error) {
	return p.run(ctx, "UPDATE {accounts} SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1 AND totp_secret <> ''", step, person)
}

// UseRecoveryCode uses up a recovery code, however it is written, and returns false if there is no such code (any more).
func (p People) UseRecoveryCode(ctx context.Context, person int64, code string) (bool, error) {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return p.run(ctx, "DELETE FROM recovery_codes WHERE {whose} = ? AND hash = ?", person, HashOf(code))
}

// RecoveryCodesLeft counts a person's unused recovery codes.
func (p People) RecoveryCodesLeft(ctx context.Context, person int64) (int, error) {
	return sqlite.Value[int](ctx, p.read, p.sql("SELECT count(*) FROM recovery_codes WHERE {whose} = ?"), person)
}
