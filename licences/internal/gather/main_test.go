package main

import (
	"strings"
	"testing"

	"ringfence/licences"
)

// What is committed is what the modules of go.mod say: a module that is new, or of another version, is not forgotten.
func TestLicencesAreThoseOfTheModules(t *testing.T) {
	text, err := gather(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != licences.Text {
		t.Error(`run "go generate ./licences": go.mod has other modules than licences/third-party.txt`)
	}
	for _, words := range []string{"github.com/mattn/go-sqlite3 v", "github.com/CyCoreSystems/ari/v5 v", "The Go Authors", "Kokoro"} {
		if !strings.Contains(licences.Text, words) {
			t.Errorf("%q is not in it", words)
		}
	}
}
