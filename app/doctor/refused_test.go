package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/config"
)

// Whoever mistyped a phone's password is told that its address is refused, and until when.
func TestRefusedAddressesAreNamed(t *testing.T) {
	s := config.Settings{Data: t.TempDir()}
	d := New(s)
	if said := d.refused(time.Now()); said != "" {
		t.Errorf("nobody is refused, but: %s", said)
	}
	if err := os.MkdirAll(s.AsteriskFolder(), 0o700); err != nil {
		t.Fatal(err)
	}
	guesses := `[{"address":"192.168.1.20","tries":12,"last":"2026-11-28T10:00:00Z","until":"2026-11-28T10:10:00Z"},{"address":"192.168.1.21","tries":12,"last":"2026-11-28T09:00:00Z","until":"2026-11-28T09:10:00Z"}]`
	if err := os.WriteFile(filepath.Join(s.AsteriskFolder(), "guesses.json"), []byte(guesses), 0o600); err != nil {
		t.Fatal(err)
	}
	said := d.refused(time.Date(2026, 11, 28, 10, 5, 0, 0, time.UTC))
	if !strings.Contains(said, "192.168.1.20 until ") || strings.Contains(said, "192.168.1.21") {
		t.Errorf("it says %q", said)
	}
}
