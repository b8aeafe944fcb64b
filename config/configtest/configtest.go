// Package configtest has settings for tests.
package configtest

import (
	"os"
	"path/filepath"
	"testing"

	"ringfence/config"
)

// Usual are settings of a usual household, and the smallest that are taken.
const Usual = `
[[trunk]]
name = "line"
address = "127.0.0.2"

[[household]]
name = "home"
trunk = "line"
number = "020 7946 0100"

[[household.phone]]
name = "hall"
password = "wet herons on 7 walls"
`

// Read writes settings into a file of its own and reads them, with a data folder of their own.
func Read(t *testing.T, text string) config.Settings {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "ringfence.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := config.Read(file, filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
