package store

import (
	"context"
	"time"

	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// beforeUpgrade keeps a copy of the database as an earlier Ringfence has left it.
func (s *Store) beforeUpgrade(ctx context.Context) (err error) {
	s.keptBefore, err = datafolder.KeepBeforeUpgrade(ctx, s.path, FreeDisk, time.Now())
	return err
}

// KeptBeforeUpgrade is the copy of the database that was made because this program has brought it up to date; "" where it was.
func (s *Store) KeptBeforeUpgrade() string { return s.keptBefore }

// NewestVersion is the last of this program's migrations.
func NewestVersion() (int64, error) { return sqlite.NewestVersion(migrations) }
