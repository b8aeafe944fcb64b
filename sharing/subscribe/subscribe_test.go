package subscribe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store/lists"
)

func TestSubscribing(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666", "442079461*")
	found, err := h.u.Look(t.Context(), "home", p.source, "")
	if m := found.Manifest; err != nil || found.File != nil || m.Name != "Great Dunmow" || m.Entries != 2 {
		t.Errorf("%+v %v", found, err)
	}
	sub := h.subscribe(p.source, Choices{By: "Susan"})
	if sub.List != "Great Dunmow" || sub.Publisher != "The parish council" || sub.Period != UsualPeriod || sub.By != "Susan" || sub.Serial != 0 || sub.OnlyWarns {
		t.Errorf("%+v", sub)
	}
	p.sent()
	done, err := h.update()
	if want := (Outcome{Full: true, Serial: 1, Counts: lists.Counts{Added: 2, Entries: 2}}); err != nil || fmt.Sprint(done) != fmt.Sprint(want) {
		t.Errorf("%+v %v", done, err)
	}
	if files := p.sent(); !slices.Equal(files, []string{"manifest.json", "manifest.json.minisig", "full-1.ndjson.gz"}) {
		t.Errorf("%v", files)
	}
	if h.verdict(steve) != screening.TurnAway || h.verdict(joan) != screening.Screen || h.verdict("+442079461999") != screening.TurnAway {
		t.Error("the list is not in force")
	}
	h.now = h.now.Add(time.Hour)
	done, err = h.update()
	if err != nil || !done.Unchanged || len(p.sent()) != 0 {
		t.Errorf("what has not changed is got again: %+v %v", done, err)
	}
	p.made = p.made.Add(time.Hour)
	p.publish("442079460001", "442079461*")
	done, err = h.update()
	if want := (Outcome{Serial: 2, Counts: lists.Counts{Added: 1, Removed: 1, Entries: 2}}); err != nil || fmt.Sprint(done) != fmt.Sprint(want) {
		t.Errorf("%+v %v", done, err)
	}
	if files := p.sent(); !slices.Equal(files, []string{"manifest.json", "manifest.json.minisig", "delta-1-2.ndjson.gz"}) {
		t.Errorf("%v", files)
	}
	if h.verdict(steve) != screening.Screen || h.verdict(joan) != screening.TurnAway {
		t.Error("the change is not in force")
	}
	if sub = h.state(); sub.Serial != 2 || sub.Entries != 2 || !sub.Checked.Equal(h.now) || !sub.Changed.Equal(h.now) || !sub.Next.Equal(h.now.Add(UsualPeriod)) || sub.Failures != 0 {
		t.Errorf("%+v", sub)
	}
	if files, err := os.ReadDir(h.u.Folder); err != nil || len(files) != 0 {
		t.Errorf("files are left: %v %v", files, err)
	}
}

// Whoever was away for longer than there are deltas gets the full list.
func TestTooFarBehind(t *testing.T) {
	p, h := subscribed(t)
	p.keep = 2
	for i := range 4 {
		p.made = p.made.Add(time.Minute)
		p.publish(fmt.Sprint(442079460100 + i))
	}
	h.now = p.made
	done, err := h.update()
	if err != nil || !done.Full || done.Serial != 5 || done.Added != 1 || done.Removed != 1 || h.verdict("+442079460103") != screening.TurnAway {
		t.Errorf("%+v %v", done, err)
	}
}

// The same serial signed anew with more time is taken up; an old manifest of it, with less, changes nothing.
func TestAListThatIsRenewed(t *testing.T) {
	p, h := subscribed(t)
	files := func() map[string][]byte {
		all := map[string][]byte{}
		for _, name := range []string{list.ManifestFile, list.SignatureFile} {
			text, err := os.ReadFile(filepath.Join(p.dir, name))
			h.ok(err)
			all[name] = text
		}
		return all
	}
	before := files()
	for name := range before {
		h.ok(os.Remove(filepath.Join(p.dir, name)))
	}
	p.made = monday.AddDate(0, 0, 20)
	h.now = p.made.Add(time.Hour)
	p.publishAs(1, "442079460666")
	if done, err := h.update(); err != nil || !done.Unchanged || !h.state().ValidUntil.Equal(p.made.AddDate(0, 0, 30)) {
		t.Errorf("%+v %v %+v", done, err, h.state())
	}
	for name, text := range before {
		h.ok(os.WriteFile(filepath.Join(p.dir, name), text, 0o600))
	}
	if done, err := h.update(); err != nil || !done.Unchanged || !h.state().ValidUntil.Equal(p.made.AddDate(0, 0, 30)) {
		t.Errorf("%+v %v %+v", done, err, h.state())
	}
}

// What may be on no list is left out of one all the same, whoever has signed it: here for another country.
func TestWhatMayBeOnNoList(t *testing.T) {
	p, h := subscribed(t)
	p.region = "US"
	p.publishEntries(list.Entry{Digits: "442079460666", Confidence: 1}, list.Entry{Digits: "448001111", Confidence: 1}, list.Entry{Digits: "441632960222", Confidence: 1},
		list.Entry{Digits: "442079460001", Confidence: 1, Expires: list.DayOf(monday.AddDate(0, 0, 10))},
		list.Entry{Digits: "442079460002", Confidence: 1, Expires: list.DayOf(monday.AddDate(0, 0, 1))})
	h.now = monday.AddDate(0, 0, 1) // which has come
	done, err := h.update()
	if err != nil || done.Refused != 1 || done.Entries != 3 || len(done.Refusals) != 1 || !strings.Contains(fmt.Sprint(done.Refusals), "Childline") {
		t.Errorf("%+v %v", done, err)
	}
	h.now = monday.AddDate(0, 0, 9)
	// Of the household's alarm centre its publisher knows nothing.
	if h.verdict(joan) != screening.TurnAway || h.verdict("+441632960222") == screening.TurnAway {
		t.Error("the wrong ones are turned away")
	}
	h.now = monday.AddDate(0, 0, 10)
	if h.verdict(joan) != screening.Screen {
		t.Error("an entry that has expired turns away")
	}
	h.ok(h.db.AddContact(t.Context(), "home", "Steve", steve))
	if h.verdict(steve) != screening.Ring {
		t.Error("a list turns a contact away")
	}
}

// A list that nobody has signed warns; with the owner's word it turns away, from an encrypted address or from home.
func TestAListThatIsNotSigned(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666")
	p.source.Key = ""
	h.subscribe(p.source, Choices{})
	if _, err := h.update(); err != nil || h.verdict(steve) != screening.Screen {
		t.Errorf("%v %v", h.verdict(steve), err)
	}
	if files := p.sent(); slices.Contains(files, list.SignatureFile) {
		t.Errorf("%v", files)
	}
	if _, err := h.u.Prepare(t.Context(), "home", p.source, Choices{MayTurnAway: true, Name: "again"}); !errors.Is(err, ErrPlain) {
		t.Error(err)
	}
	h.u.AllowPlain = true
	again, err := h.u.Prepare(t.Context(), "home", p.source, Choices{MayTurnAway: true, Name: "again"})
	h.ok(err)
	if err := h.db.Lists.Subscribe(t.Context(), again); !errors.Is(err, lists.ErrSubscribedTwice) {
		t.Error(err)
	}
	if removed, err := h.db.Lists.Remove(t.Context(), "home", "Great Dunmow"); !removed || err != nil {
		t.Fatal(removed, err)
	}
	h.ok(h.db.Lists.Clean(t.Context()))
	h.subscribe(p.source, Choices{MayTurnAway: true})
	if _, err := h.update(); err != nil || h.verdict(steve) != screening.TurnAway {
		t.Errorf("%v %v", h.verdict(steve), err)
	}
}

func TestChoices(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666")
	for what, c := range map[string]Choices{
		"too often": {Period: time.Minute}, "too rarely": {Period: 30 * 24 * time.Hour}, "a long name": {Name: strings.Repeat("x", lists.MaxName+1)},
		"a name that cannot be read": {Name: "a\u202eb"},
	} {
		if sub, err := h.u.Prepare(t.Context(), "home", p.source, c); err == nil {
			t.Errorf("%s: %+v", what, sub)
		}
	}
	h.now = monday.AddDate(0, 0, 31)
	if _, err := h.u.Look(t.Context(), "home", p.source, ""); !errors.Is(err, list.ErrOutdated) {
		t.Error(err)
	}
	if _, err := h.update(); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
}
