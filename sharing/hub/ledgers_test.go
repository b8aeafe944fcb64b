package hub

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"ringfence/store/sqlite"
)

// Of a household nothing is kept with a report, and whoever has the database has nobody's key, invitation, or link.
func TestNothingOfAHouseholdIsKept(t *testing.T) {
	w := newWorld(t, 2)
	w.says(For, scammer, noon, 0, 1)
	var columns []string
	w.ok(sqlite.Each(t.Context(), w.read, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		columns = append(columns, name)
		return err
	}, "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.name IN ('reports', 'keys', 'tallies', 'marks') ORDER BY m.name, c.cid"))
	if want := strings.Fields("keys.id keys.hash keys.pseudonym keys.invitation_id keys.joined keys.expelled " +
		"marks.mark marks.number marks.day marks.times " +
		"reports.id reports.key_id reports.number reports.kind reports.category reports.day reports.received reports.apart " +
		"tallies.number tallies.spam tallies.not_spam tallies.last"); !slices.Equal(columns, want) {
		t.Errorf("what is kept has changed: is there anything of a household in it?\n%q", columns)
	}
	m, err := w.AddModerator(t.Context(), "Anna Taylor", "anna@example.org", byCommand)
	w.ok(err)
	link, err := w.People.MakePasswordLink(t.Context(), m.ID, noon.AddDate(1, 0, 0))
	w.ok(err)
	w.ok(w.Leave(t.Context(), w.keys[1]))
	if _, err := w.KeyOf(t.Context(), w.secrets[1]); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
	if s := w.stands(subject(scammer), noon); s.For != 2 {
		t.Errorf("what somebody has said goes when they leave: %+v", s)
	}
	w.ok(w.Close())
	for _, file := range []string{w.path, w.path + "-wal"} {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, secret := range append(w.secrets, w.invite, link, network(0), network(1)) {
			if bytes.Contains(content, []byte(strings.TrimPrefix(secret, "rfk_"))) {
				t.Error("a secret stands in", filepath.Base(file))
			}
		}
	}
	if info, err := os.Stat(w.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

func TestLedgersCannotBeEdited(t *testing.T) {
	w := newWorld(t, 2)
	ctx := t.Context()
	w.says(For, scammer, time.Now(), 0, 1)
	w.decides(Dismiss, subject(scammer), nil)
	keys, err := w.Keys(ctx, "", time.Now())
	w.ok(err)
	w.ok(w.Expel(ctx, keys[0].Pseudonym, true, "Anna", "because", noon))
	for _, statement := range []string{
		"UPDATE reports SET kind = 'against'", "DELETE FROM reports", "INSERT OR REPLACE INTO reports SELECT id, key_id, number, 'against', '', day, received, apart FROM reports",
		"UPDATE decisions SET who = 'Ben'", "DELETE FROM decisions", "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
		"UPDATE expulsions SET who = 'Ben'", "DELETE FROM expulsions", "INSERT OR REPLACE INTO expulsions SELECT * FROM expulsions",
	} {
		if _, err := w.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// What is two years old goes, and the tallies say what is left.
func TestForgetting(t *testing.T) {
	w := newWorld(t, 3)
	ctx := t.Context()
	now := time.Now()
	old := now.AddDate(0, 0, -800)
	w.says(For, scammer, old, 0, 1)
	w.says(For, another, old, 0)
	w.says(For, scammer, now, 1) // it rang again
	w.says(Against, scammer, now, 2)
	secret, err := w.Appeal(ctx, Appeal{Number: scammer, Text: "That is our office.", Reach: "office@example.org"}, old)
	w.ok(err)
	a, err := w.AppealOf(ctx, secret)
	w.ok(err)
	w.ok(w.Answer(ctx, a.ID, "It is off the list.", "Anna", old))
	w.ok(w.Forget(ctx, now))
	var reports int
	w.ok(w.read.QueryRow("SELECT count(*) FROM reports").Scan(&reports))
	if s := w.stands(subject(scammer), now); reports != 2 || s.For != 1 || s.Against != 1 {
		t.Errorf("%d reports, %+v", reports, s)
	}
	w.tallied(ctx)
	if a, err := w.AppealOf(ctx, secret); err != nil || a.Reach != "" || a.Answer == "" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	if err := sqlite.Create(path); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Writer(path)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.DB, files)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := provider.UpTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		// A moderator of the first version keeps the account.
		if _, err := db.ExecContext(t.Context(), "INSERT INTO moderators (name, email, password, epoch, added_at) VALUES ('Anna', 'anna@example.org', 'hash', 3, 1)"); err != nil {
			t.Fatal(err)
		}
		if _, err := provider.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		var kept string
		if err := db.QueryRow("SELECT name || password || totp_secret || totp_step FROM moderators").Scan(&kept); err != nil || kept != "Annahash0" {
			t.Error(kept, err)
		}
		if _, err := provider.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	var left int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'").Scan(&left); err != nil || left != 0 {
		t.Error(left, "things are left", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := Open(context.Background(), path, parish); err == nil || !strings.Contains(err.Error(), "is damaged: move it away and restore a backup") {
		t.Error(h, err)
	}
}

// tallied holds the tallies against the ledger, counted in the plainest way.
func (w *world) tallied(ctx context.Context) {
	w.t.Helper()
	w.ok(sqlite.Each(ctx, w.read, func(scan func(...any) error) error {
		var number, spam, notSpam, ledgerSpam, ledgerNot int64
		err := scan(&number, &spam, &notSpam, &ledgerSpam, &ledgerNot)
		if spam != ledgerSpam || notSpam != ledgerNot {
			w.t.Errorf("+%d: the tally says %d and %d, the ledger %d and %d", number, spam, notSpam, ledgerSpam, ledgerNot)
		}
		return err
	}, `WITH newest AS (SELECT number, kind FROM reports WHERE id IN (SELECT max(id) FROM reports GROUP BY number, key_id)
			AND key_id IN (SELECT id FROM keys WHERE expelled = 0)),
		counted AS (SELECT number, sum(kind = 'for') AS spam, sum(kind = 'against') AS not_spam FROM newest GROUP BY number)
		SELECT n.number, coalesce(t.spam, 0), coalesce(t.not_spam, 0), coalesce(c.spam, 0), coalesce(c.not_spam, 0)
		FROM (SELECT number FROM tallies UNION SELECT number FROM counted) n LEFT JOIN tallies t USING (number) LEFT JOIN counted c USING (number)`))
}
