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

// A licence that is nobody's usual one, or two of them in one file, is not taken for one that goes with Ringfence's.
func TestOnlyALicenceThatIsKnownIsNamed(t *testing.T) {
	mit, err := licence(module{"kong", moduleDir(t, "github.com/alecthomas/kong")})
	if err != nil {
		t.Fatal(err)
	}
	if id, err := identify(mit); id != "MIT" || err != nil {
		t.Errorf("it is %q (%v)", id, err)
	}
	for name, text := range map[string]string{
		"none":                 "All rights reserved. Ask us first.",
		"one with a condition": mit + strings.Repeat("\nWhoever sells telephones has to pay the authors one pound a telephone, each year.", 10),
	} {
		if id, err := identify(text); err == nil {
			t.Errorf("%s is taken for %s", name, id)
		}
	}
}

func moduleDir(t *testing.T, path string) string {
	t.Helper()
	modules, err := inBinary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range modules {
		if strings.HasPrefix(m.name, path+" ") {
			return m.dir
		}
	}
	t.Fatalf("%s is not in the binary", path)
	return ""
}
