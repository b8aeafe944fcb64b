package list_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

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
//
// Long: one table.
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
		"no gzip":               {func(p *list.Part, file *[]byte) { *file = []byte("hello, this is a page of the captive portal") }, list.ErrPart, "not a gzip"},
		"nothing at all":        {func(_ *list.Part, file *[]byte) { *file = nil }, list.ErrPart, "not a gzip"},
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
		"a zip bomb":           {newBomb(zeros, 1<<10), list.Part{Size: 1 << 20, Unpacked: 1 << 30, Entries: 1}, list.ErrTooLarge, "250 times"},
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
			if took > 30*time.Second || test.file.read > 1<<20 {
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

// A list that has more text than it says, in lines of which each is as it should be, is left where that begins: not after the 40 GB that
// as many lines as it says could have.
func TestMoreTextThanSaid(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "{\"number\":\"+44207946%04d\",%s\"confidence\":0.5}\n", i, strings.Repeat(" ", 4000))
	}
	p, file := pack(t, text.String())
	p.Unpacked, p.Entries = 100<<10, 1_000_000
	entries, err := collect(list.Manifest{}.Full(t.Context(), bytes.NewReader(file), p, list.DefaultLimits()))
	if len(entries) > 100<<10/4000 || !errors.Is(err, list.ErrPart) || !strings.Contains(err.Error(), "more than 102400 bytes of text") {
		t.Errorf("%d entries, %v", len(entries), err)
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
	for e, err := range (list.Manifest{}).Full(t.Context(), bytes.NewReader(file), p, list.DefaultLimits()) {
		if err != nil || e.Digits != "442079460123" {
			t.Errorf("%v %v", e, err)
		}
		break // who stops is not asked again
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
