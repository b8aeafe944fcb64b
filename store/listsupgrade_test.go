package store

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/lists"
	"ringfence/store/sqlite"
)

// ownLists49 is a database in which each household has its own copy of the lists that it has subscribed to. The parish signs its list with one key, the parish
// next to it another list at the same address with another. Steve is on the first, surely; +442079460777 is reported on it; Joan is on the other.
//
//   - alice and bob have the parish's second list, under names of their own. Bob believes a list at 95 % only, has Steve as a contact, and a block.
//   - carol has the other parish's.
//   - dave was downloading the second list when the program ended: the first is in force, and half of the second is there.
//   - erin was having changes brought into the first list: Steve is only in those yet, and +442079460888 only in what they overrule.
//   - frank was downloading his first one.
//   - grace has the second list, and nobody has renewed it: it only warns.
//   - harry and iris have a plain file, which harry has allowed to turn callers away; in Iris's house a jump waits. Her file has been checked last.
//   - jack and kate have PhoneBlock's list, each with a key of their own, and Jack a list that he has imported.
const ownLists49 = `INSERT INTO households (id, name, region, threshold) VALUES (1, 'alice', 'GB', 0), (2, 'bob', 'GB', 0.95), (3, 'carol', 'GB', 0), (4, 'dave', 'GB', 0), (5, 'erin', 'GB', 0),
		(6, 'frank', 'GB', 0), (7, 'grace', 'GB', 0), (8, 'harry', 'GB', 0), (9, 'iris', 'GB', 0), (10, 'jack', 'GB', 0), (11, 'kate', 'GB', 0);
	INSERT INTO contacts (id, household_id, name, added_at) VALUES (1, 2, 'Steve', 1000);
	INSERT INTO contact_numbers (household_id, number, contact_id) VALUES (2, 442079460666, 1);
	INSERT INTO blocks (household_id, digits, is_prefix, added_at) VALUES (2, 442079460001, 0, 1000);
	INSERT INTO lists (id, household_id, name, imported_at) VALUES (1, 1, 'parish', 1000), (2, 2, 'ours', 1000), (3, 3, 'parish', 1000), (4, 4, 'parish', 1000), (5, 5, 'parish', 1000),
		(6, 6, 'parish', 1000), (7, 7, 'parish', 1000), (8, 8, 'file', 1000), (9, 9, 'file', 1000), (10, 10, 'phoneblock', 1000), (11, 11, 'phoneblock', 1000), (12, 10, 'own', 1000);
	INSERT INTO subscriptions (list_id, url, public_key, only_warns, period_s, begun_at, next_at, kind, api_key, serial, valid_until, checked_at) VALUES
		(1, 'https://parish.example/', 'RWone', 0, 3600, 1000, 9000, 'list', '', 2, 3000000000, 5000), (2, 'https://parish.example/', 'RWone', 0, 7200, 1000, 9000, 'list', '', 2, 3000000000, 5001),
		(3, 'https://parish.example/', 'RWtwo', 0, 3600, 1000, 9000, 'list', '', 7, 3000000000, 5000), (4, 'https://parish.example/', 'RWone', 0, 3600, 1000, 4000, 'list', '', 1, 3000000000, 3000),
		(5, 'https://parish.example/', 'RWone', 0, 3600, 1000, 9000, 'list', '', 2, 3000000000, 4999), (6, 'https://parish.example/', 'RWone', 0, 3600, 1000, 1000, 'list', '', 0, 0, 0),
		(7, 'https://parish.example/', 'RWone', 0, 3600, 1000, 9000, 'list', '', 2, 4000, 3000), (8, 'https://web.example/a.csv', '', 0, 3600, 1000, 9000, 'file', '', 4, 3000000000, 5000),
		(9, 'https://web.example/a.csv', '', 1, 3600, 1000, 9000, 'file', '', 3, 3000000000, 6000), (10, 'https://block.example', '', 0, 3600, 1000, 9000, 'phoneblock', 'jack''s', 40, 3000000000, 5000),
		(11, 'https://block.example', '', 0, 3600, 1000, 9000, 'phoneblock', 'kate''s', 41, 3000000000, 5000);
	INSERT INTO list_versions (id, list_id, entries, touched_at, is_update) VALUES (1, 1, 2, 1000, 0), (2, 2, 2, 1000, 0), (3, 3, 1, 1000, 0), (4, 4, 1, 1000, 0), (14, 4, 0, unixepoch(), 0),
		(5, 5, 2, 1000, 0), (15, 5, 0, unixepoch(), 1), (16, 6, 0, unixepoch(), 0), (7, 7, 2, 1000, 0), (8, 8, 2, 1000, 0), (9, 9, 2, 1000, 0), (19, 9, 1, 1000, 0), (10, 10, 1, 1000, 0),
		(11, 11, 1, 1000, 0), (12, 12, 1, 1000, 0);
	INSERT INTO list_entries (version_id, number, is_prefix, confidence) VALUES (1, 442079460666, 0, 0.9), (1, 442079460777, 0, 0.3), (2, 442079460666, 0, 0.9), (2, 442079460777, 0, 0.3),
		(3, 442079460001, 0, 0.9), (4, 442079460666, 0, 0.9), (14, 442079460001, 0, 0.9), (5, 442079460888, 0, 0.9), (5, 442079460777, 0, 0.3), (16, 442079460001, 0, 0.9), (7, 442079460666, 0, 0.9),
		(7, 442079460777, 0, 0.3), (8, 442079460666, 0, 0.9), (8, 442079460888, 0, 0.9), (9, 442079460666, 0, 0.9), (9, 442079460888, 0, 0.9), (19, 442079460001, 0, 0.9), (10, 44207946066, 1, 0.9),
		(11, 442079460777, 0, 0.9), (12, 442079460001, 0, 0.9);
	INSERT INTO list_changes VALUES (15, 442079460888, 0, 1, 0, '', '', 0, 0, 0, 0), (15, 442079460666, 0, 0, 0.9, '', '', 0, 0, 0, 0);
	UPDATE lists SET version_id = id WHERE id <> 6;
	UPDATE lists SET update_id = 15 WHERE id = 5;
	UPDATE subscriptions SET held_version = 19, held_hash = 'new', held_at = 6000, hash = 'old' WHERE list_id = 9;
	INSERT INTO blocklist_fetches VALUES (10, 'https://block.example', 5000, 5000), (11, 'https://block.example', 6000, 6000)`

// byOwnLists is what becomes of callers there, where a list or the household says anything about them.
var byOwnLists = map[string]string{
	"alice 0666": "turn-away list parish", "alice 0777": "screen reported parish",
	"bob 0001": "turn-away block ", "bob 0666": "ring contact ", "bob 0777": "screen reported ours",
	"carol 0001": "turn-away list parish",
	"dave 0666":  "turn-away list parish",
	"erin 0666":  "turn-away list parish", "erin 0777": "screen reported parish",
	"grace 0666": "screen reported parish", "grace 0777": "screen reported parish",
	"harry 0666": "turn-away list file", "harry 0888": "turn-away list file",
	"iris 0666": "screen reported file", "iris 0888": "screen reported file",
	"jack 0001": "turn-away list own", "jack 0666": "turn-away list phoneblock",
	"kate 0777": "turn-away list phoneblock",
}

// byLists is what becomes of callers.
func byLists(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, home := range strings.Fields("alice bob carol dave erin frank grace harry iris jack kate") {
		for _, number := range strings.Fields("0001 0666 0777 0888") {
			l, err := s.Lookup(t.Context(), home, screening.Line{Region: "GB"}, "+44207946"+number, time.Now())
			must(t, err)
			if why := l.Verdict.Reasons[0]; why.Code != screening.CodeUnknown {
				all[home+" "+number] = fmt.Sprint(l.Verdict.Action, " ", why.Code, " ", why.List)
			}
		}
	}
	return all
}

// checkVerdicts compares what becomes of callers, and says what differs.
func checkVerdicts(t *testing.T, when string, s *Store, want map[string]string) {
	t.Helper()
	got := byLists(t, s)
	keys := slices.Collect(maps.Keys(want))
	for key := range got {
		if want[key] == "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if got[key] != want[key] {
			t.Errorf("%s: %s is %q, not %q", when, key, got[key], want[key])
		}
	}
}

// with is a map with other values in some places, and none where they are "".
func with(all, other map[string]string) map[string]string {
	all = maps.Clone(all)
	maps.Copy(all, other)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// Whom a household's lists turned away before the upgrade, they turn away after it, and nobody else: whatever the others have that share them by then. The copy
// from before it is whole, and can be upgraded again.
//
// Long: one story, each step of which rests on those before it.
func TestListsTurnAwayTheSameAfterTheUpgrade(t *testing.T) {
	ctx := t.Context()
	path := madeBefore(t, ownListsVersion, ownLists49)
	homes := strings.Fields("alice bob carol dave erin frank grace harry iris jack kate")
	before := entriesOnOwnLists(t, path, homes)
	s, err := Open(ctx, path)
	must(t, err)
	kept := s.KeptBeforeUpgrade()
	checkVerdicts(t, "upgraded", s, byOwnLists)
	must(t, s.Lists.Clean(ctx))
	checkVerdicts(t, "cleaned", s, byOwnLists)
	must(t, s.Lists.FinishUpdates(ctx))
	checkVerdicts(t, "with the changes in it", s, byOwnLists)
	sources := map[int64]string{}
	subs, err := s.Lists.AllSubscriptions(ctx)
	must(t, err)
	for _, sub := range subs {
		sources[sub.Source] += sub.Household + " "
	}
	shared := slices.Sorted(maps.Values(sources))
	if want := []string{"alice bob dave erin frank grace ", "carol ", "harry iris ", "jack ", "kate "}; !slices.Equal(shared, want) {
		t.Errorf("%q share their lists", shared)
	}
	held, err := s.Lists.Subscription(ctx, "iris", "file")
	if err != nil || held.Held.Version != 19 || held.Hash != "new" {
		t.Errorf("%+v %v", held, err)
	}

	// Now they share them: who had an earlier one has the latest, and a file that jumps waits.
	for source := range sources {
		must(t, s.Lists.Settle(ctx, source, time.Now(), lists.Hold{Needed: func(c lists.Counts) bool { return c.Removed > 1 }}))
	}
	latest := with(byOwnLists, map[string]string{
		"dave 0777": "screen reported parish", "frank 0666": "turn-away list parish", "frank 0777": "screen reported parish", "grace 0666": "turn-away list parish",
	})
	checkVerdicts(t, "shared", s, latest)
	must(t, s.Lists.AcceptHeld(ctx, "iris", "file", held.Held.Version))
	accepted := with(latest, map[string]string{"iris 0001": "screen reported file", "iris 0666": "", "iris 0888": ""})
	checkVerdicts(t, "accepted by one", s, accepted)

	// A household that is deleted takes nothing with it.
	_, err = s.write.ExecContext(ctx, "DELETE FROM households WHERE name IN ('bob', 'iris'); INSERT INTO households (name) VALUES ('bob'), ('iris')")
	must(t, err)
	_, err = s.write.ExecContext(ctx, "UPDATE list_versions SET touched_at = min(touched_at, 1)")
	must(t, err)
	must(t, s.Lists.Clean(ctx))
	checkVerdicts(t, "without bob and iris", s, with(accepted, map[string]string{"bob 0001": "", "bob 0666": "", "bob 0777": "", "iris 0001": ""}))
	must(t, s.Close())
	must(t, sqlite.Whole(ctx, path))

	// The way back is the copy from before the upgrade.
	must(t, sqlite.Whole(ctx, kept))
	for key, entries := range entriesOnOwnLists(t, kept, homes) {
		if !slices.Equal(entries, before[key]) {
			t.Errorf("in the copy, of %s the lists have %+v, not %+v", key, entries, before[key])
		}
	}
	copied, err := os.ReadFile(kept) //nolint:gosec // a test's own
	must(t, err)
	again := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, os.WriteFile(again, copied, 0o600))
	s, err = Open(ctx, again)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	checkVerdicts(t, "upgraded once more", s, byOwnLists)
}
