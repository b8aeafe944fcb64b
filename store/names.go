package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	"ringfence/sound"
	"ringfence/store/sqlite"
)

// nameBudget is how much of the disk the recorded names of a household's callers may take: some 2,000 of them, three seconds long. Messages
// have limits of their own (see MakeRoom).
const nameBudget = 100 << 20

// trimNames deletes the oldest recordings of names of a call's household where they are larger than its budget, so that strangers who ring
// without pause can't fill the disk. Nobody needs the name from a call that is over, unless it comes with an unheard message.
func (s *Store) trimNames(ctx context.Context, call int64) error {
	var gone []string
	err := s.relaxed.Do(ctx, func(tx *sql.Tx) error {
		var err error
		gone, err = sqlite.Values[string](ctx, tx, `WITH names AS (SELECT r.id, r.file, c.ended_ms IS NOT NULL AND NOT EXISTS
				(SELECT 1 FROM recordings m WHERE m.call_id = c.id AND m.kind = 'message' AND m.heard_at IS NULL) AS needless,
				sum(r.length_ms) OVER (ORDER BY r.id DESC) AS so_far
			FROM calls c JOIN recordings r ON r.call_id = c.id AND r.kind = 'name'
			WHERE c.household_id = (SELECT household_id FROM calls WHERE id = ?1))
			DELETE FROM recordings WHERE id IN (SELECT id FROM names WHERE needless AND so_far > ?2) RETURNING file`,
			call, s.nameBudget*1000/sound.BytesPerSecond)
		return err
	})
	if err != nil {
		return err
	}
	for _, file := range gone {
		err = errors.Join(err, deleteFile(filepath.Join(s.recordings, file)))
	}
	return err
}
