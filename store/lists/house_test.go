package lists_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

// house is a store with two households, and a connection of the test's own to its database.
type house struct {
	*store.Store
	raw sqlite.Connection
}

func open(t testing.TB) (*house, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	must(t, storetest.Ready(context.Background(), path, store.Open))
	h := &house{Store: openStore(t, path)}
	var err error
	h.raw, err = sqlite.Writer(path)
	must(t, err)
	t.Cleanup(func() {
		if err := errors.Join(h.Close(), h.raw.Close()); err != nil {
			t.Error(err)
		}
	})
	for _, home := range []string{"home", "other"} {
		must(t, h.EnsureHousehold(t.Context(), home))
	}
	return h, path
}

func openStore(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path)
	must(t, err)
	return s
}

// goBackTo closes a store, makes its database one of an older version, and opens it again.
func (h *house) goBackTo(t *testing.T, path string, version int64) {
	t.Helper()
	must(t, errors.Join(h.Close(), h.raw.Close()))
	must(t, storetest.GoBackTo(t.Context(), path, os.DirFS(".."), version))
	h.Store = openStore(t, path)
	var err error
	h.raw, err = sqlite.Writer(path)
	must(t, err)
}

// rows counts the entries of all lists, of versions in use and of others.
func (h *house) rows(t *testing.T) int {
	t.Helper()
	return h.count(t, "SELECT count(*) FROM list_entries")
}

func (h *house) count(t *testing.T, query string) (n int) {
	t.Helper()
	must(t, h.raw.QueryRowContext(context.Background(), query).Scan(&n))
	return n
}

var errBroken = errors.New("broken in the middle")

const (
	joan  = screening.Number("+442079460001")
	steve = screening.Number("+442079460666")
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// entries is a list of whole numbers, all of them sure.
func entries(digits ...string) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for _, d := range digits {
			digits, prefix := strings.CutSuffix(d, "*")
			if !yield(lists.Entry{Digits: digits, Prefix: prefix, Confidence: 1, Category: d}, nil) {
				return
			}
		}
	}
}

// chain is one list behind another.
func chain(all ...iter.Seq2[lists.Entry, error]) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for _, list := range all {
			for e, err := range list {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

func digitsAll(entries []lists.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Digits)
	}
	return strings.Join(all, " ")
}

// onCommit calls f in each transaction in which lists are written, at its end.
func (h *house) onCommit(t *testing.T, f func()) {
	t.Helper()
	h.Lists.OnWriter(func(db sqlite.Connection) { must(t, storetest.OnCommit(t.Context(), db.DB, f)) })
}
