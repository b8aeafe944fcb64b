// Package codes keeps the second factors of accounts, for a household's people and for a hub's moderators alike: the secret of an authenticator
// app, which of its codes was used last, and hashes of recovery codes. The tables belong to whoever has the accounts.
package codes

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"strings"

	"ringfence/store/sqlite"
)

// Tables name the tables. Accounts has the columns id, totp_secret ("" is none) and totp_step; Recovery has hash, and Whose for the account.
type Tables struct {
	Accounts string
	Recovery string
	Whose    string // the column of Recovery
}

// recoveryCodes are how many somebody gets, each of 80 bits.
const recoveryCodes = 10

// Set turns an authenticator app on, with its base32 secret and the time step of the code that proved it, and returns ten new recovery codes,
// which are shown once. found is false where there is no such account.
func (t Tables) Set(ctx context.Context, tx *sql.Tx, account int64, secret string, step int64) (recovery []string, found bool, err error) {
	if secret == "" {
		return nil, false, errors.New("there is no secret: begin again")
	}
	found, err = sqlite.Changes(ctx, tx, "UPDATE "+t.Accounts+" SET totp_secret = ?, totp_step = ? WHERE id = ?", secret, step, account)
	if err == nil && found {
		recovery, err = t.Renew(ctx, tx, account)
	}
	return recovery, found, err
}

// Renew replaces somebody's recovery codes by ten new ones.
func (t Tables) Renew(ctx context.Context, tx *sql.Tx, account int64) (recovery []string, err error) {
	if err := sqlite.Exec(ctx, tx, "DELETE FROM "+t.Recovery+" WHERE "+t.Whose+" = ?", account); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		bits := make([]byte, 10)
		_, _ = rand.Read(bits) // it never fails (crypto/rand)
		code := strings.ToLower(base32.StdEncoding.EncodeToString(bits))
		if err := sqlite.Exec(ctx, tx, "INSERT INTO "+t.Recovery+" ("+t.Whose+", hash) VALUES (?, ?)", account, hashOf(code)); err != nil {
			return nil, err
		}
		recovery = append(recovery, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
	}
	return recovery, nil
}

// Remove turns the authenticator app off, and deletes the recovery codes. on says whether it was on.
func (t Tables) Remove(ctx context.Context, tx *sql.Tx, account int64) (on bool, err error) {
	on, err = sqlite.Changes(ctx, tx, "UPDATE "+t.Accounts+" SET totp_secret = '', totp_step = 0 WHERE id = ? AND totp_secret <> ''", account)
	if err != nil {
		return false, err
	}
	return on, sqlite.Exec(ctx, tx, "DELETE FROM "+t.Recovery+" WHERE "+t.Whose+" = ?", account)
}

// UseStep marks the code of a time step as used. It is false where that step or a later one was used before: a code that somebody has read
// over a shoulder is worth nothing.
func (t Tables) UseStep(ctx context.Context, db sqlite.Executor, account, step int64) (bool, error) {
	return sqlite.Changes(ctx, db, "UPDATE "+t.Accounts+" SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1 AND totp_secret <> ''", step, account)
}

// UseRecovery uses up a recovery code, however it is spelt; false where there is none like it. How long it takes to look a hash up gives
// nothing away: nobody can choose the hash of what they try.
func (t Tables) UseRecovery(ctx context.Context, db sqlite.Executor, account int64, code string) (bool, error) {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return sqlite.Changes(ctx, db, "DELETE FROM "+t.Recovery+" WHERE "+t.Whose+" = ? AND hash = ?", account, hashOf(code))
}

// Left counts somebody's unused recovery codes.
func (t Tables) Left(ctx context.Context, read *sql.DB, account int64) (int, error) {
	return sqlite.Value[int](ctx, read, "SELECT count(*) FROM "+t.Recovery+" WHERE "+t.Whose+" = ?", account)
}

func hashOf(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
