package list_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
)

func TestWhatMayNotBeOnAList(t *testing.T) {
	public, secret := newKey(t)
	protected, err := list.ReadProtected(strings.NewReader("# ours\n01371 872121, Angel Lane Surgery\n01245 362* Broomfield Hospital\n"), "GB")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	refused := map[string]string{
		"+448001111":     "Childline",
		"+44800111*":     "Childline", // it covers 0800 1111, and the gas emergency's
		"+441371872121":  "Angel Lane Surgery",
		"+441371872*":    "Angel Lane Surgery",
		"+441245362999":  "Broomfield Hospital",
		"+44124536*":     "Broomfield Hospital",
		"+4412453627*":   "Broomfield Hospital",
		"+44*":           "too many",
		"+44207*":        "too many",
		"+1571":          "fewer than",
		"+0441371872":    "country code first",
		"+4412345678901": "", // a possible number, whoever has it
	}
	var entries []list.Entry
	for number := range refused {
		entries = append(entries, entry(number, 1))
	}
	p := publish(t, dir, secret, list.Options{Protected: protected}, entries...)
	said := map[string]string{}
	for _, r := range p.Refusals {
		said[r.Number] = r.Why
	}
	for number, why := range refused {
		if said[number] == "" != (why == "") || !strings.Contains(said[number], why) {
			t.Errorf("%s: %q, want %q", number, said[number], why)
		}
	}
	if _, got := contents(t, dir, public); len(got) != 1 || p.Refused != len(refused)-1 {
		t.Errorf("%d are on the list, %d were refused", len(got), p.Refused)
	}

	// A reader keeps off what a publisher did not.
	guard := list.NewGuard(nil, screening.Household{Region: "DE"}, screening.Household{Region: "GB", Telecare: []screening.Number{"+441371555000"}})
	var left []string
	kept := gather(t, guard.Allowed(all(entry("+448001111", 1), entry("+441371555*", 1), entry("+441371555000", 1), entry("+441371555001", 1)),
		func(e list.Entry, _ error) { left = append(left, e.Digits) }))
	if len(kept) != 1 || len(left) != 3 {
		t.Errorf("kept %v, left out %v", kept, left)
	}
}

func TestTheProtectedFile(t *testing.T) {
	for text, want := range map[string]string{
		"01371 872121":                        "line 1: say behind 01371 872121 whose number it is",
		"# a remark\n\nwho knows":             "line 3: ",
		"01371 872121, us\n0137187212199, us": "line 2: ",
		"999, the police":                     "line 1: 999 is a short number",
		"0\x00, zero":                         "line 1: is no text",
		"\xff\xfe0\x001\x00":                  "line 1: is no text",
		strings.Repeat("7", 2000):             "line 1 is longer",
	} {
		if _, err := list.ReadProtected(strings.NewReader(text), "GB"); err == nil || !strings.Contains(err.Error(), strings.Replace(want, "1: is no", "1 is no", 1)) {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
	}
	p, err := list.ReadProtected(strings.NewReader("\ufeff+44 1371 872121;Angel Lane\r\n01245 362*\tBroomfield\n(01279) 444455 Princess Alexandra\n"), "GB")
	if err != nil || p.Len() != 3 {
		t.Errorf("%v %v", p, err)
	}
}

// Two publications at the same time; and a folder of somebody else.
func TestAFolderIsOnePublishers(t *testing.T) {
	public, secret := newKey(t)
	_, other := newKey(t)
	dir := t.TempDir()
	publish(t, dir, secret, list.Options{}, entry("+442079460123", 1))
	busy := func(yield func(list.Entry, error) bool) {
		_, err := list.Publish(t.Context(), dir, secret, parish, all(entry("+442079460123", 1)), list.Options{})
		yield(list.Entry{}, err)
	}
	if _, err := list.Publish(t.Context(), dir, secret, parish, busy, list.Options{}); !errors.Is(err, list.ErrBusy) {
		t.Errorf("%v", err)
	}
	if _, err := list.Publish(t.Context(), dir, other, parish, all[list.Entry](), list.Options{}); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("%v", err)
	}
	if err := os.Rename(filepath.Join(dir, list.SignatureFile), filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	if _, err := list.Publish(t.Context(), dir, secret, parish, all[list.Entry](), list.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a signature: %v", err)
	}
	if err := os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, list.SignatureFile)); err != nil {
		t.Fatal(err)
	}
	if m, got := contents(t, dir, public); m.Serial != 1 || len(got) != 1 {
		t.Errorf("serial %d, %v", m.Serial, got)
	}
}

// Whatever a publication fails of, the old list is there as it was, and the next one goes well.
func TestAPublicationThatFailsLeavesTheOldList(t *testing.T) {
	public, secret := newKey(t)
	dir := t.TempDir()
	publish(t, dir, secret, list.Options{}, entry("+442079460123", 1))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("the disk is gone")
	for what, try := range map[string]func() error{
		"the source breaks": func() error {
			_, err := list.Publish(t.Context(), dir, secret, parish, func(yield func(list.Entry, error) bool) {
				_ = yield(entry("+442079460001", 1), nil) && yield(list.Entry{}, broken)
			}, list.Options{})
			return err
		},
		"out of order": func() error {
			_, err := list.Publish(t.Context(), dir, secret, parish, all(entry("+442079460002", 1), entry("+442079460001", 1)), list.Options{})
			return err
		},
		"interrupted": func() error {
			_, err := list.Publish(cancelled, dir, secret, parish, all(entry("+442079460002", 1)), list.Options{})
			return err
		},
		"no appeals": func() error {
			m := parish
			m.Appeals = " "
			_, err := list.Publish(t.Context(), dir, secret, m, all(entry("+442079460002", 1)), list.Options{})
			return err
		},
		"an old serial": func() error {
			m := parish
			m.Serial = 1
			_, err := list.Publish(t.Context(), dir, secret, m, all(entry("+442079460002", 1)), list.Options{})
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s: no error", what)
		}
		if m, got := contents(t, dir, public); m.Serial != 1 || len(got) != 1 || got[0].Digits != "442079460123" {
			t.Errorf("%s: serial %d with %v", what, m.Serial, got)
		}
	}
	publish(t, dir, secret, list.Options{}, entry("+442079460124", 1))
	m, _ := contents(t, dir, public)
	if m.Serial != 2 || len(m.Parts) != 2 {
		t.Errorf("afterwards: %+v", m)
	}
	files, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(files) != 0 {
		t.Errorf("left behind: %v %v", files, err)
	}
}

// A machine that loses its power between the signature and the manifest leaves a new signature beside the old manifest.
func TestAPublicationThatWasCutOffIsCompleted(t *testing.T) {
	public, secret := newKey(t)
	dir := t.TempDir()
	publish(t, dir, secret, list.Options{}, entry("+442079460123", 1))
	manifest := filepath.Join(dir, list.ManifestFile)
	old, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, dir, secret, list.Options{}, entry("+442079460124", 1))
	if err := os.Rename(manifest, filepath.Join(dir, ".new-"+list.ManifestFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := list.OpenDir(dir, public, list.DefaultLimits()); !errors.Is(err, list.ErrSignature) {
		t.Errorf("in between: %v", err)
	}
	if p := publish(t, dir, secret, list.Options{}, entry("+442079460125", 1)); p.Manifest.Serial != 3 || len(p.Manifest.Parts) != 3 {
		t.Errorf("afterwards: %+v", p.Manifest)
	}
}

// Parts of earlier serials stay for a while for those who are getting them, counted from when they were replaced.
func TestOldPartsGoAfterTheGrace(t *testing.T) {
	_, secret := newKey(t)
	dir := t.TempDir()
	o := list.Options{Grace: time.Hour, Deltas: 2}
	for i := range 5 {
		publish(t, dir, secret, o, entry(fmt.Sprintf("+44207946012%d", i), 1))
	}
	count := func() int {
		files, err := filepath.Glob(filepath.Join(dir, "*.gz"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if got, want := count(), 1+2+3+3+3; got != want {
		t.Errorf("%d parts are there, and not %d", got, want)
	}
	// All were written long ago; those of the last serial are replaced only now.
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	bystander := filepath.Join(dir, "full-x.ndjson.gz")
	if err := os.WriteFile(bystander, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, bystander) {
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, dir, secret, o, entry("+442079460129", 1))
	if got, want := count(), 3+3+1; got != want {
		t.Errorf("%d parts are there, and not %d", got, want)
	}
}

// An expired entry goes out no more, confidence is never rounded up, and what is not for reading is not in a note.
func TestEntriesAreTidied(t *testing.T) {
	public, secret := newKey(t)
	dir := t.TempDir()
	gone, long := entry("+442079460001", 1), entry("+442079460002", 0.29)
	gone.Expires = list.DayOf(time.Now())
	long.Note = "a\x00b\u202ec\n" + strings.Repeat("ä", 200)
	long.Category = "nobody knows"
	publish(t, dir, secret, list.Options{}, gone, long, entry("+442079460003", 0.4999999), entry("+442079460004", 0.5))
	_, got := contents(t, dir, public)
	if len(got) != 3 || got[0].Confidence != 0.29 || got[1].Confidence != 0.49 || got[2].Confidence != 0.5 {
		t.Errorf("%+v", got)
	}
	if note := got[0].Note; !strings.HasPrefix(note, "a b c ä") || len(note) > 200 || got[0].Category != "other" {
		t.Errorf("%q %q", got[0].Category, note)
	}
}

// A publisher who has lost where they were says from which serial on nobody has seen theirs.
func TestASerialHasALeast(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "list")
	_, secret := newKey(t)
	for _, one := range []struct{ least, want int64 }{{0, 1}, {1000, 1000}, {1000, 1001}, {7, 1002}} {
		p := publish(t, dir, secret, list.Options{Least: one.least}, entry("+442079460123", 1))
		if p.Manifest.Serial != one.want {
			t.Errorf("with %d at least: serial %d, not %d", one.least, p.Manifest.Serial, one.want)
		}
	}
}

func TestSerialsAndTimes(t *testing.T) {
	m := parish
	m.Serial, m.Made = 5, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	m.ValidUntil = m.Made.AddDate(0, 0, 30)
	if m.After(5) != nil || m.After(4) != nil || !errors.Is(m.After(6), list.ErrOlder) {
		t.Error("a rollback is not seen, or one is seen where there is none")
	}
	for after, want := range map[time.Duration]error{-time.Hour: nil, 0: nil, 29 * 24 * time.Hour: nil, 30 * 24 * time.Hour: list.ErrOutdated, -48 * time.Hour: list.ErrFuture} {
		if got := m.Fresh(m.Made.Add(after)); !errors.Is(got, want) {
			t.Errorf("after %v: %v", after, got)
		}
	}
}
