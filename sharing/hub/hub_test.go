package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/pressly/goose/v3"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

var parish = Group{
	Name: "Dunmow scam numbers", Publisher: "Great Dunmow parish", Purpose: "Numbers of scammers who ring Great Dunmow", Region: "GB",
	Licence: "CC0-1.0", Contact: "mailto:hub@example.org", Appeals: "https://hub.example/appeal",
	Reporters: 2, Confidence: 0.15, Valid: 14 * 24 * time.Hour, PerDay: 60,
}

// world is a hub and its households, which have joined by several invitations in turn, each from its own network.
type world struct {
	*Hub
	t       *testing.T
	path    string
	invite  string // the first
	invites []string
	secrets []string // of the households
	keys    []int64
}

func newWorld(t *testing.T, households int) *world {
	t.Helper()
	return newWorldOf(t, parish, households)
}

func newWorldOf(t *testing.T, g Group, households int) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(t.TempDir(), "hub.db")}
	var err error
	w.Hub, err = Open(t.Context(), w.path, g)
	w.ok(err)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, note := range []string{"Library", "Church", "Market"} {
		w.invites = append(w.invites, w.invitesFrom(note))
	}
	w.invite = w.invites[0]
	for i := range households {
		w.joins(w.invites[i%len(w.invites)], network(i), noon.AddDate(-3, 0, 0)) // long before anything is reported
	}
	return w
}

// invitesFrom makes an invitation for as many as may be.
func (w *world) invitesFrom(note string) string {
	w.t.Helper()
	secret, err := w.Invite(w.t.Context(), Invitation{Note: note, Most: MostUses, By: "Anna", Made: noon, Expires: noon.AddDate(1, 0, 0)})
	w.ok(err)
	return secret
}

// joins is a household that joins; it returns which of the world's it is.
func (w *world) joins(invite, network string, at time.Time) (household int) {
	w.t.Helper()
	key, err := w.Join(w.t.Context(), invite, network, at)
	w.ok(err)
	id, err := w.KeyOf(w.t.Context(), key)
	w.ok(err)
	w.secrets, w.keys = append(w.secrets, key), append(w.keys, id)
	return len(w.keys) - 1
}

// elsewhere is a network in which no household is at home.
const elsewhere = "192.0.2.0/24"

// network is the one of a household.
func network(household int) string { return fmt.Sprintf("2001:db8:%x::/48", household) }

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// says has households report a number.
func (w *world) says(kind Kind, number screening.Number, at time.Time, households ...int) {
	w.t.Helper()
	for _, i := range households {
		w.ok(w.Take(w.t.Context(), w.keys[i], Report{Number: number, Kind: kind, Day: list.DayOf(at)}, network(i), at))
	}
}

func (w *world) decides(what string, s Subject, more func(d *Decision)) {
	w.t.Helper()
	d := Decision{Subject: s, What: what, Category: "bank", Why: "heard it myself", Who: "Anna", At: noon}
	if more != nil {
		more(&d)
	}
	w.ok(w.Decide(w.t.Context(), d))
}

func (w *world) stands(s Subject, at time.Time) Standing {
	w.t.Helper()
	stands, err := w.Standing(w.t.Context(), s, nil, at)
	w.ok(err)
	return stands
}

func subject(number screening.Number) Subject {
	s, err := ParseSubject(string(number), "GB")
	if err != nil {
		panic(err)
	}
	return s
}

// published publishes the list and reads it back, as a household would.
func (w *world) published(protected *list.Protected, at time.Time) []list.Entry {
	w.t.Helper()
	dir := filepath.Join(filepath.Dir(w.path), "list")
	keyFile := filepath.Join(filepath.Dir(w.path), "list.key")
	if _, err := os.Stat(keyFile); errors.Is(err, fs.ErrNotExist) {
		_, err := list.WriteKeys(keyFile, "")
		w.ok(err)
	}
	key, err := list.ReadKey(keyFile, "")
	w.ok(err)
	public, err := os.ReadFile(keyFile + ".pub")
	w.ok(err)
	parsed, err := list.ParseKey(string(public))
	w.ok(err)
	_, err = w.Publish(w.t.Context(), dir, key, protected, at)
	w.ok(err)
	m, err := list.OpenDir(dir, parsed, list.DefaultLimits())
	w.ok(err)
	part := m.Part(0)
	file, err := os.Open(filepath.Join(dir, part.File))
	w.ok(err)
	defer func() { w.ok(file.Close()) }()
	var entries []list.Entry
	for e, err := range m.Full(w.t.Context(), file, part, list.DefaultLimits()) {
		w.ok(err)
		entries = append(entries, e)
	}
	return entries
}

// shown is a list in short: number, confidence, reporters, category.
func shown(entries []list.Entry) (all []string) {
	for _, e := range entries {
		all = append(all, fmt.Sprintf("%s %.2f %s %s", subjectIn(e), e.Confidence, e.Reporters, e.Category))
	}
	return all
}

const (
	scammer screening.Number = "+442079460123"
	another screening.Number = "+442079460124"
	surgery screening.Number = "+441371872121"
)

func TestWhatHouseholdsSayMakesTheList(t *testing.T) {
	w := newWorld(t, 6)
	w.says(For, scammer, noon, 0, 1, 2, 3)
	w.says(For, another, noon, 0)
	w.says(For, surgery, noon, 0, 1)
	w.ok(w.Take(t.Context(), w.keys[4], Report{Number: scammer, Kind: For, Category: "tech-support", Day: list.DayOf(noon) - 3}, elsewhere, noon))
	protected, err := list.ReadProtected(strings.NewReader("01371 872121, Angel Lane Surgery\n"), "GB")
	w.ok(err)
	if got := shown(w.published(protected, noon)); !slices.Equal(got, []string{"+442079460123 0.56 5-9 tech-support"}) {
		t.Errorf("%q", got)
	}
	if s, err := w.Standing(t.Context(), subject(surgery), protected, noon); err != nil || s.Listed || !strings.Contains(s.Why, "Angel Lane Surgery") {
		t.Errorf("%+v %v", s, err)
	}
	// Four months later it has faded; others have another opinion, and the number recovers.
	later := noon.AddDate(0, 0, 120)
	if s := w.stands(subject(scammer), later); !s.Listed || s.Confidence > 0.40 {
		t.Errorf("%+v", s)
	}
	w.says(Against, scammer, later, 0, 1, 2, 5)
	if s := w.stands(subject(scammer), later); s.Listed || s.For != 2 || s.Against != 4 {
		t.Errorf("%+v", s)
	}
	if got := w.published(protected, later); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// A confidence is published anew only when it has moved, or what households do by it changes.
func TestSmallChangesAreNotPublished(t *testing.T) {
	w := newWorld(t, 6)
	w.says(For, scammer, noon, 0, 1, 2, 3)
	w.says(For, another, noon, 0, 1, 2, 3, 4, 5)
	for _, test := range []struct {
		days int
		want []string
	}{
		{0, []string{"+442079460123 0.51 2-4 other", "+442079460124 0.60 5-9 other"}},
		{1, []string{"+442079460123 0.51 2-4 other", "+442079460124 0.60 5-9 other"}},
		{30, []string{"+442079460123 0.46 2-4 other", "+442079460124 0.60 5-9 other"}}, // 0.57 is near 0.60; 0.46 no longer turns away
		{60, []string{"+442079460123 0.46 2-4 other", "+442079460124 0.52 5-9 other"}},
	} {
		if got := shown(w.published(nil, noon.AddDate(0, 0, test.days))); !slices.Equal(got, test.want) {
			t.Errorf("after %d days: %q", test.days, got)
		}
	}
}

func TestAHouseholdCountsOnce(t *testing.T) {
	w := newWorld(t, 3)
	for range 5 {
		w.says(For, scammer, noon, 0)
	}
	if s := w.stands(subject(scammer), noon); s.For != 1 || s.Listed {
		t.Errorf("%+v", s)
	}
	w.says(For, scammer, noon, 1)
	w.says(Against, scammer, noon, 1)
	if s := w.stands(subject(scammer), noon); s.For != 1 || s.Against != 1 {
		t.Errorf("%+v", s)
	}
	w.says(Withdraw, scammer, noon, 0, 1, 2)
	if s := w.stands(subject(scammer), noon); s.For != 0 || s.Against != 0 || s.Confidence != 0 {
		t.Errorf("%+v", s)
	}
	var rows int
	w.ok(w.read.QueryRow("SELECT count(*) FROM reports").Scan(&rows))
	if rows != 5 { // for, for, against, and two withdrawals: what says nothing new is not added
		t.Errorf("%d rows", rows)
	}
	// A day that is not yet there is taken for today: clocks differ, and nobody's report lasts longer for it.
	w.ok(w.Take(t.Context(), w.keys[2], Report{Number: "+442079460777", Kind: For, Day: list.DayOf(noon) + 1}, elsewhere, noon))
	if s := w.stands(subject("+442079460777"), noon); s.Last != list.DayOf(noon) {
		t.Errorf("%+v", s)
	}
	// A number that rings again keeps from fading, and a key that is pressed takes no category away.
	w.ok(w.Take(t.Context(), w.keys[0], Report{Number: another, Kind: For, Category: "bank"}, elsewhere, noon))
	later := noon.AddDate(0, 0, 200)
	w.says(For, another, later, 0)
	if s := w.stands(subject(another), later); s.Last != list.DayOf(later) || s.Categories["bank"] != 1 || list.Rounded(s.Confidence) != 0.20 {
		t.Errorf("%+v", s)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	w := newWorld(t, 1)
	for says, r := range map[string]Report{
		"international":              {Number: "02079460123", Kind: For},
		"never be turned away":       {Number: "+44800111999", Kind: For}, // see the loop
		"one of tech-support":        {Number: scammer, Kind: For, Category: "fraud"},
		"for, against or withdraw":   {Number: scammer, Kind: "maybe"},
		"one of the last 60":         {Number: scammer, Kind: For, Day: list.DayOf(noon) + 2},
		"has to be one of the last ": {Number: scammer, Kind: For, Day: list.DayOf(noon) - 61},
	} {
		if says == "never be turned away" {
			r.Number = "+448001111" // Childline
		}
		var refused *Refused
		if err := w.Take(t.Context(), w.keys[0], r, elsewhere, noon); !errors.As(err, &refused) || !strings.Contains(refused.Sentence, says) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for i := range parish.PerDay {
		w.says(For, screening.Number(fmt.Sprintf("+4420794%05d", i)), noon, 0)
	}
	err := w.Take(t.Context(), w.keys[0], Report{Number: scammer, Kind: For}, elsewhere, noon)
	if !errors.Is(err, ErrMany) {
		t.Error(err)
	}
	w.says(For, "+442079400001", noon, 0) // which is there already
	w.says(For, scammer, noon.AddDate(0, 0, 1), 0)
	if err := w.Take(t.Context(), 999, Report{Number: scammer, Kind: For}, elsewhere, noon); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
}

// A hub that starts without knowing the time refuses no report for good: not before it has any reports, nor after.
func TestAClockThatIsBehind(t *testing.T) {
	w := newWorld(t, 1)
	putOff := func(boots time.Time) {
		t.Helper()
		if err := w.Take(t.Context(), w.keys[0], Report{Number: scammer, Kind: For, Day: list.DayOf(noon)}, elsewhere, boots); !errors.Is(err, ErrClock) {
			t.Errorf("at %s: %v", boots, err)
		}
	}
	putOff(time.Unix(60, 0))
	w.says(For, another, noon, 0)
	putOff(noon.AddDate(0, 0, -3))
	w.says(For, another, noon.AddDate(0, 0, -1), 0) // clocks differ
}

func TestDecisions(t *testing.T) {
	w := newWorld(t, 8)
	w.says(For, scammer, noon, 0, 1, 2, 3)
	w.decides(Dismiss, subject(scammer), nil)
	if s := w.stands(subject(scammer), noon); s.Listed || s.For != 4 {
		t.Errorf("%+v", s)
	}
	w.says(For, scammer, noon, 4, 5)
	again, more, err := w.Numbers(t.Context(), Again, 10, 0, nil, noon)
	if err != nil || more || len(again) != 1 || again[0].Subject != subject(scammer) || again[0].Listed {
		t.Errorf("%+v %v", again, err)
	}
	w.decides(Undo, subject(scammer), nil)
	if s := w.stands(subject(scammer), noon); !s.Listed || s.For != 6 {
		t.Errorf("%+v", s)
	}
	// A confirmed number needs no reports, and fades as all do.
	w.decides(Confirm, subject(another), func(d *Decision) { d.Public = "says he is from Microsoft" })
	got := w.published(nil, noon)
	if s := shown(got); !slices.Equal(s, []string{"+442079460123 0.60 5-9 other", "+442079460124 0.83  bank"}) || got[1].Note != "says he is from Microsoft" {
		t.Errorf("%q", s)
	}
	if s := w.stands(subject(another), noon.AddDate(0, 11, 0)); s.Confidence < 0.40 || s.Confidence > 0.51 {
		t.Errorf("%+v", s)
	}
	if s := w.stands(subject(another), noon.AddDate(3, 0, 0)); s.Listed {
		t.Errorf("%+v", s)
	}
	// A protected number takes the beginnings that cover it from the list.
	begins := Subject{"4413718721", true}
	w.decides(Confirm, begins, nil)
	w.decides(Protect, subject(surgery), func(d *Decision) { d.Public = "Angel Lane Surgery" })
	if s := w.stands(begins, noon); s.Listed || !strings.Contains(s.Why, "Angel Lane Surgery") {
		t.Errorf("%+v", s)
	}
	var refused *Refused
	for _, what := range []string{Confirm, Dismiss, Merge} { // not by somebody who has not seen that it is protected
		err := w.Decide(t.Context(), Decision{Subject: subject(surgery), What: what, Category: "bank", Into: subject(another), Why: "because", Who: "Ben", At: noon})
		if !errors.As(err, &refused) || !strings.Contains(refused.Sentence, "is protected: undo that first") {
			t.Errorf("%s of a protected number: %v", what, err)
		}
	}
	if got := w.published(nil, noon); len(got) != 2 {
		t.Errorf("%q", shown(got))
	}
	log, err := w.Decisions(t.Context(), Subject{}, 100)
	if err != nil || len(log) != 5 || log[0].What != Protect || log[0].Who != "Anna" || log[0].Why != "heard it myself" || log[4].What != Dismiss {
		t.Errorf("%+v %v", log, err)
	}
}

func TestMergedNumbers(t *testing.T) {
	w := newWorld(t, 5)
	begins := Subject{"44207946012", true}
	w.says(For, scammer, noon, 0, 1, 2)
	w.says(For, another, noon, 2, 3)
	w.says(Against, another, noon, 4)
	merge := func(number screening.Number, into Subject) {
		w.decides(Merge, subject(number), func(d *Decision) { d.Into = into })
	}
	merge(scammer, subject(another))
	merge(another, begins)
	// One household counts once, whichever of them it reported: 0 to 3 for, 4 against.
	s := w.stands(begins, noon)
	if s.For != 4 || s.Against != 1 || !s.Listed || !slices.Equal(s.Merged, []Subject{subject(scammer), subject(another)}) {
		t.Errorf("%+v", s)
	}
	w.says(For, "+442079450000", noon, 0, 1)
	w.says(For, "+442079470000", noon, 0, 1)
	w.says(For, "+4420794601", noon, 0, 1)
	if got := shown(w.published(nil, noon)); !slices.Equal(got, []string{
		"+4420794601 0.29 2-4 other", "+44207946012* 0.37 2-4 other", "+442079450000 0.29 2-4 other", "+442079470000 0.29 2-4 other"}) {
		t.Errorf("%q", got)
	}
	for what, d := range map[string]Decision{
		"already":               {Subject: subject(another), What: Merge, Into: subject(scammer)}, // a ring
		"itself":                {Subject: subject(another), What: Merge, Into: subject(another)},
		"far too many":          {Subject: subject(another), What: Merge, Into: Subject{"4420", true}},
		"whole number":          {Subject: begins, What: Merge, Into: subject(another)},
		"undone":                {Subject: subject(surgery), What: Undo},
		"what the callers want": {Subject: subject(surgery), What: Confirm},
		"whose number":          {Subject: subject(surgery), What: Protect},
	} {
		d.Why, d.Who, d.At = "because", "Anna", noon
		var refused *Refused
		if err := w.Decide(t.Context(), d); !errors.As(err, &refused) || !strings.Contains(refused.Sentence, what) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	var refused *Refused
	if err := w.Decide(t.Context(), Decision{Subject: subject(scammer), What: Dismiss, Why: " \n", Who: "Anna", At: noon}); !errors.As(err, &refused) {
		t.Error("without a reason:", err)
	}
	for says, typed := range map[string]string{"emergency": "999", "Childline": "0800 1111", "short number": "1471", "far too many": "+44*", "holds": "<script>"} {
		if s, err := ParseSubject(typed, "GB"); !errors.As(err, &refused) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v %v", typed, s, err)
		}
	}
}

func TestExpelling(t *testing.T) {
	w := newWorld(t, 4)
	w.says(For, surgery, noon, 0, 1, 2)
	w.says(For, scammer, noon, 0, 3)
	w.decides(Dismiss, subject(surgery), nil)
	keys, err := w.Keys(t.Context(), "", noon)
	if err != nil || len(keys) != 4 || keys[0].Dismissed != 1 || keys[0].Recent != 2 || keys[3].Dismissed != 0 || keys[3].Reports != 1 {
		t.Fatalf("%+v %v", keys, err)
	}
	bad := keys[slices.IndexFunc(keys, func(k Key) bool { return k.ID == w.keys[0] })].Pseudonym
	w.ok(w.Expel(t.Context(), strings.ToLower(bad), true, "Anna", "reports the surgery", noon))
	if s := w.stands(subject(scammer), noon); s.For != 1 || s.Listed {
		t.Errorf("%+v", s)
	}
	if _, err := w.KeyOf(t.Context(), w.secrets[0]); !errors.Is(err, ErrExpelled) {
		t.Error(err)
	}
	if err := w.Take(t.Context(), w.keys[0], Report{Number: another, Kind: For}, elsewhere, noon); !errors.Is(err, ErrExpelled) {
		t.Error(err)
	}
	var refused *Refused
	if err := w.Expel(t.Context(), bad, true, "Anna", "again", noon); !errors.As(err, &refused) {
		t.Error(err)
	}
	w.ok(w.Expel(t.Context(), bad, false, "Ben", "it was a misunderstanding", noon))
	if s := w.stands(subject(scammer), noon); s.For != 2 || !s.Listed {
		t.Errorf("%+v", s)
	}
	invitations, err := w.Invitations(t.Context(), noon)
	w.ok(err)
	for i, want := range []int{1, 1, 2} { // the newest first
		if n, err := w.ExpelInvited(t.Context(), invitations[i].ID, "Anna", "the invitation was on a forum of scammers", noon); n != want || err != nil {
			t.Error(n, err)
		}
	}
	if s := w.stands(subject(scammer), noon); s.For != 0 {
		t.Errorf("%+v", s)
	}
	if _, err := w.Join(t.Context(), w.invite, elsewhere, noon); !errors.Is(err, ErrInvitation) {
		t.Error(err)
	}
	log, err := w.Expulsions(t.Context(), 10)
	if err != nil || len(log) != 6 || log[5].Pseudonym != bad || log[4].Expelled || log[4].Who != "Ben" {
		t.Errorf("%+v %v", log, err)
	}
	if n, err := w.Households(t.Context()); n != 0 || err != nil {
		t.Error(n, err)
	}
}

func TestInvitations(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	secret, err := w.Invite(ctx, Invitation{Note: "Leaflet", Most: 2, By: "Anna", Made: noon, Expires: noon.Add(24 * time.Hour)})
	w.ok(err)
	for range 2 {
		w.ok(w.checkInvitation(ctx, secret, noon))
		_, err := w.Join(ctx, secret, elsewhere, noon)
		w.ok(err)
	}
	if _, err := w.Join(ctx, secret, elsewhere, noon); !errors.Is(err, ErrInvitation) {
		t.Error("three have joined with an invitation of two:", err)
	}
	late, err := w.Invite(ctx, Invitation{Note: "Leaflet", Most: 2, By: "Anna", Made: noon, Expires: noon.Add(24 * time.Hour)})
	w.ok(err)
	if _, err := w.Join(ctx, late, elsewhere, noon.Add(25*time.Hour)); !errors.Is(err, ErrInvitation) {
		t.Error("it is too old:", err)
	}
	all, err := w.Invitations(ctx, noon)
	if err != nil || len(all) != 5 || all[1].Used != 2 || all[1].Newcomers != 2 || all[1].Open(noon) || !all[0].Open(noon) {
		t.Errorf("%+v %v", all, err)
	}
	done, err := w.WithdrawInvitation(ctx, all[0].ID, noon)
	if !done || err != nil {
		t.Error(done, err)
	}
	if err := w.checkInvitation(ctx, late, noon); !errors.Is(err, ErrInvitation) {
		t.Error("it was withdrawn:", err)
	}
	if err := w.checkInvitation(ctx, "", noon); !errors.Is(err, ErrInvitation) {
		t.Error(err)
	}
	for _, i := range []Invitation{{Note: "x", Most: 0}, {Note: "x", Most: MostUses + 1}, {Note: " ", Most: 1}, {Note: "x", Most: 1, Made: noon, Expires: noon}} {
		var refused *Refused
		if _, err := w.Invite(ctx, i); !errors.As(err, &refused) {
			t.Errorf("%+v: %v", i, err)
		}
	}
}

// Of a household nothing is kept with a report, and whoever has the database has nobody's key, invitation, or link.
func TestNothingOfAHouseholdIsKept(t *testing.T) {
	w := newWorld(t, 2)
	w.says(For, scammer, noon, 0, 1)
	var columns []string
	w.ok(sqlite.Each(t.Context(), w.read, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		columns = append(columns, name)
		return err
	}, "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.name IN ('reports', 'keys', 'tallies', 'marks') ORDER BY m.name, c.cid"))
	if want := strings.Fields("keys.id keys.hash keys.pseudonym keys.invitation_id keys.joined keys.expelled " +
		"marks.mark marks.number marks.day marks.times " +
		"reports.id reports.key_id reports.number reports.kind reports.category reports.day reports.received reports.apart " +
		"tallies.number tallies.spam tallies.not_spam tallies.last"); !slices.Equal(columns, want) {
		t.Errorf("what is kept has changed: is there anything of a household in it?\n%q", columns)
	}
	m, err := w.AddModerator(t.Context(), "Anna Taylor", "anna@example.org", byCommand)
	w.ok(err)
	link, err := w.People.MakePasswordLink(t.Context(), m.ID, noon.AddDate(1, 0, 0))
	w.ok(err)
	w.ok(w.Leave(t.Context(), w.keys[1]))
	if _, err := w.KeyOf(t.Context(), w.secrets[1]); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
	if s := w.stands(subject(scammer), noon); s.For != 2 {
		t.Errorf("what somebody has said goes when they leave: %+v", s)
	}
	w.ok(w.Close())
	for _, file := range []string{w.path, w.path + "-wal"} {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		for _, secret := range append(w.secrets, w.invite, link, network(0), network(1)) {
			if bytes.Contains(content, []byte(strings.TrimPrefix(secret, "rfk_"))) {
				t.Error("a secret stands in", filepath.Base(file))
			}
		}
	}
	if info, err := os.Stat(w.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

func TestLedgersCannotBeEdited(t *testing.T) {
	w := newWorld(t, 2)
	ctx := t.Context()
	w.says(For, scammer, time.Now(), 0, 1)
	w.decides(Dismiss, subject(scammer), nil)
	keys, err := w.Keys(ctx, "", time.Now())
	w.ok(err)
	w.ok(w.Expel(ctx, keys[0].Pseudonym, true, "Anna", "because", noon))
	for _, statement := range []string{
		"UPDATE reports SET kind = 'against'", "DELETE FROM reports", "INSERT OR REPLACE INTO reports SELECT id, key_id, number, 'against', '', day, received, apart FROM reports",
		"UPDATE decisions SET who = 'Ben'", "DELETE FROM decisions", "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
		"UPDATE expulsions SET who = 'Ben'", "DELETE FROM expulsions", "INSERT OR REPLACE INTO expulsions SELECT * FROM expulsions",
	} {
		if _, err := w.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// What is two years old goes, and the tallies say what is left.
func TestForgetting(t *testing.T) {
	w := newWorld(t, 3)
	ctx := t.Context()
	now := time.Now()
	old := now.AddDate(0, 0, -800)
	w.says(For, scammer, old, 0, 1)
	w.says(For, another, old, 0)
	w.says(For, scammer, now, 1) // it rang again
	w.says(Against, scammer, now, 2)
	secret, err := w.Appeal(ctx, Appeal{Number: scammer, Text: "That is our office.", Reach: "office@example.org"}, old)
	w.ok(err)
	a, err := w.AppealOf(ctx, secret)
	w.ok(err)
	w.ok(w.Answer(ctx, a.ID, "It is off the list.", "Anna", old))
	w.ok(w.Forget(ctx, now))
	var reports int
	w.ok(w.read.QueryRow("SELECT count(*) FROM reports").Scan(&reports))
	if s := w.stands(subject(scammer), now); reports != 2 || s.For != 1 || s.Against != 1 {
		t.Errorf("%d reports, %+v", reports, s)
	}
	w.tallied(ctx)
	if a, err := w.AppealOf(ctx, secret); err != nil || a.Reach != "" || a.Answer == "" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestAppeals(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	secret, err := w.Appeal(ctx, Appeal{Number: scammer, Text: "That is our office.\r\n\u202eSee\x00 the register.", Reach: "office@example.org"}, noon)
	w.ok(err)
	a, err := w.AppealOf(ctx, secret)
	if err != nil || a.Text != "That is our office.\nSee  the register." || a.Number != scammer || !a.Answered.IsZero() {
		t.Errorf("%+v %v", a, err)
	}
	if n, err := w.WaitingAppeals(ctx); n != 1 || err != nil {
		t.Error(n, err)
	}
	w.ok(w.Answer(ctx, a.ID, "It is off the list.", "Anna", noon))
	var refused *Refused
	if err := w.Answer(ctx, a.ID, "No, it is not.", "Ben", noon); !errors.As(err, &refused) {
		t.Error(err)
	}
	if a, err := w.AppealByID(ctx, a.ID); err != nil || a.Answer != "It is off the list." || a.By != "Anna" {
		t.Errorf("%+v %v", a, err)
	}
	for _, a := range []Appeal{{Number: scammer, Text: "x"}, {Number: scammer, Reach: "x"}, {Text: "x", Reach: "x"}, {Number: scammer, Text: strings.Repeat("x", 2001), Reach: "x"}} {
		if _, err := w.Appeal(ctx, a, noon); !errors.As(err, &refused) {
			t.Errorf("%.60v: %v", a, err)
		}
	}
	if _, err := w.AppealOf(ctx, "rubbish"); !errors.Is(err, ErrNoAppeal) {
		t.Error(err)
	}
	for range mostOpen {
		_, err = w.Appeal(ctx, Appeal{Number: scammer, Text: "x", Reach: "x"}, noon)
		w.ok(err)
	}
	if _, err = w.Appeal(ctx, Appeal{Number: scammer, Text: "x", Reach: "x"}, noon); !errors.Is(err, ErrCrowded) {
		t.Error(err)
	}
	all, err := w.Appeals(ctx, 1000)
	if err != nil || len(all) != mostOpen+1 || all[mostOpen].Answer == "" {
		t.Error(len(all), err)
	}
}

func TestModerators(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	m, err := w.AddModerator(ctx, "Anna Taylor", "anna@example.org", byCommand)
	if err != nil || m.HasPassword {
		t.Fatal(m, err)
	}
	var refused people.Refusal
	for _, bad := range [][2]string{{"Ben", "ANNA@example.org"}, {"", "ben@example.org"}, {"Ben", "ben"}, {"Ben", "Ben <ben@example.org>"}} {
		if _, err := w.AddModerator(ctx, bad[0], bad[1], byCommand); !errors.As(err, &refused) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	all := accounts.New(w.People, w.Hub, slog.New(slog.DiscardHandler))
	link, until, err := all.MakePasswordLink(ctx, m, byCommand)
	if err != nil || !until.Equal(noon.AddDate(0, 0, 1)) {
		t.Error(until, err)
	}
	const password, another = "kettle orbit walnut sofa", "walnut sofa kettle orbit"
	if _, err := all.UsePasswordLink(ctx, link, password, until); !errors.Is(err, people.ErrLinkOver) {
		t.Error(err)
	}
	login, err := w.People.AddLogin(ctx, m.ID, "Mozilla/5.0\x00 (Linux)", "192.0.2.1", noon)
	w.ok(err)
	if l, whose, err := w.People.Login(ctx, login); err != nil || whose.ID != m.ID || l.Agent != "Mozilla/5.0 (Linux)" || l.Address != "" || !l.Seen.Equal(noon) {
		t.Errorf("%+v %+v %v", l, whose, err)
	}
	used, err := all.UsePasswordLink(ctx, link, password, noon)
	now, secrets, err2 := w.People.ByEmail(ctx, "Anna@Example.org")
	if err != nil || err2 != nil || secrets.Password == "" || !now.HasPassword || used.ID != m.ID {
		t.Errorf("%+v %+v %q %v %v", used, now, secrets, err, err2)
	}
	if _, _, err := w.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error("a login outlives the password:", err)
	}
	if _, err := all.UsePasswordLink(ctx, link, another, noon); !errors.Is(err, people.ErrLinkOver) {
		t.Error("a link opens twice:", err)
	}
	w.ok(w.People.UpgradePassword(ctx, m.ID, "not that", "wrong"))
	w.ok(w.People.UpgradePassword(ctx, m.ID, secrets.Password, "better"))
	if _, secrets, err := w.People.ByEmail(ctx, m.Email); secrets.Password != "better" || err != nil {
		t.Error(secrets, err)
	}
	w.codesOpenOnce(all, m)
	login, err = w.People.AddLogin(ctx, m.ID, "", "", noon)
	w.ok(err)
	w.ok(w.RemoveModerator(ctx, m, byCommand))
	if _, _, err := w.People.ByID(ctx, m.ID); !errors.Is(err, people.ErrNobody) {
		t.Error(err)
	}
	if _, _, err := w.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error(err)
	}
	for _, err := range []error{w.RemoveModerator(ctx, m, byCommand), all.SetPassword(ctx, m, password, 0, byCommand), all.RemoveCodes(ctx, m, byCommand)} {
		if !errors.Is(err, people.ErrNobody) {
			t.Error(err)
		}
	}
	// All of it stands in the journal, which nobody can edit.
	journal, err := w.Journal(ctx, 100)
	w.ok(err)
	var noted []string
	for _, n := range journal {
		noted = append(noted, string(n.What)+" "+n.About+" by "+n.Who)
	}
	if want := []string{
		"moderator-removed Anna Taylor by the command line", "codes-off Anna Taylor by Anna Taylor", "recovery-codes Anna Taylor by Anna Taylor",
		"recovery-code-used Anna Taylor by Anna Taylor", "codes-on Anna Taylor by Anna Taylor", "password-set Anna Taylor by Anna Taylor",
		"password-link Anna Taylor by the command line", "moderator-added Anna Taylor by the command line",
	}; !slices.Equal(noted, want) || !journal[0].At.Equal(noon) {
		t.Errorf("%q", noted)
	}
	for _, statement := range []string{"UPDATE journal SET who = ''", "DELETE FROM journal", "REPLACE INTO journal SELECT * FROM journal"} {
		if _, err := w.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
			t.Error(statement, err)
		}
	}
}

var byCommand = accounts.By{Name: ByCommand, At: noon}

// codesOpenOnce switches codes by an app on and off again: each of them, and each recovery code, is taken once.
func (w *world) codesOpenOnce(all *accounts.Accounts, m people.Person) {
	w.t.Helper()
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	ctx, herself := w.t.Context(), accounts.Themselves(m, noon)
	code := func(at time.Time) string {
		code, err := totp.GenerateCode(secret, at)
		w.ok(err)
		return code
	}
	recovery, err := all.SetUpCodes(ctx, m, secret, code(noon), herself)
	w.ok(err)
	m, x, err := w.People.ByID(ctx, m.ID)
	if err != nil || !m.HasTOTP || x.TOTP == "" || len(recovery) != 10 {
		w.t.Errorf("%+v %+v %v", m, recovery, err)
	}
	try := func(code, recovery string, right bool) {
		w.t.Helper()
		var refused people.Refusal
		err := all.TryCode(ctx, accounts.CodeTry{Person: m.ID, Code: code, Recovery: recovery, Address: "192.0.2.1", At: noon})
		if right != (err == nil) || err != nil && !errors.As(err, &refused) {
			w.t.Errorf("%q %q: %v", code, recovery, err)
		}
	}
	try(code(noon), "", false)
	try(code(noon.Add(30*time.Second)), "", true)
	try(code(noon.Add(30*time.Second)), "", false)
	try("", strings.ToUpper(recovery[3]), true)
	try("", recovery[3], false)
	if left, err := w.People.RecoveryCodesLeft(ctx, m.ID); err != nil || left != 9 {
		w.t.Error(left, err)
	}
	again, err := all.NewRecoveryCodes(ctx, m, herself)
	if err != nil || len(again) != 10 {
		w.t.Error(again, err)
	}
	try("", recovery[4], false)
	w.ok(all.RemoveCodes(ctx, m, herself))
	left, err := w.People.RecoveryCodesLeft(ctx, m.ID)
	m, _, err2 := w.People.ByID(ctx, m.ID)
	if err != nil || err2 != nil || left != 0 || m.HasTOTP {
		w.t.Errorf("%d %+v %v %v", left, m, err, err2)
	}
}

func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	if err := sqlite.Create(path); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Writer(path)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.DB, files)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := provider.UpTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		// A moderator of the first version keeps the account.
		if _, err := db.ExecContext(t.Context(), "INSERT INTO moderators (name, email, password, epoch, added_at) VALUES ('Anna', 'anna@example.org', 'hash', 3, 1)"); err != nil {
			t.Fatal(err)
		}
		if _, err := provider.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		var kept string
		if err := db.QueryRow("SELECT name || password || totp_secret || totp_step FROM moderators").Scan(&kept); err != nil || kept != "Annahash0" {
			t.Error(kept, err)
		}
		if _, err := provider.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	var left int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'").Scan(&left); err != nil || left != 0 {
		t.Error(left, "things are left", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := Open(context.Background(), path, parish); err == nil || !strings.Contains(err.Error(), "is damaged: move it away and restore a backup") {
		t.Error(h, err)
	}
}

// tallied holds the tallies against the ledger, counted in the plainest way.
func (w *world) tallied(ctx context.Context) {
	w.t.Helper()
	w.ok(sqlite.Each(ctx, w.read, func(scan func(...any) error) error {
		var number, spam, notSpam, ledgerSpam, ledgerNot int64
		err := scan(&number, &spam, &notSpam, &ledgerSpam, &ledgerNot)
		if spam != ledgerSpam || notSpam != ledgerNot {
			w.t.Errorf("+%d: the tally says %d and %d, the ledger %d and %d", number, spam, notSpam, ledgerSpam, ledgerNot)
		}
		return err
	}, `WITH newest AS (SELECT number, kind FROM reports WHERE id IN (SELECT max(id) FROM reports GROUP BY number, key_id)
			AND key_id IN (SELECT id FROM keys WHERE expelled = 0)),
		counted AS (SELECT number, sum(kind = 'for') AS spam, sum(kind = 'against') AS not_spam FROM newest GROUP BY number)
		SELECT n.number, coalesce(t.spam, 0), coalesce(t.not_spam, 0), coalesce(c.spam, 0), coalesce(c.not_spam, 0)
		FROM (SELECT number FROM tallies UNION SELECT number FROM counted) n LEFT JOIN tallies t USING (number) LEFT JOIN counted c USING (number)`))
}

// checkInvitation is ErrInvitation where nobody can join with it.
func (w *world) checkInvitation(ctx context.Context, secret string, now time.Time) error {
	_, err := invitation(ctx, w.read, secret, now)
	return err
}
