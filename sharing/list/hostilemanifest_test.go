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

// facts are a manifest as its file has it, for tests that change it.
func facts() map[string]any {
	return map[string]any{"format": list.Format, "name": "a", "publisher": "b", "purpose": "c", "region": "GB", "licence": "d", "contact": "e",
		"appeals": "f", "serial": 7, "made": "2026-11-24T10:00:00Z", "valid_until": "2026-12-24T10:00:00Z", "entries": 2,
		"parts": []any{part(list.FullFile(7), 0), part(list.DeltaFile(6, 7), 6)}}
}

func part(file string, from int) map[string]any {
	return map[string]any{"file": file, "from": from, "size": 100, "unpacked": 90, "entries": 2, "sha256": strings.Repeat("ab", 32)}
}

// Long: one table.
func TestHostileManifests(t *testing.T) {
	public, secret := newKey(t)
	parts := func(parts ...any) func(map[string]any) { return func(m map[string]any) { m["parts"] = parts } }
	full := part(list.FullFile(7), 0)
	with := func(key string, value any) map[string]any {
		p := part(list.FullFile(7), 0)
		p[key] = value
		return p
	}
	for what, test := range map[string]struct {
		change func(map[string]any)
		want   error
		why    string
	}{
		"as it should be":      {func(map[string]any) {}, nil, ""},
		"members not known":    {func(m map[string]any) { m["colour"] = []int{1} }, nil, ""},
		"another format":       {func(m map[string]any) { m["format"] = "ringfence-list/2" }, list.ErrManifest, "ringfence-list/2"},
		"no name":              {func(m map[string]any) { m["name"] = "" }, list.ErrManifest, "no name"},
		"a name of blanks":     {func(m map[string]any) { m["name"] = "   " }, list.ErrManifest, "no name"},
		"a long name":          {func(m map[string]any) { m["name"] = strings.Repeat("a", 81) }, list.ErrManifest, "more than 80"},
		"a name of two lines":  {func(m map[string]any) { m["name"] = "a\nb" }, list.ErrManifest, "not for reading"},
		"a name backwards":     {func(m map[string]any) { m["name"] = "a\u202eb" }, list.ErrManifest, "not for reading"},
		"no appeals":           {func(m map[string]any) { delete(m, "appeals") }, list.ErrManifest, "no appeals"},
		"a long purpose":       {func(m map[string]any) { m["purpose"] = strings.Repeat("a", 501) }, list.ErrManifest, "more than 500"},
		"no region":            {func(m map[string]any) { m["region"] = "the moon" }, list.ErrManifest, "region"},
		"serial 0":             {func(m map[string]any) { m["serial"] = 0 }, list.ErrManifest, "serial 0"},
		"serial -1":            {func(m map[string]any) { m["serial"] = -1 }, list.ErrManifest, "serial -1"},
		"serial 2^53 and one":  {func(m map[string]any) { m["serial"] = int64(1)<<53 + 1 }, list.ErrManifest, "serial"},
		"serial 2^63":          {func(m map[string]any) { m["serial"] = json.Number("9223372036854775808") }, list.ErrManifest, ""},
		"a serial of text":     {func(m map[string]any) { m["serial"] = "7" }, list.ErrManifest, ""},
		"half a serial":        {func(m map[string]any) { m["serial"] = 7.5 }, list.ErrManifest, ""},
		"never made":           {func(m map[string]any) { delete(m, "made") }, list.ErrManifest, "when it was made"},
		"never valid":          {func(m map[string]any) { m["valid_until"] = m["made"] }, list.ErrManifest, "never valid"},
		"valid for ever":       {func(m map[string]any) { m["valid_until"] = "2036-11-24T10:00:00Z" }, list.ErrManifest, "more than a year"},
		"a time of nowhere":    {func(m map[string]any) { m["made"] = "yesterday" }, list.ErrManifest, ""},
		"no parts":             {parts(), list.ErrManifest, "no full list"},
		"only a delta":         {parts(part(list.DeltaFile(6, 7), 6)), list.ErrManifest, "no full list"},
		"two full lists":       {parts(full, full), list.ErrManifest, "twice"},
		"a delta twice":        {parts(full, part(list.DeltaFile(6, 7), 6), part(list.DeltaFile(6, 7), 6)), list.ErrManifest, "twice"},
		"a delta of itself":    {parts(full, part(list.DeltaFile(7, 7), 7)), list.ErrManifest, "from serial 7"},
		"a delta of tomorrow":  {parts(full, part(list.DeltaFile(8, 7), 8)), list.ErrManifest, "from serial 8"},
		"a delta from below":   {parts(full, part(list.DeltaFile(-1, 7), -1)), list.ErrManifest, "from serial -1"},
		"up the path":          {parts(with("file", "../../etc/passwd")), list.ErrManifest, "called"},
		"another's address":    {parts(with("file", "https://elsewhere.example/full-7.ndjson.gz")), list.ErrManifest, "called"},
		"a hidden path":        {parts(with("file", "full-7.ndjson.gz/../x")), list.ErrManifest, "called"},
		"an older file":        {parts(with("file", list.FullFile(6))), list.ErrManifest, "called"},
		"no size":              {parts(with("size", 0)), list.ErrManifest, "size"},
		"less than nothing":    {parts(with("unpacked", -1)), list.ErrManifest, "size"},
		"too large":            {parts(with("size", 1<<40)), list.ErrTooLarge, "MB"},
		"too large unpacked":   {parts(with("unpacked", 1<<40)), list.ErrTooLarge, "MB"},
		"a zip bomb":           {parts(with("unpacked", 1<<30)), list.ErrTooLarge, "250 times"},
		"other counts":         {func(m map[string]any) { m["entries"] = 3 }, list.ErrManifest, "2 lines for 3"},
		"half a hash":          {parts(with("sha256", strings.Repeat("ab", 16))), list.ErrManifest, "sha256"},
		"a hash in capitals":   {parts(with("sha256", strings.Repeat("AB", 32))), list.ErrManifest, "sha256"},
		"a hundred and one":    {parts(make([]any, 101)...), list.ErrManifest, "more than 100"},
		"parts that are none":  {func(m map[string]any) { m["parts"] = "all" }, list.ErrManifest, ""},
		"ten million and more": {func(m map[string]any) { m["entries"] = 10_000_001; m["parts"] = []any{with("entries", 10_000_001)} }, list.ErrTooLarge, "at most"},
	} {
		t.Run(what, func(t *testing.T) {
			m := facts()
			test.change(m)
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			_, err = list.Open(text, minisign.Sign(secret, text), public, list.DefaultLimits())
			if !errors.Is(err, test.want) || test.why != "" && !strings.Contains(err.Error(), test.why) {
				t.Errorf("%v", err)
			}
		})
	}
	for what, text := range map[string]string{
		"nothing":        "",
		"no JSON":        "<html>",
		"UTF-16":         "\xff\xfe{\x00",
		"a zero byte":    `{"format":"` + "\x00" + `"}`,
		"a member twice": `{"format":"ringfence-list/1","format":"ringfence-list/1"}`,
		"deep nesting":   `{"x":` + strings.Repeat("[", 200_000),
		"deep and whole": `{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
		"no object":      "[]",
	} {
		if _, err := list.Open([]byte(text), minisign.Sign(secret, []byte(text)), public, list.DefaultLimits()); !errors.Is(err, list.ErrManifest) || len(err.Error()) > 300 {
			t.Errorf("%s: %.300v", what, err)
		}
	}
	large := bytes.Repeat([]byte(" "), list.MaxManifest+1)
	if _, err := list.Open(large, minisign.Sign(secret, large), public, list.DefaultLimits()); !errors.Is(err, list.ErrTooLarge) {
		t.Errorf("a large manifest: %v", err)
	}
}

// A signature that does not fit says nothing of what it was to sign.
func TestSignatures(t *testing.T) {
	public, secret := newKey(t)
	_, other := newKey(t)
	text, err := json.Marshal(facts())
	if err != nil {
		t.Fatal(err)
	}
	right := minisign.Sign(secret, text)
	comment := bytes.Replace(right, []byte("timestamp:"), []byte("timestamp:9"), 1)
	for what, signature := range map[string][]byte{
		"nobody's":                  nil,
		"somebody else's":           minisign.Sign(other, text),
		"of something else":         minisign.Sign(secret, append([]byte(" "), text...)),
		"with another comment":      comment,
		"cut off":                   right[:len(right)-30],
		"a page":                    []byte("<html>\n<body>\n404\n"),
		"with a lot of text behind": append(bytes.Clone(right), bytes.Repeat([]byte("a"), 100)...),
	} {
		if m, err := list.Open(text, signature, public, list.DefaultLimits()); !errors.Is(err, list.ErrSignature) || m.Name != "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := list.Open(text, append(right, make([]byte, list.MaxSignature)...), public, list.DefaultLimits()); !errors.Is(err, list.ErrTooLarge) {
		t.Errorf("a large signature: %v", err)
	}
	if _, err := list.Open(text, right, public, list.DefaultLimits()); err != nil {
		t.Error(err)
	}
}
