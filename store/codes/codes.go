// Package codes keeps what a second step of signing in needs, for a household's people and for a hub's moderators alike: the secret of
// an app that shows codes, which of its codes was used last, and recovery codes, of which only hashes are kept. The rest of an
// account is its owner's business; so are the tables, which are named when it is made.
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

// Tables are where the codes of accounts stand. The first has the columns id, totp_secret (empty: none) and totp_step; the second has hash, and
// for whose it is the column that is named.
type Tables struct {
	Accounts string
	Recovery string
	Whose    string // the column of Recovery
}

// recoveryCodes are how many somebody gets, each of 80 bits.
const recoveryCodes = 10

// Set switches codes by an app on, with the base32 secret and the step of the code that proved it, and returns ten new recovery
// codes, which are shown once. There are none, and found is false, where there is no such account.
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
	if _, err := sqlite.Changes(ctx, tx, "DELETE FROM "+t.Recovery+" WHERE "+t.Whose+" = ?", account); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		bits := make([]byte, 10)
		_, _ = rand.Read(bits) // which never fails (crypto/rand)
		code := strings.ToLower(base32.StdEncoding.EncodeToString(bits))
		if _, err := sqlite.Changes(ctx, tx, "INSERT INTO "+t.Recovery+" ("+t.Whose+", hash) VALUES (?, ?)", account, hashOf(code)); err != nil {
			return nil, err
		}
		recovery = append(recovery, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
	}
	return recovery, nil
}

// Remove switches codes by an app off, and forgets the recovery codes. on says whether they were on.
func (t Tables) Remove(ctx context.Context, tx *sql.Tx, account int64) (on bool, err error) {
	on, err = sqlite.Changes(ctx, tx, "UPDATE "+t.Accounts+" SET totp_secret = '', totp_step = 0 WHERE id = ? AND totp_secret <> ''", account)
	if err != nil {
		return false, err
	}
	_, err = sqlite.Changes(ctx, tx, "DELETE FROM "+t.Recovery+" WHERE "+t.Whose+" = ?", account)
	return on, err
}

// UseStep takes a time step's code as used. It returns false where that step, or a later one, was used before: a code that somebody
// has read over a shoulder opens nothing.
func (t Tables) UseStep(ctx context.Context, db sqlite.Executor, account, step int64) (bool, error) {
	return sqlite.Changes(ctx, db, "UPDATE "+t.Accounts+" SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1 AND totp_secret <> ''", step, account)
}

// UseRecovery takes a recovery code, however it is written, and returns false where there is no such one (any more). To look for a hash
// gives nothing away by how long it takes: nobody can choose the hash of what they try.
func (t Tables) UseRecovery(ctx context.Context, db sqlite.Executor, account int64, code string) (bool, error) {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return sqlite.Changes(ctx, db, "DELETE FROM "+t.Recovery+" WHERE "+t.Whose+" = ? AND hash = ?", account, hashOf(code))
}

// Left counts somebody's unused recovery codes.
func (t Tables) Left(ctx context.Context, read *sql.DB, account int64) (n int, err error) {
	err = read.QueryRowContext(ctx, "SELECT count(*) FROM "+t.Recovery+" WHERE "+t.Whose+" = ?", account).Scan(&n)
	return n, err
}

func hashOf(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
