package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// AuditLine is a line in the audit log of who changed what. The log is only ever added to: the database itself refuses to edit it.
type AuditLine struct {
	ID        int64
	Household string // "" is the whole machine
	At        time.Time
	Person    int64  // 0: nobody's account did it
	By        string // their name as it was then, or ByCommand, ByTelephone
	Way       Way
	What      string // a word for programs, such as "contact-added"
	Text      string // a plain sentence
	Before    string // as people read it; "" where there was nothing
	After     string
	Undo      string // how to undo it, as package household wrote it; "" where it cannot be undone
	Undoes    int64  // the ID of the line that this one undid; 0 for none
	Undone    bool   // another line has undone this one
}

// Way is how somebody came to change something.
type Way string

// The ways. Lines that a Ringfence before 0.1.0 wrote have none.
const (
	WayPage      Way = "page"
	WayProgram   Way = "program" // the interface for programs, with a token
	WayCommand   Way = "command"
	WayTelephone Way = "telephone"
)

// Who changes things without an account.
const (
	ByCommand   = "command line"
	ByTelephone = "telephone"
	BySmartHome = "smart home"

	ByAddressBook = "address book"
)

// ErasedText is what a line of the audit log says once its caller has been forgotten. The database lets nothing else be written there.
const ErasedText = "This was about a caller who has been forgotten."

// UndoAge is how long something can be undone. What that takes may be somebody's notes or pass code, so it is forgotten then.
const UndoAge = 30 * 24 * time.Hour

func (s *Store) expireUndo(ctx context.Context, now time.Time) error {
	return sqlite.Exec(ctx, s.write, "UPDATE changes SET undo = '' WHERE undo <> '' AND at < ?", now.Add(-UndoAge).Unix())
}

// In bytes, at most.
const (
	maxAuditText = 1000  // the sentence, and what was before and after
	maxUndo      = 32000 // a contact with all the notes and numbers that it can have
)

// AddAuditLine adds to the audit log, and sets the line's ID.
func (s *Store) AddAuditLine(ctx context.Context, l *AuditLine) error {
	return addAuditLine(ctx, s.write, l)
}

func addAuditLine(ctx context.Context, db sqlite.Querier, l *AuditLine) error {
	if l.What == "" || l.Text == "" || l.By == "" {
		return errors.New("a line of the audit log needs who, what and a sentence")
	}
	if len(l.Undo) > maxUndo {
		l.Undo = "" // no undo is better than half of one
	}
	var err error
	l.ID, err = sqlite.OneValue[int64](ctx, db, columns.NoHousehold(l.Household),
		`INSERT INTO changes (household_id, at, person_id, person, way, what, text, was, is_now, undo, undoes)
		SELECT h.id, ?2, nullif(?3, 0), ?4, ?5, ?6, ?7, ?8, ?9, ?10, nullif(?11, 0) FROM (SELECT 1) LEFT JOIN households h ON h.name = ?1
		WHERE ?1 = '' OR h.id IS NOT NULL RETURNING id`,
		l.Household, l.At.Unix(), l.Person, columns.Bounded(l.By), l.Way, columns.Bounded(l.What), columns.BoundedTo(l.Text, maxAuditText),
		columns.BoundedTo(l.Before, maxAuditText), columns.BoundedTo(l.After, maxAuditText), l.Undo, l.Undoes)
	return err
}

// auditColumns begin with the household's name, which is the first parameter.
const auditColumns = "?1, c.id, c.at, coalesce(c.person_id, 0), c.person, c.way, c.what, c.text, c.was, c.is_now, c.undo, coalesce(c.undoes, 0), " +
	"EXISTS (SELECT 1 FROM changes u WHERE u.undoes = c.id)"

func (l *AuditLine) fields() []any {
	return []any{
		&l.Household, &l.ID, columns.ScanTime(&l.At), &l.Person, &l.By, &l.Way, &l.What, &l.Text, &l.Before, &l.After, &l.Undo, &l.Undoes, &l.Undone,
	}
}

// AuditLog lists a household's audit log, or with "" the machine's, the newest first: limit lines before the one with that ID; 0 begins
// with the newest.
func (s *Store) AuditLog(ctx context.Context, household string, before int64, limit int) ([]AuditLine, error) {
	return sqlite.Rows(ctx, s.read, (*AuditLine).fields, "SELECT "+auditColumns+` FROM changes c
		WHERE c.household_id IS (SELECT id FROM households WHERE name = ?1) AND (?1 = '' OR c.household_id IS NOT NULL)
		AND (?2 = 0 OR c.id < ?2) ORDER BY c.id DESC LIMIT ?3`, household, before, limit)
}

// AuditLineByID finds a line of a household's audit log; ok is false if there is none.
func (s *Store) AuditLineByID(ctx context.Context, household string, id int64) (l AuditLine, ok bool, err error) {
	return sqlite.Row(ctx, s.read, (*AuditLine).fields, "SELECT "+auditColumns+
		" FROM changes c JOIN households h ON h.id = c.household_id WHERE h.name = ?1 AND c.id = ?2", household, id)
}

// KeepLog adds to the audit log of a database that is about to be restored the lines that only the present one has: not even a restore may remove
// any. Lines of households that are not in the backup stay with the data that is set aside.
func (s *Store) KeepLog(ctx context.Context, present string) error {
	return keepLog(ctx, s.write.DB, present)
}

// KeepLogOf is KeepLog, with a line about the restore, for a database that is not to be brought up to date. Nobody may have it open.
func KeepLogOf(ctx context.Context, path, present string, note AuditLine) (err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := keepLog(ctx, db, present); err != nil {
		return err
	}
	return addAuditLine(ctx, db, &note)
}

func keepLog(ctx context.Context, db *sql.DB, present string) (err error) {
	if _, err := os.Stat(present); errors.Is(err, os.ErrNotExist) { // a new machine
		return nil
	}
	conn, err := db.Conn(ctx) // an attached database is one connection's
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := sqlite.Exec(ctx, conn, "ATTACH ? AS present", present); err != nil {
		return fmt.Errorf("read the present audit log: %w", err)
	}
	defer func() {
		err = errors.Join(err, sqlite.Exec(context.WithoutCancel(ctx), conn, "DETACH present"))
	}()
	// Lines from a Ringfence before 0.1.0 do not say in what way it was done.
	whole, err := sqlite.Value[bool](ctx, conn, "SELECT count(*) > 0 FROM pragma_table_info('changes', 'present') WHERE name = 'way'")
	if err != nil {
		return fmt.Errorf("read the present audit log: %w", err)
	}
	more := "'', '', ''"
	if whole {
		more = "c.way, c.was, c.is_now"
	}
	// Two lines are the same if everything in them is, including the ID; one whose caller was forgotten since (see EraseCaller) is the same, too. What
	// was done in a database that is set aside can't be undone in this one.
	return sqlite.Exec(ctx, conn, `INSERT INTO main.changes (household_id, at, person_id, person, what, text, way, was, is_now)
		SELECT here.id, c.at, c.person_id, c.person, c.what, c.text, `+more+` FROM present.changes c
		LEFT JOIN present.households there ON there.id = c.household_id LEFT JOIN main.households here ON here.name = there.name
		WHERE (c.household_id IS NULL OR here.id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM main.changes m WHERE m.id = c.id
			AND m.household_id IS here.id AND m.at = c.at AND m.person_id IS c.person_id AND m.person = c.person AND m.what = c.what
			AND c.text IN (m.text, '`+ErasedText+`'))
		ORDER BY c.id`)
}
