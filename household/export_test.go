package household

import (
	"database/sql"
	"strings"
	"testing"
)

// Whoever wants an export while another is made is told to wait: many at once would leave nothing to look callers up with.
func TestOneExportAtATime(t *testing.T) {
	f := newFilled(t)
	lines := f.lines(t)
	var second error
	err := f.Store.Snapshot(t.Context(), "home", func(*sql.Tx, int64) error {
		_, _, second = f.Export(t.Context())
		return nil
	})
	if err != nil || !refusedAs(second, Conflict) || !strings.Contains(second.Error(), "Try again in a minute.") || f.lines(t) != lines {
		t.Errorf("%v, %v", second, err)
	}
}
