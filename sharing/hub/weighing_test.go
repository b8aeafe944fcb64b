package hub

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/list"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// honest is a number of nobody's whom the group should turn away.
const honest = surgery

// confidence is that with which a number is on the list; 0 where it is not.
func (w *world) confidence(number screening.Number, at time.Time) float64 {
	w.t.Helper()
	if s := w.stands(subject(number), at); s.Listed {
		return s.Confidence
	}
	return 0
}

// report is one that has to be taken.
func (w *world) report(kind Kind, number screening.Number, household int, network string, at time.Time) {
	w.t.Helper()
	w.ok(w.Take(w.t.Context(), w.keys[household], Report{Number: number, Kind: kind}, network, at))
}

// forced are keys that have joined past all limits, by one invitation on one day.
func (w *world) forced(n, invitation int, at time.Time) (households []int) {
	w.t.Helper()
	w.ok(w.write.Do(w.t.Context(), func(tx *sql.Tx) error {
		for range n {
			_, hash := people.NewToken()
			done, err := tx.ExecContext(w.t.Context(), "INSERT INTO keys (hash, pseudonym, invitation_id, joined) VALUES (?, ?, ?, ?)", hash, newPseudonym(), invitation, today(at))
			if err != nil {
				return err
			}
			id, err := done.LastInsertId()
			if err != nil {
				return err
			}
			households, w.keys = append(households, len(w.keys)), append(w.keys, id)
		}
		return nil
	}))
	return households
}

// A thousand keys by one link on one day turn nobody away: not on that day, not ever, not where each reports from a network of its own. Nor
// do they take a scammer off the list while they are new.
func TestAThousandKeysOfOneLink(t *testing.T) {
	w := newWorld(t, 9)
	w.says(For, scammer, noon, 0, 1, 2, 3, 4, 5, 6, 7, 8)
	many := unlessShort(1000, 100)
	joined := 0
	for i := range many {
		_, err := w.Join(t.Context(), w.invites[0], network(1000+i), noon)
		switch {
		case err == nil:
			joined++
		case !errors.Is(err, ErrRush):
			t.Fatal(err)
		}
	}
	if joined != JoinsPerInvitation {
		t.Errorf("%d have joined by one invitation on one day", joined)
	}
	// Suppose nothing had limited them.
	keys := w.forced(many, 1, noon)
	for i, k := range keys {
		w.report(For, honest, k, network(1000+i), noon)
		w.report(Against, scammer, k, network(1000+i), noon)
	}
	highest, days := 0.0, 60
	for day := range days {
		at := noon.AddDate(0, 0, day)
		if day == 20 { // many say it again, when they are new no more
			for i, k := range keys[:many*3/10] {
				w.report(For, honest, k, network(1000+i), at)
			}
		}
		for e, err := range w.entries(t.Context(), decisions{}, at) {
			if w.ok(err); subjectIn(e) != subject(scammer) && e.Confidence > evidence.WarnAtMost {
				t.Fatalf("after %d days: %+v", day, e)
			}
			if subjectIn(e) == subject(honest) {
				highest = max(highest, e.Confidence)
			}
		}
		if c := w.confidence(scammer, at); day < 8 && c < screening.DefaultThreshold {
			t.Errorf("after %d days the scammer is at %.2f", day, c)
		}
	}
	figures.Note(t, "%d keys of one link, each from a network of its own, make phones warn of an honest number (%d%% sure in %d days at most); they turn callers away from %d%%",
		many, screening.Percent(highest), days, screening.Percent(screening.DefaultThreshold))
	if s := w.stands(subject(honest), noon); !slices.Equal(s.Waits, []evidence.Lack{evidence.LackSettled, evidence.LackInvitations}) || s.Newcomers != many {
		t.Errorf("%+v", s)
	}
}

// Whatever keys of one link do, in whatever order, from wherever and for however long: no number is turned away that no more than one
// other household calls a scammer's.
func TestAnyCourseOfOneLink(t *testing.T) {
	numbers := []screening.Number{scammer, another, honest}
	kinds := []Kind{For, For, For, Against, Withdraw}
	for seed := range uint64(unlessShort(8, 2)) {
		random := rand.New(rand.NewPCG(seed, 12))
		w := newWorld(t, 3)
		now := noon
		mistaken := random.IntN(3) // who is wrong about all of them
		for _, n := range numbers {
			w.says(For, n, now, mistaken)
		}
		attackers := w.forced(2+random.IntN(12), 1+mistaken, now.AddDate(0, 0, -random.IntN(30)))
		if random.IntN(2) == 0 { // by another link than that household's
			attackers = w.forced(2+random.IntN(12), 1+(mistaken+1)%3, now.AddDate(0, 0, -random.IntN(30)))
		}
		for range 120 {
			now = now.Add(time.Duration(random.IntN(24)) * time.Hour)
			k := attackers[random.IntN(len(attackers))]
			err := w.Take(t.Context(), w.keys[k], Report{Number: numbers[random.IntN(3)], Kind: kinds[random.IntN(len(kinds))]}, network(random.IntN(40)), now)
			if err != nil && !errors.Is(err, ErrMany) {
				t.Fatal(err)
			}
			for _, n := range numbers {
				if c := w.confidence(n, now); c > evidence.WarnAtMost {
					t.Fatalf("seed %d: %s is at %.2f", seed, n, c)
				}
			}
		}
	}
}

// What it costs to have one honest number turned away, as docs/groups.md says: four keys, a week old, of two invitations with two each,
// and four networks, or one network and three weeks more. With any less of it callers are only warned of.
func TestWhatOneHonestNumberCosts(t *testing.T) {
	type key struct{ invitation, network, day int } // reported that many days after joining
	same := func(keys ...key) []key { return keys }
	for what, test := range map[string]struct {
		keys   []key
		listed bool
	}{
		"the least":                 {same(key{1, 1, 7}, key{1, 2, 7}, key{2, 3, 7}, key{2, 4, 7}), true},
		"three keys":                {same(key{1, 1, 7}, key{2, 2, 7}, key{3, 3, 7}), false},
		"a day too early":           {same(key{1, 1, 6}, key{1, 2, 6}, key{2, 3, 6}, key{2, 4, 6}), false},
		"one invitation":            {same(key{1, 1, 7}, key{1, 2, 7}, key{1, 3, 7}, key{1, 4, 7}, key{1, 5, 7}), false},
		"one, and two of others":    {same(key{1, 1, 7}, key{1, 2, 7}, key{2, 3, 7}, key{3, 4, 7}), true},
		"one, and one of another":   {same(key{1, 1, 7}, key{1, 2, 7}, key{1, 3, 7}, key{1, 4, 7}, key{2, 5, 7}), false},
		"three networks":            {same(key{1, 1, 7}, key{1, 2, 7}, key{2, 3, 7}, key{2, 3, 7}, key{2, 3, 7}), false},
		"one network":               {same(key{1, 1, 7}, key{1, 1, 7}, key{2, 1, 7}, key{2, 1, 7}, key{2, 1, 7}), false},
		"one network within days":   {same(key{1, 1, 7}, key{1, 1, 9}, key{2, 1, 11}, key{2, 1, 13}), false},
		"one network, three weeks":  {same(key{1, 1, 7}, key{1, 1, 14}, key{2, 1, 21}, key{2, 1, 28}), true},
		"the same, a day too early": {same(key{1, 1, 7}, key{1, 1, 14}, key{2, 1, 21}, key{2, 1, 27}), false},
	} {
		w := newWorld(t, 0)
		last := 0
		for _, k := range test.keys {
			w.forced(1, k.invitation, noon)
			last = max(last, k.day)
		}
		for day := range last + 1 {
			for i, k := range test.keys {
				if k.day == day {
					w.report(For, honest, i, network(k.network), noon.AddDate(0, 0, day))
				}
			}
		}
		at := noon.AddDate(0, 0, last)
		for i, k := range test.keys { // all of it fresh
			w.report(For, honest, i, network(k.network), at)
		}
		if got := w.confidence(honest, at) >= screening.DefaultThreshold; got != test.listed {
			t.Errorf("%s: turned away is %v; %+v", what, got, w.stands(subject(honest), at))
		}
	}
}

// A dispute counts where somebody settled makes it, and all of one invitation count as one.
func TestDisputesOfOneLink(t *testing.T) {
	w := newWorld(t, 12)
	w.says(For, scammer, noon, 0, 1, 2, 3, 4, 5, 6, 7, 8)
	before := w.confidence(scammer, noon)
	keys := w.forced(50, 1, noon.AddDate(0, 0, -3))
	for i, k := range keys {
		w.report(Against, scammer, k, network(100+i), noon)
	}
	if c := w.confidence(scammer, noon); c != before {
		t.Errorf("newcomers make %.2f of %.2f", c, before)
	}
	later := noon.AddDate(0, 0, 5)
	w.says(For, scammer, later, 0, 1, 2, 3, 4, 5, 6, 7, 8)
	if c := w.confidence(scammer, later); c < screening.DefaultThreshold {
		t.Errorf("fifty of one invitation make %.2f", c)
	}
	w.says(Against, scammer, later, 9, 10, 11) // of three
	if c := w.confidence(scammer, later); c >= screening.DefaultThreshold {
		t.Errorf("households of three invitations do not count: %.2f", c)
	}
}

func TestTheWaitingQueue(t *testing.T) {
	w := newWorld(t, 5)
	keys := w.forced(10, 1, noon)
	for i := range 9 { // a flood
		for k := range 5 {
			w.report(For, screening.Number(fmt.Sprintf("+4420794611%02d", i)), keys[k], network(100+k), noon)
		}
	}
	w.says(For, another, noon, 0, 1, 2, 3, 4)             // which needs nobody
	w.says(For, scammer, noon.AddDate(0, 0, -1), 0, 1, 2) // old households, and new ones
	w.report(For, scammer, keys[8], network(108), noon)   // …
	w.report(For, scammer, keys[9], network(109), noon)   // …
	w.says(For, honest, noon, 0, 3)                       // of one invitation
	w.report(For, honest, keys[8], network(108), noon)    // …
	w.report(For, honest, keys[9], network(109), noon)    // …
	protected := list.NewProtected(list.ProtectedNumber{Digits: "442079461100", Who: "The council"})
	queue := func() (all []Standing) {
		t.Helper()
		for page := 0; ; page++ {
			found, more, err := w.Numbers(t.Context(), Waiting, 4, page*4, protected, noon)
			w.ok(err)
			if all = append(all, found...); !more {
				return all
			}
		}
	}
	all := queue()
	if len(all) != 10 || all[0].Subject != subject(scammer) || all[1].Subject != subject(honest) {
		t.Fatalf("%+v", all)
	}
	if !slices.Equal(all[0].Waits, []evidence.Lack{evidence.LackSettled}) || all[0].Newcomers != 2 ||
		!slices.Equal(all[1].Waits, []evidence.Lack{evidence.LackSettled, evidence.LackInvitations}) {
		t.Errorf("%+v", all[:2])
	}
	if c := w.confidence(scammer, noon); c != evidence.WarnAtMost {
		t.Errorf("while it waits it is at %.2f", c)
	}
	w.decides(Confirm, subject(scammer), nil)
	w.decides(Dismiss, subject(honest), nil)
	if c := w.confidence(scammer, noon); c < 0.8 {
		t.Errorf("a confirmed number is at %.2f", c)
	}
	if all := queue(); len(all) != 8 {
		t.Errorf("%+v", all)
	}
	// A week later they are new no more; they still came by one invitation. A year later what was confirmed has faded, and waits again.
	found, _, err := w.Numbers(t.Context(), Waiting, 100, 0, protected, noon.AddDate(0, 0, 7))
	if err != nil || len(found) != 8 || !slices.Equal(found[0].Waits, []evidence.Lack{evidence.LackInvitations}) {
		t.Errorf("%+v %v", found, err)
	}
	year := noon.AddDate(0, 13, 0)
	for _, k := range w.forced(4, 2, year) {
		w.report(For, scammer, k, network(200+k), year)
	}
	found, _, err = w.Numbers(t.Context(), Waiting, 100, 0, protected, year)
	if err != nil || len(found) != 1 || found[0].Subject != subject(scammer) || found[0].Confidence >= screening.DefaultThreshold {
		t.Errorf("%+v %v", found, err)
	}
}

func TestTooManyJoin(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	const home = "198.51.100.0/24"
	for i := range JoinsPerNetwork {
		w.joins(w.invites[i%3], home, noon.AddDate(0, 0, i/4)) // four, four and two
	}
	for _, days := range []int{2, 6} {
		if _, err := w.Join(ctx, w.invites[2], home, noon.AddDate(0, 0, days)); !errors.Is(err, ErrNetwork) {
			t.Errorf("day %d: %v", days, err)
		}
	}
	w.joins(w.invites[2], elsewhere, noon.AddDate(0, 0, 2))
	for range 4 { // the four of the first day count no more
		w.joins(w.invites[2], home, noon.AddDate(0, 0, 7))
	}
	if _, err := w.Join(ctx, w.invites[2], home, noon.AddDate(0, 0, 7)); !errors.Is(err, ErrNetwork) {
		t.Error(err)
	}
	next := noon.AddDate(0, 0, 8)
	for i := range JoinsPerInvitation {
		w.joins(w.invites[0], network(i), next)
	}
	if _, err := w.Join(ctx, w.invites[0], network(99), next); !errors.Is(err, ErrRush) {
		t.Error(err)
	}
	w.joins(w.invites[1], network(99), next)
	w.joins(w.invites[0], network(99), next.AddDate(0, 0, 1))
	// A key of 1970 would be an old one at once.
	if _, err := w.Join(ctx, w.invites[0], network(99), time.Unix(60, 0)); !errors.Is(err, ErrClock) {
		t.Error(err)
	}
}

// In its first week a household sends less, so that nobody buries moderators in numbers.
func TestNewcomersSendLess(t *testing.T) {
	w := newWorld(t, 0)
	household := w.joins(w.invite, elsewhere, noon)
	take := func(at time.Time) (taken int) {
		for i := range parish.PerDay + 1 {
			number := screening.Number(fmt.Sprintf("+44207%02d%05d", at.Day(), i))
			err := w.Take(t.Context(), w.keys[household], Report{Number: number, Kind: For}, elsewhere, at)
			if errors.Is(err, ErrMany) {
				return taken
			}
			w.ok(err)
			taken++
		}
		return taken
	}
	if n := take(noon.AddDate(0, 0, 6)); n != parish.PerDay/newcomersPart {
		t.Errorf("a newcomer sends %d", n)
	}
	if n := take(noon.AddDate(0, 0, 7)); n != parish.PerDay {
		t.Errorf("after a week it sends %d", n)
	}
}

// Whoever has sent all that a day allows can still withdraw a mistake, once a report.
func TestAMistakeIsWithdrawnTheSameDay(t *testing.T) {
	w := newWorld(t, 0)
	household := w.joins(w.invite, elsewhere, noon)
	most := parish.PerDay / newcomersPart
	numbers := make([]screening.Number, most)
	for i := range numbers {
		numbers[i] = screening.Number(fmt.Sprintf("+44207946%04d", i))
		w.says(For, numbers[i], noon, household)
	}
	for range 2 {
		w.says(Withdraw, numbers[0], noon, household)
	}
	for _, number := range []screening.Number{numbers[0], scammer} {
		err := w.Take(t.Context(), w.keys[household], Report{Number: number, Kind: For}, elsewhere, noon)
		if !errors.Is(err, ErrMany) {
			t.Errorf("%s after a withdrawal: %v", number, err)
		}
	}
	var reports int
	w.ok(w.read.QueryRow("SELECT count(*) FROM reports").Scan(&reports))
	if reports != most+1 {
		t.Errorf("the ledger has %d reports", reports)
	}
	var counted int
	w.ok(w.read.QueryRow("SELECT spam FROM tallies WHERE number = ?", numbers[0].Key()).Scan(&counted))
	if counted != 0 {
		t.Errorf("what was withdrawn counts %d", counted)
	}
}

// After seven days nothing is left of a network, and no backup has anything of it.
func TestMarksOfNetworksDie(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	now := time.Now()
	w.joins(w.invite, elsewhere, now.AddDate(0, 0, -8))
	w.joins(w.invite, elsewhere, now.AddDate(0, 0, -2))
	household := w.joins(w.invite, elsewhere, now)
	w.report(For, scammer, household, elsewhere, now)
	left := func(db *sql.DB) (secrets, marks, different int) {
		t.Helper()
		w.ok(db.QueryRow("SELECT (SELECT count(*) FROM mark_secrets), (SELECT count(*) FROM marks), (SELECT count(DISTINCT mark) FROM marks)").Scan(&secrets, &marks, &different))
		return secrets, marks, different
	}
	if secrets, marks, different := left(w.read); secrets != 2 || marks != 3 || different != 2 { // the one of eight days ago went when the next came
		t.Errorf("%d %d %d", secrets, marks, different)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	w.ok(w.CopyTo(ctx, copied))
	db, err := sqlite.OpenCopy(copied)
	w.ok(err)
	secrets, marks, _ := left(db)
	if err := db.Close(); secrets != 0 || marks != 0 || err != nil {
		t.Errorf("a backup has %d secrets and %d marks: %v", secrets, marks, err)
	}
	w.ok(w.Forget(ctx, now.AddDate(0, 0, 5)))
	if secrets, marks, _ := left(w.read); secrets != 1 || marks != 2 {
		t.Errorf("after five days %d %d", secrets, marks)
	}
	w.ok(w.Forget(ctx, now.AddDate(0, 0, markDays)))
	if secrets, marks, _ := left(w.read); secrets != 0 || marks != 0 {
		t.Errorf("after seven days %d %d", secrets, marks)
	}
}
