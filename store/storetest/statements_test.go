package storetest_test

import (
	"path/filepath"
	"testing"

	"ringfence/store"
	"ringfence/store/storetest"
)

func TestStatementsAreCounted(t *testing.T) {
	begun, err := storetest.CountStatements()
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "ringfence.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // a test's
	if err := db.EnsureHousehold(t.Context(), "home"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Situation(t.Context(), "home", "+442079460001"); err != nil { // prepared
		t.Fatal(err)
	}
	before := begun()
	for range 3 {
		if _, err := db.About(t.Context(), "home"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Household(t.Context(), "home"); err != nil {
			t.Fatal(err)
		}
	}
	if n := begun() - before; n != 6 {
		t.Errorf("%d statements were counted, not 6", n)
	}
}
