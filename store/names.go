package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	"ringfence/sound"
)

// nameBudget is how much of the disk a household's callers' names may take: some 2,000 of them, three seconds long. Messages have limits
// of their own (see MakeRoom).
const nameBudget = 100 << 20

// trimNames deletes the oldest recordings of names of the household that has had a call, where all of them together are larger than its
// budget: strangers who ring without pause cannot fill the disk. Nobody needs the name of a call that is over, unless it comes with a
// message that nobody has heard.
func (s *Store) trimNames(ctx context.Context, call int64) error {
	var gone []string
	err := s.doRelaxed(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `WITH names AS (SELECT r.id, r.file, c.ended_ms IS NOT NULL AND NOT EXISTS
				(SELECT 1 FROM recordings m WHERE m.call_id = c.id AND m.kind = 'message' AND m.heard_at IS NULL) AS needless,
				sum(r.length_ms) OVER (ORDER BY r.id DESC) AS so_far
			FROM calls c JOIN recordings r ON r.call_id = c.id AND r.kind = 'name'
			WHERE c.household_id = (SELECT household_id FROM calls WHERE id = ?1))
			DELETE FROM recordings WHERE id IN (SELECT id FROM names WHERE needless AND so_far > ?2) RETURNING file`,
			call, s.nameBudget*1000/sound.BytesPerSecond)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var file string
			if err := rows.Scan(&file); err != nil {
				return err
			}
			gone = append(gone, file)
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	for _, file := range gone {
		err = errors.Join(err, deleteFile(filepath.Join(s.recordings, file)))
	}
	return err
}
