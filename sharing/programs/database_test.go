package programs

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/sharing/filekind"
)

// databaseOf is a SQLite database made by these statements.
func databaseOf(t testing.TB, statements ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "callattendant.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatal(s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(path) //nolint:gosec // of this test
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// callattendant's tables, with Whitelist and Blacklist as its program makes them.
var callattendant = []string{
	"CREATE TABLE Whitelist (PhoneNo TEXT, Name TEXT, Reason TEXT, SystemDateTime TEXT, PRIMARY KEY(PhoneNo))",
	"CREATE TABLE Blacklist (PhoneNo TEXT PRIMARY KEY, Name TEXT, Reason TEXT, SystemDateTime TEXT)",
	"CREATE TABLE CallLog (CallLogID INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT, Number TEXT)",
	"INSERT INTO CallLog VALUES (1, 'Nobody', '02079460999')",
	"INSERT INTO Whitelist VALUES ('02079460123', 'Anna', 'Daughter', '2026-07-28 18:57:10.570')",
	"INSERT INTO Blacklist VALUES ('02079460666', 'Steve', 'says Microsoft', ''), ('01614960666', 'V0151', NULL, ''), (NULL, 'P', '', '')",
}

func TestCallattendantsDatabase(t *testing.T) {
	people, left, err := told(string(databaseOf(t, callattendant...)))
	const want = "1 Anna [02079460123] (Daughter) allowed; 1 Steve [02079460666] (says Microsoft) blocked; 2 V0151 [01614960666] blocked; 3 P [] blocked"
	if got := strings.Join(people, "; "); got != want || err != nil || len(left) > 0 {
		t.Error(got, left, err)
	}
	people, _, err = told(string(databaseOf(t, "PRAGMA journal_mode = WAL", callattendant[1], "INSERT INTO Blacklist VALUES (2079460666, x'ff00', 5, '')")))
	if got := strings.Join(people, "; "); got != "1  [2079460666] (5) blocked" || err != nil {
		t.Error(got, err)
	}
}

// A database may be made to do harm: with views and generated columns instead of tables, rows of any size, and pages that are none.
func TestHostileDatabases(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, test := range map[string]struct {
		statements []string
		people     string
		wrong      string
	}{
		"of another program": {[]string{"CREATE TABLE x (y)"}, "", "not callattendant’s"},
		"other columns":      {[]string{"CREATE TABLE Blacklist (y)", "INSERT INTO Blacklist VALUES (1)"}, "", "not callattendant’s"},
		"a view":             {[]string{"CREATE VIEW Blacklist AS SELECT 1 AS PhoneNo, load_extension('x') AS Name, 2 AS Reason"}, "", "not callattendant’s"},
		"a view without end": {[]string{"CREATE VIEW Blacklist AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS PhoneNo, i AS Name, i AS Reason FROM n"}, "", "not callattendant’s"},
		"a long row":         {[]string{callattendant[1], "INSERT INTO Blacklist VALUES (zeroblob(5000000), 'x', 'y', '')"}, "", "damaged"},
		"a long name":        {[]string{callattendant[1], "INSERT INTO Blacklist VALUES ('02079460666', hex(zeroblob(100000)), '', '')"}, "1 " + strings.Repeat("0", 400) + " [02079460666] blocked", ""},
		"a quoted table":     {[]string{`CREATE TABLE "blackLIST" (PhoneNo, Name, Reason)`, `INSERT INTO "blackLIST" VALUES ('02079460666', '', '')`}, "1  [02079460666] blocked", ""},
	} {
		people, _, err := told(string(databaseOf(t, test.statements...)))
		if got := strings.Join(people, "; "); got != test.people || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s: %.100q %v", name, got, err)
		}
	}
	whole := databaseOf(t, append(callattendant, "INSERT INTO Blacklist SELECT '0161496' || (value + 1000), 'x', hex(randomblob(200)), '' FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 2000) SELECT value FROM n)")...)
	if _, _, err := told(string(whole[:len(whole)/2])); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Error("half a database:", err)
	}
	if _, _, err := told("SQLite format 3\x00" + strings.Repeat("\xff", 5000)); err == nil {
		t.Error("a database that is none is read")
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "ringfence-database-*")); err != nil || len(left) > 0 {
		t.Error("what was read is still there:", left, err)
	}
}

// endless is a file without an end, of which it is counted how much was read.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	e.read += int64(len(b))
	return len(b), nil
}

// A database that is too large is refused as soon as that is known, however large it is.
func TestDatabasesThatAreTooLarge(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	whole := databaseOf(t, callattendant...)
	read := func(from io.Reader, most int64) (people int, err error) {
		r := &Reader{Kind: filekind.Database, Region: "GB", Take: func(Person) error { people++; return nil }, Refuse: func(int, string) {}, MostBytes: most}
		return people, r.Read(from)
	}
	if people, err := read(bytes.NewReader(whole), int64(len(whole))); err != nil || people == 0 {
		t.Errorf("as large as may be: %d %v", people, err)
	}
	if people, err := read(bytes.NewReader(whole), int64(len(whole))-1); err == nil || !strings.Contains(err.Error(), "larger than") || people != 0 {
		t.Errorf("a byte larger: %d %v", people, err)
	}
	file := &endless{}
	if _, err := read(file, 2<<20); err == nil || err.Error() != "the database is larger than 2 MB: callattendant’s is not" || file.read > 3<<20 {
		t.Errorf("without an end: %v after %d bytes", err, file.read)
	}
	if most := (&Reader{}).mostBytes(); most != 256<<20 {
		t.Errorf("by itself a database may have %d bytes", most)
	}
}

func FuzzDatabase(f *testing.F) {
	f.Add(databaseOf(f, callattendant...), 5000, byte(1))
	f.Fuzz(func(_ *testing.T, file []byte, at int, to byte) {
		if !bytes.HasPrefix(file, []byte("SQLite format 3\x00")) || len(file) > 1<<20 {
			return
		}
		file = bytes.Clone(file)
		if at >= 16 && at < len(file) {
			file[at] = to
		}
		r := Reader{Kind: filekind.Database, Region: "GB", Refuse: func(int, string) {}, Take: func(Person) error { return nil }}
		_ = r.Read(bytes.NewReader(file)) // it may be damaged
	})
}
