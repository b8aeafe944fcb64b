package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/lists"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

// ownListsVersion is the last form of the database in which each household had its own copy of a list that others have, too.
const ownListsVersion = 49

// ownListsQuery is what a Ringfence of that form found about a number, without the household's blocks.
const ownListsQuery = `SELECT 0, l.id, l.name, e.confidence, e.category, e.note, e.is_prefix, e.number, e.expires_day, coalesce(s.valid_until, 0), coalesce(s.only_warns, 0),
		e.newer, e.removed FROM households h JOIN lists l ON l.household_id = h.id LEFT JOIN subscriptions s ON s.list_id = l.id JOIN (
		SELECT version_id, number, is_prefix, confidence, category, note, expires_day, 0 AS newer, 0 AS removed FROM list_entries
		UNION ALL SELECT version_id, number, is_prefix, confidence, category, note, expires_day, 1, removed FROM list_changes) e
		ON e.version_id = iif(e.newer, l.update_id, l.version_id)
	WHERE h.name = ?1 AND (e.number = ?2 AND NOT e.is_prefix OR e.is_prefix AND CAST(?2 AS TEXT) LIKE e.number || '%')`

// listedNumbers are the numbers that lists of these tests may have, and others that begin as they do.
func listedNumbers() (all []screening.Number) {
	for i := range 6 {
		all = append(all, screening.Number(fmt.Sprintf("+44207946%04d", 110*i)))
	}
	return all
}

// entriesOnOwnLists are what each household's lists have on each number, in a database in which they have their own.
func entriesOnOwnLists(t *testing.T, path string, homes []string) map[string][]screening.Entry {
	t.Helper()
	db, err := sqlite.OpenCopy(path)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	found := map[string][]screening.Entry{}
	for _, home := range homes {
		for _, n := range listedNumbers() {
			all, err := sqlite.All(t.Context(), db, scanEntry, ownListsQuery, home, n.Key())
			must(t, err)
			found[home+string(n)] = bestOf(all)
		}
	}
	return found
}

func scanEntry(scan func(...any) error) (l entryAt, err error) {
	e, expires, isBlock := &l.entry, int64(0), false
	err = scan(&isBlock, &l.at.list, &e.List, &e.Confidence, &e.Category, &e.Note, &e.Prefix, &l.at.number, &expires, columns.ScanTime(&e.ValidUntil), &e.Unsigned, &l.newer, &l.removed)
	l.at.prefix, e.Expires = e.Prefix, columns.Time(expires*day)
	return l, err
}

// entriesOnLists are the same in a database of today.
func entriesOnLists(t *testing.T, s *Store, homes []string) map[string][]screening.Entry {
	t.Helper()
	found := map[string][]screening.Entry{}
	for _, home := range homes {
		for _, n := range listedNumbers() {
			_, known, err := s.Situation(t.Context(), home, n)
			must(t, err)
			found[home+string(n)] = known.Entries
		}
	}
	return found
}

// ownLists makes up a database of households, each of which has its own copy of lists that others have, too: of one age or another, in the middle of an update, held
// back, not there yet, or imported.
type ownLists struct {
	*rand.Rand
	sql             strings.Builder
	lists, versions int
}

func (o *ownLists) add(format string, args ...any) { fmt.Fprintf(&o.sql, format+";\n", args...) }

// version makes one with the contents that everybody has who has that serial of a source.
func (o *ownLists) version(source string, serial, list int) int {
	o.versions++
	same := rand.New(rand.NewPCG(uint64(serial), uint64(source[0])))
	for i := range 6 {
		if same.IntN(2) == 0 {
			continue
		}
		o.add("INSERT INTO list_entries (version_id, number, is_prefix, confidence, category, note) VALUES (%d, 44207946%04d, 0, 0.%d, 'bank', '%s%d')", o.versions, 110*i, 1+same.IntN(9), source, serial)
	}
	o.add("INSERT INTO list_entries (version_id, number, is_prefix, confidence) VALUES (%d, 442079460%d, 1, 0.5)", o.versions, serial)
	o.add("INSERT INTO list_versions (id, list_id, entries, touched_at) SELECT %d, %d, count(*), unixepoch() FROM list_entries WHERE version_id = %[1]d", o.versions, list)
	return o.versions
}

func (o *ownLists) list(home int, source string) int {
	o.lists++
	o.add("INSERT INTO lists (id, household_id, name, source, imported_at) VALUES (%d, %d, '%s of %d', '', 1000)", o.lists, home, source, home)
	return o.lists
}

func (o *ownLists) subscription(home int, source, kind string) {
	list, serial := o.list(home, source), o.IntN(3)
	o.add(`INSERT INTO subscriptions (list_id, url, public_key, only_warns, period_s, begun_at, next_at, kind, serial, valid_until, checked_at, hash)
		VALUES (%d, 'https://%s.example/', '', %d, 3600, 1000, 1000, '%s', %d, %d, %d, 'hash%[5]d')`, list, source, o.IntN(2), kind, serial, 2_000_000_000+o.IntN(3), 1000*serial+o.IntN(5))
	if serial == 0 {
		return
	}
	o.add("UPDATE lists SET version_id = %d WHERE id = %d", o.version(source, serial, list), list)
	if o.IntN(4) == 0 {
		o.versions++
		o.add("INSERT INTO list_versions (id, list_id, is_update, touched_at) VALUES (%d, %d, 1, unixepoch())", o.versions, list)
		for i := range 6 {
			o.add(`INSERT INTO list_changes VALUES (%d, 44207946%04d, 0, %d, 0.7, '', 'new', 0, 0, 0, 0)`, o.versions, 110*i, o.IntN(2))
		}
		o.add("UPDATE lists SET update_id = %d WHERE id = %d", o.versions, list)
	}
	if kind == "file" && o.IntN(3) == 0 {
		o.add("UPDATE subscriptions SET held_version = %d, held_hash = 'hash9', held_at = 1500 WHERE list_id = %d", o.version(source, 9, list), list)
	}
}

func (o *ownLists) made(homes int) string {
	for home := 1; home <= homes; home++ {
		o.add("INSERT INTO households (id, name, region) VALUES (%d, 'home%[1]d', '%s')", home, []string{"", "", "DE"}[o.IntN(3)])
		for source, kind := range map[string]string{"parish": "list", "county": "list", "file": "file"} {
			if o.IntN(4) > 0 {
				o.subscription(home, source, kind)
			}
		}
		if o.IntN(2) == 0 {
			list := o.list(home, "own")
			o.add("UPDATE lists SET version_id = %d WHERE id = %d", o.version("own", home, list), list)
		}
	}
	return o.sql.String()
}

// An upgrade, and the way back, change no verdict: each household has in force what it had. Then those that have the same list come to share it.
func TestHouseholdsComeToShareTheirLists(t *testing.T) {
	empty, err := os.ReadFile(madeBefore(t, ownListsVersion, ""))
	must(t, err)
	homes := []string{"home1", "home2", "home3", "home4", "home5"}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ringfence.db")
			must(t, os.WriteFile(path, empty, 0o600))
			db, err := sqlite.OpenCopy(path)
			must(t, err)
			o := &ownLists{Rand: rand.New(rand.NewPCG(seed, 18))}
			must(t, errors.Join(sqlite.Exec(t.Context(), db, o.made(len(homes))), db.Close()))
			before := entriesOnOwnLists(t, path, homes)
			same := func(when string, found map[string][]screening.Entry) {
				t.Helper()
				for key, want := range before {
					if got := found[key]; !slices.Equal(got, want) {
						t.Errorf("%s: of %s the lists have\n%+v, not\n%+v", when, key, got, want)
					}
				}
			}
			s, err := OpenCopy(t.Context(), path)
			must(t, err)
			same("upgraded", entriesOnLists(t, s, homes))
			must(t, s.Lists.Clean(t.Context()))
			same("cleaned", entriesOnLists(t, s, homes))
			must(t, s.Close())
			must(t, storetest.GoBackTo(t.Context(), path, migrations, ownListsVersion))
			same("gone back", entriesOnOwnLists(t, path, homes))
			must(t, sqlite.Whole(t.Context(), path))
			again, err := OpenCopy(t.Context(), path)
			must(t, err)
			defer func() { must(t, again.Close()) }()
			same("upgraded again", entriesOnLists(t, again, homes))
			sharesThem(t, again)
		})
	}
}

// sharesThem has all households share their lists, and looks whether they do.
func sharesThem(t *testing.T, s *Store) {
	t.Helper()
	ctx := context.Background()
	subs, err := s.Lists.AllSubscriptions(ctx)
	must(t, err)
	for _, sub := range subs {
		must(t, s.Lists.Settle(ctx, sub.Source, time.Now(), lists.Hold{}))
	}
	must(t, s.Lists.FinishUpdates(ctx))
	_, err = s.write.Exec("UPDATE list_versions SET touched_at = 1")
	must(t, errors.Join(err, s.Lists.Clean(ctx)))
	have := map[int64][]lists.Entry{}
	for _, sub := range subs {
		entries, err := s.Lists.Entries(ctx, sub.Household, sub.List, 100)
		if errors.Is(err, lists.ErrNoList) {
			continue
		}
		must(t, err)
		if other, is := have[sub.Source]; is && !reflect.DeepEqual(other, entries) {
			t.Errorf("%s of %s has %+v, and another household %+v", sub.List, sub.Household, entries, other)
		}
		have[sub.Source] = entries
	}
	var versions, sources, own, orphans int
	must(t, s.read.QueryRow(`SELECT (SELECT count(*) FROM list_versions), (SELECT count(*) FROM list_sources WHERE version_id IS NOT NULL),
		(SELECT count(*) FROM lists WHERE name LIKE 'own%'), (SELECT count(*) FROM list_entries WHERE version_id NOT IN (SELECT id FROM list_versions))`).
		Scan(&versions, &sources, &own, &orphans))
	if versions != sources+own || orphans != 0 {
		t.Errorf("%d sources and %d imported lists have %d versions, and %d entries belong to none", sources, own, versions, orphans)
	}
}
