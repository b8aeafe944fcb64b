package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
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

// unlessShort is how much of something a test does: with -short, as with the race detector, less.
func unlessShort(whole, short int) int {
	if testing.Short() {
		return short
	}
	return whole
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
