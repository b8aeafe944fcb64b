package store

import (
	"io/fs"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
)

// Messages that an older Ringfence has taken are there after the upgrade: unheard, and from the time of their call.
func TestMessagesFromBeforeTheUpgrade(t *testing.T) {
	s, path := open(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	call := aMessage(t, s, "home", at, joan, "")
	files, err := fs.Sub(migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write, files)
	must(t, err)
	_, err = provider.DownTo(t.Context(), 2)
	must(t, err)
	again, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	messages, err := again.Messages(t.Context(), "home")
	if err != nil || len(messages) != 1 || messages[0].Call != call || messages[0].Heard || !messages[0].At.Equal(at) {
		t.Errorf("%+v %v", messages, err)
	}
}
