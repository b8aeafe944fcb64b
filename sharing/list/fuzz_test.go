package list_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"aead.dev/minisign"

	"ringfence/sharing/list"
)

func FuzzPart(f *testing.F) {
	_, file := pack(f, good)
	f.Add([]byte(good))
	f.Add([]byte(`{"remove":true,"prefix":"+4420794"}` + "\n" + `{"number":"+442079460123","confidence":1,"category":"bank","first":"2026-01-01"}`))
	f.Add(file)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, packed := pack(t, string(text))
		p.Entries = 1 << 20
		p.From, p.File = 1, list.DeltaFile(1, 2)
		changes, err := collect(list.Manifest{}.Delta(t.Context(), bytes.NewReader(packed), p, list.DefaultLimits()))
		for _, c := range changes {
			if !c.Remove && !(c.Confidence >= 0 && c.Confidence <= 1) || c.Digits == "" || len(c.Digits) > 15 || len(c.Note) > 200 {
				t.Errorf("%+v", c)
			}
		}
		if err == nil {
			t.Error("a part of a million lines")
		}
		// The same bytes as the file itself.
		p.Size, p.Unpacked = int64(len(text)), 1<<10
		_, _ = collect(list.Manifest{}.Delta(t.Context(), bytes.NewReader(text), p, list.DefaultLimits()))
	})
}

func FuzzManifest(f *testing.F) {
	text, err := json.Marshal(facts())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"serial":9223372036854775808}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := list.Parse(text, list.DefaultLimits())
		if err != nil {
			return
		}
		if m.Serial < 1 || m.Serial > list.MaxSerial || m.Part(0).File != list.FullFile(m.Serial) || m.Name == "" {
			t.Errorf("%+v", m)
		}
		for _, p := range m.Parts {
			if strings.ContainsAny(p.File, `/\`) || p.Size > list.DefaultLimits().Size {
				t.Errorf("%+v", p)
			}
		}
	})
}

func FuzzSignature(f *testing.F) {
	public, secret := newKey(f)
	other, _ := newKey(f)
	text := []byte("{}")
	f.Add(minisign.Sign(secret, text))
	f.Fuzz(func(t *testing.T, signature []byte) {
		_, _ = list.Open(text, signature, public, list.DefaultLimits())
		if _, err := list.Open(text, signature, other, list.DefaultLimits()); !errors.Is(err, list.ErrSignature) && !errors.Is(err, list.ErrTooLarge) {
			t.Errorf("%q: %v", signature, err)
		}
	})
}

func FuzzKey(f *testing.F) {
	public, _ := newKey(f)
	f.Add(public.String())
	f.Add("untrusted comment: minisign public key\n" + public.String())
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := list.ParseKey(text); err == nil {
			if again, err := list.ParseKey(key.String()); err != nil || !again.Equal(key) {
				t.Errorf("%q is %s", text, key)
			}
		}
	})
}

func FuzzProtected(f *testing.F) {
	f.Add("01371 872121, Angel Lane Surgery\n# a remark\n01245 362* Broomfield")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := list.ReadProtected(strings.NewReader(text), "GB")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if p.Len() > 1+strings.Count(text, "\n") {
			t.Errorf("%q protects %d numbers", text, p.Len())
		}
	})
}
