package main_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/store/datafolder"
)

// An upgrade may be killed at any moment, also several times in a row, as by a watchdog: the next start finishes it, nothing is lost, and one can
// still go back to what there was before. RINGFENCE_LONG=1 kills it 200 times.
func TestAnUpgradeIsKilled(t *testing.T) {
	t.Parallel()
	kills := 10
	if figures.Wanted() {
		kills = 200
	}
	u := newInterruptedUpgrade(t)
	killed, midway := 0, 0
	for tries := 0; killed < kills; tries++ {
		if tries > 10*kills {
			t.Fatalf("of %d upgrades only %d could be killed", tries, killed)
		}
		u.unpack()
		for range 1 + rand.IntN(6) {
			if !u.kill(rand.N(u.takes)) {
				break // it was done
			}
			killed++
			if v := u.version(u.database()); v > u.before && v < u.after {
				midway++
			}
		}
		u.start()
		u.isWhole()
		u.canGoBack()
		if t.Failed() {
			t.Fatalf("after %d kills", killed)
		}
	}
	figures.Note(t, "%d upgrades killed, %d of them with the database between two forms; nothing lost, and each could be undone", killed, midway)
}

// interruptedUpgrade is a data folder of an earlier Ringfence, which is unpacked again and again.
type interruptedUpgrade struct {
	*testing.T
	data, config  string
	before, after int64  // the forms of the database
	want          string // all that is in it after an upgrade that nobody has disturbed
	takes         time.Duration
}

func newInterruptedUpgrade(t *testing.T) *interruptedUpgrade {
	t.Helper()
	dir := t.TempDir()
	u := &interruptedUpgrade{T: t, data: filepath.Join(dir, "data"), config: filepath.Join("testdata", "before", "ringfence.toml")}
	u.unpack()
	u.before = u.version(u.database())
	began := time.Now()
	u.start()
	u.takes = time.Since(began)
	u.after = u.version(u.database())
	if u.want = u.rows(); u.before >= u.after || !strings.Contains(u.want, "Daughter") {
		t.Fatalf("it is no upgrade: from %d to %d, %s", u.before, u.after, u.want)
	}
	u.isWhole()
	u.canGoBack()
	return u
}

func (u *interruptedUpgrade) must(err error) {
	u.Helper()
	if err != nil {
		u.Fatal(err)
	}
}

func (u *interruptedUpgrade) database() string { return filepath.Join(u.data, datafolder.Database) }

func (u *interruptedUpgrade) unpack() {
	u.Helper()
	u.must(errors.Join(os.RemoveAll(u.data), os.Mkdir(u.data, 0o700)))
	if out, err := exec.Command("tar", "-xzf", "testdata/before/data.tar.gz", "-C", u.data).CombinedOutput(); err != nil {
		u.Fatalf("%v: %s", err, out)
	}
}

// command is one that opens the database, and so upgrades it.
func (u *interruptedUpgrade) command() *exec.Cmd {
	return exec.Command(plain, "--config", u.config, "--data", u.data, "contact", "list") //nolint:gosec // the program under test
}

// start runs it to the end.
func (u *interruptedUpgrade) start() {
	u.Helper()
	if out, err := u.command().CombinedOutput(); err != nil || !strings.Contains(string(out), "Daughter") {
		u.Fatalf("it does not work: %v: %s", err, out)
	}
}

// kill kills it after a while; false if it was done by then.
func (u *interruptedUpgrade) kill(after time.Duration) bool {
	u.Helper()
	cmd := u.command()
	u.must(cmd.Start())
	time.Sleep(after) // a moment that nobody chose
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed, or is done
	return !cmd.ProcessState.Exited()
}

// isWhole checks that the database has everything in it.
func (u *interruptedUpgrade) isWhole() {
	u.Helper()
	if got := u.rows(); got != u.want {
		u.Errorf("after the upgrade the database has\n%s\nand not\n%s", got, u.want)
	}
	for _, name := range []string{"2-message.wav", "2-name.wav", "4-name.wav"} {
		if _, err := os.Stat(filepath.Join(u.data, datafolder.Recordings, name)); err != nil {
			u.Error(err)
		}
	}
}

// canGoBack checks that there is a copy from before the upgrade.
func (u *interruptedUpgrade) canGoBack() {
	u.Helper()
	copies, err := datafolder.ListUpgrades(u.data)
	u.must(err)
	var forms []int64
	for _, c := range copies {
		forms = append(forms, u.version(c.Path))
	}
	if !slices.Contains(forms, u.before) {
		u.Errorf("of the form %d there is no copy: %v", u.before, forms)
	}
}

// query reads the rows of a database, each as a line.
func (u *interruptedUpgrade) query(path, query string) (lines []string) {
	u.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	u.must(err)
	defer func() { u.must(db.Close()) }()
	rows, err := db.QueryContext(u.Context(), query)
	u.must(err)
	defer func() { u.must(rows.Close()) }()
	columns, err := rows.Columns()
	u.must(err)
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		u.must(rows.Scan(values...))
		line := ""
		for i, v := range values {
			line += fmt.Sprintf(" %s=%v", columns[i], *v.(*any))
		}
		lines = append(lines, line)
	}
	u.must(rows.Err())
	slices.Sort(lines)
	return lines
}

// version is the form of a database.
func (u *interruptedUpgrade) version(path string) (newest int64) {
	u.Helper()
	_, err := fmt.Sscanf(u.query(path, "SELECT max(version_id) AS v FROM goose_db_version")[0], " v=%d", &newest)
	u.must(err)
	return newest
}

// rows are all that a database has, but for when it was upgraded.
func (u *interruptedUpgrade) rows() string {
	u.Helper()
	var all strings.Builder
	for _, table := range u.query(u.database(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'") {
		name := strings.TrimPrefix(table, " name=")
		fmt.Fprintf(&all, "%s:\n%s\n", name, strings.Join(u.query(u.database(), "SELECT * FROM \""+name+"\""), "\n"))
	}
	return all.String()
}
