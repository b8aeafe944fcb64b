package app

import (
	"context"
	"errors"
	"io"

	"ringfence/store"
	"ringfence/store/backups"
)

// errRestart says that the application is to be started again, with a backup that was restored.
var errRestart = errors.New("the application is to be restarted")

// restart lets the pages restore a backup: it is checked while calls go on, and then the application starts again in the same process, so that nobody
// has to start it. Meanwhile Asterisk rings the household by itself.
type restart struct {
	data string // folder
	end  context.CancelCauseFunc
}

// Stage implements web.Backups.
func (r restart) Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (backups.Contents, error) {
	return backups.Stage(ctx, r.data, backup, note)
}

// Restart implements web.Backups.
func (r restart) Restart() { r.end(errRestart) }
