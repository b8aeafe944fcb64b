package list

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"aead.dev/minisign"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ringfence/screening"
)

const (
	maxName  = 80
	maxFact  = 500
	mostDays = 366 // for which a list is valid
	maxValid = mostDays * 24 * time.Hour
	maxAhead = 24 * time.Hour // how far clocks may be apart
	unjudged = 1 << 20        // bytes of text up to which the compression ratio does not matter
)

// CheckDays says in a plain sentence why a list cannot be valid for so many days.
func CheckDays(days int) error {
	if days < 1 || days > mostDays {
		return fmt.Errorf("a list is valid for 1 to %d days, not for %d", mostDays, days)
	}
	return nil
}

// Open verifies a manifest's signature and reads it. The errors are ErrSignature, which says nothing of what the manifest holds,
// ErrManifest and ErrTooLarge.
func Open(manifest, signature []byte, key minisign.PublicKey, limits Limits) (Manifest, error) {
	if len(manifest) > MaxManifest || len(signature) > MaxSignature {
		return Manifest{}, fmt.Errorf("%w: its manifest has more than %d kB, or its signature more than %d", ErrTooLarge, MaxManifest>>10, MaxSignature>>10)
	}
	signed, right := asSigned(manifest, signature, key)
	if !right {
		return Manifest{}, ErrSignature
	}
	return Parse(signed, limits)
}

// asSigned is a manifest as it was signed. Git on Windows, FTP in text mode and editors change the ends of lines or put a mark at the beginning, which no
// signature survives. What they have done is undone here, and nothing is read but the text that the signature belongs to.
func asSigned(manifest, signature []byte, key minisign.PublicKey) (signed []byte, right bool) {
	mark, lf, crlf := []byte("\ufeff"), []byte("\n"), []byte("\r\n")
	signature = bytes.ReplaceAll(bytes.TrimPrefix(signature, mark), crlf, lf)
	bare := bytes.TrimPrefix(manifest, mark)
	unix := bytes.ReplaceAll(bare, crlf, lf)
	windows := bytes.ReplaceAll(unix, lf, crlf)
	for _, text := range [][]byte{manifest, bare, unix, windows} {
		if minisign.Verify(key, text, signature) {
			return text, true
		}
	}
	return nil, false
}

// Parse reads a manifest whose signature has been verified, or of a list that has none. The errors are ErrManifest and ErrTooLarge.
func Parse(manifest []byte, limits Limits) (Manifest, error) {
	if len(manifest) > MaxManifest {
		return Manifest{}, fmt.Errorf("%w: its manifest has more than %d kB", ErrTooLarge, MaxManifest>>10)
	}
	var m Manifest
	if err := json.Unmarshal(bytes.TrimPrefix(manifest, []byte("\ufeff")), &m); err != nil {
		return Manifest{}, fmt.Errorf("%w: %s", ErrManifest, cut(err.Error()))
	}
	if err := m.check(limits); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// text is the manifest as its file has it.
func (m Manifest) text() ([]byte, error) {
	text, err := json.Marshal(m, jsontext.WithIndent("  "))
	return append(text, '\n'), err
}

func (m Manifest) check(limits Limits) error {
	if m.Format != Format {
		return fmt.Errorf("%w: its format is %q; this reader knows %s", ErrManifest, cut(m.Format), Format)
	}
	if err := m.checkDescription(); err != nil {
		return fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if m.Serial < 1 || m.Serial > MaxSerial {
		return fmt.Errorf("%w: its serial %d is not between 1 and %d", ErrManifest, m.Serial, int64(MaxSerial))
	}
	return m.checkParts(limits)
}

// checkDescription checks what a publisher says about a list.
func (m Manifest) checkDescription() error {
	for _, fact := range []struct {
		name, text string
		most       int
	}{
		{"name", m.Name, maxName}, {"publisher", m.Publisher, maxFact}, {"purpose", m.Purpose, maxFact}, {"licence", m.Licence, maxFact},
		{"contact", m.Contact, maxFact}, {"appeals", m.Appeals, maxFact},
	} {
		switch {
		case strings.TrimSpace(fact.text) == "":
			return fmt.Errorf("it has no %s", fact.name)
		case len(fact.text) > fact.most:
			return fmt.Errorf("its %s has more than %d bytes", fact.name, fact.most)
		case !plain(fact.text):
			return fmt.Errorf("its %s holds characters that are not for reading", fact.name)
		}
	}
	if err := screening.ValidRegion(m.Region); err != nil {
		return err
	}
	switch valid := m.ValidUntil.Sub(m.Made); {
	case m.Made.Year() < 2000 || m.Made.Year() > 9999:
		return errors.New("it does not say when it was made")
	case valid <= 0:
		return errors.New("it was never valid: its valid_until is not after it was made")
	case valid > maxValid:
		return errors.New("it is valid for more than a year")
	}
	return nil
}

func (m Manifest) checkParts(limits Limits) error {
	if len(m.Parts) > maxParts {
		return fmt.Errorf("%w: it has more than %d parts", ErrManifest, maxParts)
	}
	from := map[int64]bool{}
	for i, p := range m.Parts {
		if err := m.checkPart(p); err != nil {
			return fmt.Errorf("%w: part %d: %w", ErrManifest, i+1, err)
		}
		if from[p.From] {
			return fmt.Errorf("%w: %s is there twice", ErrManifest, p.File)
		}
		from[p.From] = true
		if err := p.within(limits); err != nil {
			return err
		}
	}
	if !from[0] {
		return fmt.Errorf("%w: it has no full list", ErrManifest)
	}
	return nil
}

func (m Manifest) checkPart(p Part) error {
	file := FullFile(m.Serial)
	if p.From != 0 {
		file = DeltaFile(p.From, m.Serial)
	}
	switch {
	case p.From < 0 || p.From >= m.Serial:
		return fmt.Errorf("it is from serial %d to %d", p.From, m.Serial)
	case p.File != file:
		return fmt.Errorf("its file is called %q and not %s", cut(p.File), file)
	case p.Size <= 0 || p.Unpacked < 0 || p.Entries < 0:
		return errors.New("a size is missing")
	case p.From == 0 && p.Entries != m.Entries:
		return fmt.Errorf("the full list has %d lines for %d entries", p.Entries, m.Entries)
	case len(p.SHA256) != 64 || strings.Trim(p.SHA256, "0123456789abcdef") != "":
		return errors.New("its sha256 is not 64 hexadecimal digits")
	}
	return nil
}

func (p Part) within(limits Limits) error {
	switch {
	case p.Entries > limits.Entries:
		return fmt.Errorf("%w: %s has %d lines, and at most %d are read", ErrTooLarge, p.File, p.Entries, limits.Entries)
	case p.Size > limits.Size || p.Unpacked > limits.Unpacked:
		return fmt.Errorf("%w: %s has %d MB, and %d unpacked; at most %d and %d are read", ErrTooLarge,
			p.File, p.Size>>20, p.Unpacked>>20, limits.Size>>20, limits.Unpacked>>20)
	case p.Unpacked > unjudged && p.Unpacked/limits.Ratio > p.Size:
		return fmt.Errorf("%w: %s unpacks to more than %d times its size, which no list does", ErrTooLarge, p.File, limits.Ratio)
	}
	return nil
}

// FullFile is the name of the file with the full list at a serial.
func FullFile(serial int64) string { return fmt.Sprintf("full-%d.ndjson.gz", serial) }

// DeltaFile is the name of the file with what has changed between two serials.
func DeltaFile(from, to int64) string { return fmt.Sprintf("delta-%d-%d.ndjson.gz", from, to) }

// After returns ErrOlder for a list that is older than the one with that serial, which the reader already has. An old list that is served again would
// bring back numbers that were taken off.
func (m Manifest) After(serial int64) error {
	if m.Serial < serial {
		return fmt.Errorf("%w: it has serial %d, and serial %d was here already", ErrOlder, m.Serial, serial)
	}
	return nil
}

// Fresh returns ErrOutdated from ValidUntil on, and ErrFuture for a list that was made more than a day in the future.
func (m Manifest) Fresh(now time.Time) error {
	switch {
	case !now.Before(m.ValidUntil):
		return fmt.Errorf("%w: it was valid until %s", ErrOutdated, m.ValidUntil.Format("2 January 2006"))
	case m.Made.Sub(now) > maxAhead:
		return fmt.Errorf("%w (it was made on %s)", ErrFuture, m.Made.Format("2 January 2006"))
	}
	return nil
}

// Part is what a reader needs that has the contents of serial have (0: nothing): the delta from there, or else the full list.
func (m Manifest) Part(have int64) Part {
	var full Part
	for _, p := range m.Parts {
		if p.From == have && have != 0 {
			return p
		}
		if p.From == 0 {
			full = p
		}
	}
	return full
}
