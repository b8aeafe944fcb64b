package doctor

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/store/replica"
)

// A replica is as good as what is in it: one that is behind, gone, or on the disk that it is to outlive is said.
func TestDoctorLooksAtTheReplica(t *testing.T) {
	program := filepath.Join(t.TempDir(), "litestream")
	version := func(v string) {
		t.Helper()
		if err := os.WriteFile(program, []byte("#!/bin/sh\necho "+v+"\n"), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	t.Setenv("RINGFENCE_LITESTREAM", program)
	d, _ := withStore(t)
	folder := filepath.Join(t.TempDir(), "copy")
	d.settings.Replica.Folder = folder
	check := func(state State, words string) {
		t.Helper()
		says(t, []Finding{d.replica(t.Context())}, "replica", state, words)
	}
	check(Failed, "Litestream isn't installed")
	version("v0.5.15")
	check(Failed, "Litestream's version is 0.5.15, and 0.5.18 or newer is needed")
	version("v0.5.18")
	check(Failed, "is missing: mount its disk")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replica.Claim(d.settings.Data, folder); err != nil {
		t.Fatal(err)
	}
	check(Warning, "isn't complete yet")
	complete := func(ago time.Duration) {
		t.Helper()
		if err := replica.SetComplete(folder, d.now().Add(-ago)); err != nil {
			t.Fatal(err)
		}
	}
	complete(3 * time.Minute)
	check(Failed, "is 3 minutes behind")
	complete(50 * time.Hour)
	check(Failed, "is 2 days behind")
	complete(time.Second)
	check(Warning, "on the same disk")
	if found := d.Machine(t.Context(), nil); found[len(found)-1].Check != "replica" {
		t.Errorf("it is not among what is checked: %+v", found)
	}
}
