package list_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/sharing/list"
)

// parish is what the tests publish; Name to Appeals are its facts.
var parish = list.Manifest{
	Name: "Great Dunmow", Publisher: "The parish council of Great Dunmow", Purpose: "Numbers of callers who defraud people in the parish",
	Region: "GB", Licence: "CC0-1.0", Contact: "https://parish.example/scams", Appeals: "appeals@parish.example",
}

func newKey(t testing.TB) (minisign.PublicKey, minisign.PrivateKey) {
	t.Helper()
	public, secret, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return public, secret
}

func all[T any](each ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range each {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func gather[T any](t testing.TB, from iter.Seq2[T, error]) (each []T) {
	t.Helper()
	each, err := collect(from)
	if err != nil {
		t.Fatal(err)
	}
	return each
}

func collect[T any](from iter.Seq2[T, error]) (each []T, err error) {
	for one, err := range from {
		if err != nil {
			return each, err
		}
		each = append(each, one)
	}
	return each, nil
}

func entry(number string, confidence float64) list.Entry {
	digits, prefix := strings.CutSuffix(strings.TrimPrefix(number, "+"), "*")
	return list.Entry{Digits: digits, Prefix: prefix, Category: "bank", Confidence: confidence, Reporters: "5-9",
		First: list.DayOf(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)), Last: list.DayOf(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))}
}

func publish(t testing.TB, dir string, key minisign.PrivateKey, o list.Options, entries ...list.Entry) list.Published {
	t.Helper()
	p, err := list.Publish(t.Context(), dir, key, parish, all(list.Sort(entries)...), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// contents reads the full list of a folder.
func contents(t testing.TB, dir string, key minisign.PublicKey) (list.Manifest, []list.Entry) {
	t.Helper()
	m, err := list.OpenDir(dir, key, list.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return m, gather(t, m.Full(t.Context(), open(t, dir, m.Part(0)), m.Part(0), list.DefaultLimits()))
}

func open(t testing.TB, dir string, p list.Part) io.Reader {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, p.File))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(text)
}

func TestAListGoesOutAndComesIn(t *testing.T) {
	public, secret := newKey(t)
	dir := filepath.Join(t.TempDir(), "list")
	want := []list.Entry{
		{Digits: "493012345678", Category: "other", Confidence: 1},
		{Digits: "44909879", Prefix: true, Category: "prize", Confidence: 0.9, Note: "premium-rate „prizes“"},
		{Digits: "442079460123", Category: "tech-support", Confidence: 0.51, Reporters: "2-4",
			First: list.DayOf(time.Now().Add(-50 * 24 * time.Hour)), Last: list.DayOf(time.Now()), Expires: list.DayOf(time.Now()) + 100, Note: "says it is Microsoft"},
	}
	p := publish(t, dir, secret, list.Options{}, want...)
	if p.Manifest.Serial != 1 || p.Manifest.Entries != 3 || p.Changed != 3 || p.Refused != 0 {
		t.Errorf("published %+v", p)
	}
	m, got := contents(t, dir, public)
	if !slices.Equal(got, want) { // which publish has put in order
		t.Errorf("of\n%+v\ncame\n%+v", want, got)
	}
	if m.Name != parish.Name || m.Appeals != parish.Appeals || m.Format != list.Format || m.ValidUntil.Sub(m.Made) != 30*24*time.Hour {
		t.Errorf("the manifest is %+v", m)
	}
	if err := m.Fresh(time.Now()); err != nil {
		t.Error(err)
	}
}

// From every earlier serial the delta makes the same contents as the full list.
func TestDeltasMakeWhatTheFullListHas(t *testing.T) {
	public, secret := newKey(t)
	random := rand.New(rand.NewPCG(6, 24))
	number := func() list.Entry {
		e := entry(fmt.Sprintf("+4420794601%02d", random.IntN(20)), float64(random.IntN(4))/4)
		e.Prefix = random.IntN(4) == 0
		return e
	}
	dir := t.TempDir()
	earlier := [][]list.Entry{nil}
	for range 8 {
		var entries []list.Entry
		for range random.IntN(25) {
			entries = append(entries, number())
		}
		publish(t, dir, secret, list.Options{}, entries...)
		_, now := contents(t, dir, public)
		earlier = append(earlier, now)
	}
	m, now := contents(t, dir, public)
	if m.Serial != 8 || len(m.Parts) != 8 {
		t.Fatalf("serial %d with %d parts", m.Serial, len(m.Parts))
	}
	for serial := int64(1); serial < m.Serial; serial++ {
		p := m.Part(serial)
		if p.From != serial {
			t.Fatalf("from serial %d there is %s", serial, p.File)
		}
		made := gather(t, list.Apply(all(earlier[serial]...), m.Delta(t.Context(), open(t, dir, p), p, list.DefaultLimits())))
		if !slices.Equal(made, now) {
			t.Fatalf("from serial %d come\n%v\nand not\n%v", serial, made, now)
		}
	}
	if p := m.Part(m.Serial + 7); p.From != 0 {
		t.Fatalf("from a serial that is not known there is %s", p.File)
	}
	if v, err := m.Verify(t.Context(), func(file string) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, file)) }, list.DefaultLimits(), list.NewGuard(nil)); err != nil || v.Refused != 0 {
		t.Errorf("%+v %v", v, err)
	}
}
