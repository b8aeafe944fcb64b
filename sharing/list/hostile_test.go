package list_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/sharing/list"
)

// pack makes a file of a text, and the manifest's part that describes it rightly.
func pack(t testing.TB, text string) (part list.Part, file []byte) {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed.Bytes())
	return list.Part{File: list.FullFile(1), Size: int64(packed.Len()), Unpacked: int64(len(text)), Entries: int64(strings.Count(text, "\n")),
		SHA256: hex.EncodeToString(sum[:])}, packed.Bytes()
}

const good = `{"number":"+442079460123","confidence":0.5}` + "\n" + `{"number":"+442079460124","confidence":1}` + "\n"

// Each is a list of a publisher whose signature is right and who means ill, or whose disk does.
func TestHostileParts(t *testing.T) {
	line := func(text string) func(*list.Part, *[]byte) {
		return func(p *list.Part, file *[]byte) { *p, *file = pack(t, text) }
	}
	for what, test := range map[string]struct {
		make func(*list.Part, *[]byte)
		want error
		why  string
	}{
		"as it should be":       {line(good), nil, ""},
		"lines of Windows":      {line(strings.ReplaceAll(good, "\n", "\r\n")), nil, ""},
		"members not known":     {line(`{"number":"+442079460123","confidence":0,"colour":{"a":[1]}}` + "\n"), nil, ""},
		"a category not known":  {line(`{"number":"+442079460123","confidence":0,"category":"pigeons"}` + "\n"), nil, ""},
		"nothing":               {line(""), nil, ""},
		"no gzip":               {func(p *list.Part, file *[]byte) { *file = []byte("hello, this is a page of the captive portal") }, list.ErrPart, "no gzip"},
		"nothing at all":        {func(_ *list.Part, file *[]byte) { *file = nil }, list.ErrPart, "no gzip"},
		"cut off":               {func(_ *list.Part, file *[]byte) { *file = (*file)[:len(*file)-9] }, list.ErrPart, "cut off"},
		"a bit is another":      {func(_ *list.Part, file *[]byte) { (*file)[len(*file)/2] ^= 4 }, list.ErrPart, ""},
		"something behind it":   {func(p *list.Part, file *[]byte) { *file = append(*file, 'x'); p.Size++ }, list.ErrPart, ""},
		"another hash":          {func(p *list.Part, _ *[]byte) { p.SHA256 = strings.Repeat("0", 64) }, list.ErrPart, "sha256"},
		"larger":                {func(p *list.Part, _ *[]byte) { p.Size-- }, list.ErrPart, "more than"},
		"smaller":               {func(p *list.Part, _ *[]byte) { p.Size++ }, list.ErrPart, "bytes and not"},
		"more text":             {func(p *list.Part, _ *[]byte) { p.Unpacked-- }, list.ErrPart, "bytes of text"},
		"less text":             {func(p *list.Part, _ *[]byte) { p.Unpacked++ }, list.ErrPart, "bytes of text"},
		"more lines":            {func(p *list.Part, _ *[]byte) { p.Entries-- }, list.ErrPart, "more than 1 lines"},
		"fewer lines":           {func(p *list.Part, _ *[]byte) { p.Entries++ }, list.ErrPart, "2 lines and not 3"},
		"a zero byte":           {line(`{"number":"+442079460123","confidence":1,"note":"a` + "\x00" + `"}` + "\n"), list.ErrPart, "line 1"},
		"a written zero byte":   {line(`{"number":"+442079460123","confidence":1,"note":"a\u0000"}` + "\n"), list.ErrPart, "not for reading"},
		"writing backwards":     {line(`{"number":"+442079460123","confidence":1,"note":"a\u202e"}` + "\n"), list.ErrPart, "not for reading"},
		"UTF-16":                {line("\xff\xfe{\x00\"\x00\n\x00"), list.ErrPart, "line 1"},
		"no UTF-8":              {line("{\"number\":\"+442079460123\",\"confidence\":1,\"note\":\"\xe9\"}\n"), list.ErrPart, "line 1"},
		"a member twice":        {line(`{"number":"+442079460123","number":"+442079460124","confidence":1}` + "\n"), list.ErrPart, "line 1"},
		"a number twice":        {line(good[:len(good)/2+1] + good), list.ErrPart, "twice"},
		"out of order":          {line(`{"number":"+442079460124","confidence":1}` + "\n" + `{"number":"+442079460123","confidence":1}` + "\n"), list.ErrPart, "out of order"},
		"no number":             {line(`{"confidence":1}` + "\n"), list.ErrPart, "either a number or a prefix"},
		"a number and a prefix": {line(`{"number":"+442079460123","prefix":"+442","confidence":1}` + "\n"), list.ErrPart, "either a number or a prefix"},
		"no plus":               {line(`{"number":"02079460123","confidence":1}` + "\n"), list.ErrPart, "begin with +"},
		"letters":               {line(`{"number":"+44207946CALL","confidence":1}` + "\n"), list.ErrPart, "digits"},
		"other digits":          {line(`{"number":"+٤٤٢٠٧٩٤٦٠","confidence":1}` + "\n"), list.ErrPart, "digits"},
		"too many digits":       {line(`{"number":"+4420794601234567","confidence":1}` + "\n"), list.ErrPart, "more than 15"},
		"no confidence":         {line(`{"number":"+442079460123"}` + "\n"), list.ErrPart, "no confidence"},
		"too sure":              {line(`{"number":"+442079460123","confidence":1.01}` + "\n"), list.ErrPart, "between 0 and 1"},
		"endlessly sure":        {line(`{"number":"+442079460123","confidence":1e999}` + "\n"), list.ErrPart, "line 1"},
		"not a number":          {line(`{"number":"+442079460123","confidence":NaN}` + "\n"), list.ErrPart, "line 1"},
		"a step of its own":     {line(`{"number":"+442079460123","confidence":1,"reporters":"7"}` + "\n"), list.ErrPart, "reporters"},
		"no day":                {line(`{"number":"+442079460123","confidence":1,"last":"yesterday"}` + "\n"), list.ErrPart, "line 1"},
		"a day long ago":        {line(`{"number":"+442079460123","confidence":1,"last":"-0001-01-01"}` + "\n"), list.ErrPart, "line 1"},
		"a long note":           {line(`{"number":"+442079460123","confidence":1,"note":"` + strings.Repeat("a", 201) + `"}` + "\n"), list.ErrPart, "more than 200"},
		"an empty line":         {line(good + "\n"), list.ErrPart, "line 3"},
		"an array":              {line("[" + strings.TrimSpace(good[:len(good)/2]) + "]\n"), list.ErrPart, "line 1"},
		"deep nesting":          {line(`{"number":"+442079460123","confidence":1,"x":` + strings.Repeat("[", 4000) + "\n"), list.ErrPart, "line 1"},
		"removal in a full":     {line(`{"remove":true,"number":"+442079460123"}` + "\n"), list.ErrPart, "taken off"},
		"a very long line":      {line(`{"number":"+442079460123","confidence":1,"note":"` + strings.Repeat("a", 1<<19) + `"}` + "\n"), list.ErrPart, "more than 4 kB"},
		"too many beginnings": {line(func() string {
			var text strings.Builder
			for i := range 1001 {
				fmt.Fprintf(&text, `{"prefix":"+44%d","confidence":1}`+"\n", 20000000+i)
			}
			return text.String()
		}()), list.ErrTooLarge, "more than 1000 beginnings"},
	} {
		t.Run(what, func(t *testing.T) {
			p, file := pack(t, good)
			test.make(&p, &file)
			entries, err := collect(list.Manifest{Serial: 1}.Full(t.Context(), bytes.NewReader(file), p, list.DefaultLimits()))
			if !errors.Is(err, test.want) || test.why != "" && !strings.Contains(err.Error(), test.why) {
				t.Errorf("%v", err)
			}
			if err == nil && int64(len(entries)) != p.Entries {
				t.Errorf("%d entries of %d", len(entries), p.Entries)
			}
			if err != nil && len(err.Error()) > 600 {
				t.Errorf("a sentence of %d bytes: %.200s", len(err.Error()), err)
			}
		})
	}
}

// bomb is a file of one endless line, or of endless lines, which is packed a thousandfold.
type bomb struct {
	packed *gzip.Writer
	line   []byte
	left   int
	buffer bytes.Buffer
	read   int64
}

func newBomb(line []byte, times int) *bomb {
	b := &bomb{line: line, left: times}
	b.packed, _ = gzip.NewWriterLevel(&b.buffer, gzip.BestSpeed)
	return b
}

func (b *bomb) Read(into []byte) (int, error) {
	for b.buffer.Len() == 0 {
		if b.left == 0 {
			return 0, io.EOF
		}
		if b.left--; b.left == 0 {
			if err := b.packed.Close(); err != nil {
				return 0, err
			}
		} else if _, err := b.packed.Write(b.line); err != nil {
			return 0, err
		}
	}
	n, err := b.buffer.Read(into)
	b.read += int64(n)
	return n, err
}

// What is far too large is refused early, in little memory and little time.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 1<<20)
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for what, test := range map[string]struct {
		file *bomb
		part list.Part
		want error
		why  string
	}{
		"a gigabyte in a line": {newBomb(spaces, 1<<10), list.Part{Size: 20 << 20, Unpacked: 1 << 30, Entries: 1}, list.ErrPart, "line 1 has more than 4 kB"},
		"a zip bomb":           {newBomb(zeros, 1<<10), list.Part{Size: 1 << 20, Unpacked: 1 << 30, Entries: 1}, list.ErrTooLarge, "100 times"},
		"one that is not said": {newBomb(bytes.Repeat([]byte("{}\n"), 1<<20), 1<<10), list.Part{Size: 1 << 20, Unpacked: 1 << 20, Entries: 1000}, list.ErrPart, ""},
		"ten million and one":  {newBomb([]byte("{}\n"), 10_000_001), list.Part{Size: 1 << 20, Unpacked: 30 << 20, Entries: 10_000_001}, list.ErrTooLarge, "at most 10000000"},
		"far too much":         {newBomb(zeros, 1), list.Part{Size: 1 << 40, Unpacked: 1 << 40, Entries: 1}, list.ErrTooLarge, "MB"},
	} {
		t.Run(what, func(t *testing.T) {
			test.part.File = list.FullFile(1)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, err := collect(list.Manifest{}.Full(t.Context(), test.file, test.part, list.DefaultLimits()))
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.why) {
				t.Errorf("%v", err)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
				t.Errorf("%d MB of memory", got>>20)
			}
			if took > 2*time.Second || test.file.read > 1<<20 {
				t.Errorf("it took %v and %d bytes of the file", took, test.file.read)
			}
		})
	}
}

// A list that has more lines than it says is found out where they begin.
func TestMoreLinesThanSaid(t *testing.T) {
	p, file := pack(t, good)
	p.Entries = 1
	entries, err := collect(list.Manifest{}.Full(t.Context(), bytes.NewReader(file), p, list.DefaultLimits()))
	if len(entries) != 1 || !errors.Is(err, list.ErrPart) {
		t.Errorf("%v %v", entries, err)
	}
}

// slow is a file that trickles.
type slow struct {
	file io.Reader
	wait time.Duration
}

func (s slow) Read(b []byte) (int, error) {
	time.Sleep(s.wait)
	return s.file.Read(b[:1])
}

func TestReadingEnds(t *testing.T) {
	p, file := pack(t, good)
	limits := list.DefaultLimits()
	limits.Time = 20 * time.Millisecond
	if _, err := collect(list.Manifest{}.Full(t.Context(), slow{bytes.NewReader(file), 2 * time.Millisecond}, p, limits)); !errors.Is(err, list.ErrTime) {
		t.Errorf("a byte at a time: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := collect(list.Manifest{}.Full(ctx, bytes.NewReader(file), p, limits)); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	broken := errors.New("the connection is gone")
	if _, err := collect(list.Manifest{}.Full(t.Context(), io.MultiReader(bytes.NewReader(file[:20]), failing{broken}), p, list.DefaultLimits())); !errors.Is(err, broken) {
		t.Errorf("gone: %v", err)
	}
	for range (list.Manifest{}).Full(t.Context(), bytes.NewReader(file), p, list.DefaultLimits()) {
		break // who stops is not asked again
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// facts are a manifest as its file has it, for tests that change it.
func facts() map[string]any {
	return map[string]any{"format": list.Format, "name": "a", "publisher": "b", "purpose": "c", "region": "GB", "licence": "d", "contact": "e",
		"appeals": "f", "serial": 7, "made": "2026-11-24T10:00:00Z", "valid_until": "2026-12-24T10:00:00Z", "entries": 2,
		"parts": []any{part(list.FullFile(7), 0), part(list.DeltaFile(6, 7), 6)}}
}

func part(file string, from int) map[string]any {
	return map[string]any{"file": file, "from": from, "size": 100, "unpacked": 90, "entries": 2, "sha256": strings.Repeat("ab", 32)}
}

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
		"a zip bomb":           {parts(with("unpacked", 1<<30)), list.ErrTooLarge, "100 times"},
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
