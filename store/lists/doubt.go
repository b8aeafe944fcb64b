package lists

import (
	"context"
	"database/sql"

	"ringfence/store/sqlite"
)

// NoteDoubt notes of a list's contents, that are not in force yet, why it is not certain that they are the numbers of unwanted callers; "" if it is.
func (l *Lists) NoteDoubt(ctx context.Context, version int64, doubt string) error {
	return sqlite.Change(ctx, l.write, errAbandoned, "UPDATE list_versions SET doubt = ? WHERE id = ? AND touched_at > 0", doubt, version)
}

// Doubt is why it is not certain that a list in force has the numbers of unwanted callers; "" if it is. It is not known of lists that a Ringfence before 0.1.0
// imported. The error is ErrNoList if no list has that name.
func (l *Lists) Doubt(ctx context.Context, household, list string) (doubt string, known bool, err error) {
	version, err := l.versionOf(ctx, household, list)
	if err != nil {
		return "", false, err
	}
	noted, err := sqlite.OneValue[sql.NullString](ctx, l.read, ErrReplaced, "SELECT doubt FROM list_versions WHERE id = ?", version)
	return noted.String, noted.Valid, err
}
