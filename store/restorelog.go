package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// noLog goes into the log of changes where that of before the restore could not be carried over.
const noLog = " The log of changes from before could not be read; it is in the folder of what was replaced."

// keepLog adds to a database that is to be put back the lines of the present one's log of changes that are not in it: with a backup, too,
// nobody can take away what the log says. Lines of households that the backup does not know stay with what is put aside.
func (s *Store) keepLog(ctx context.Context, present string) (err error) {
	if _, err := os.Stat(present); errors.Is(err, os.ErrNotExist) { // a machine that is new
		return nil
	}
	conn, err := s.write.Conn(ctx) // an attached database is one connection's
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "ATTACH ? AS present", present); err != nil {
		return fmt.Errorf("read the present audit log: %w", err)
	}
	defer func() {
		_, detached := conn.ExecContext(context.WithoutCancel(ctx), "DETACH present")
		err = errors.Join(err, detached)
	}()
	// What a Ringfence before 0.1.0 wrote does not say by what way.
	var whole bool
	if err := conn.QueryRowContext(ctx, "SELECT count(*) > 0 FROM pragma_table_info('changes', 'present') WHERE name = 'way'").Scan(&whole); err != nil {
		return fmt.Errorf("read the present audit log: %w", err)
	}
	more := "'', '', ''"
	if whole {
		more = "c.way, c.was, c.is_now"
	}
	// A line is the same where all of it is, its number, too. What was done in a database that is put aside cannot be undone in this one.
	_, err = conn.ExecContext(ctx, `INSERT INTO main.changes (household_id, at, person_id, person, what, text, way, was, is_now)
		SELECT here.id, c.at, c.person_id, c.person, c.what, c.text, `+more+` FROM present.changes c
		LEFT JOIN present.households there ON there.id = c.household_id LEFT JOIN main.households here ON here.name = there.name
		WHERE (c.household_id IS NULL OR here.id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM main.changes m WHERE m.id = c.id
			AND m.household_id IS here.id AND m.at = c.at AND m.person_id IS c.person_id AND m.person = c.person AND m.what = c.what AND m.text = c.text)
		ORDER BY c.id`)
	return err
}
