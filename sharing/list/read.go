package list

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"time"
)

// Full reads the full list from its file's bytes. The sequence ends with an error as soon as something differs from what the manifest says; the size
// and the hash can only be checked after the last entry, so nothing may be used until the sequence has ended without an error. The errors are
// ErrPart, ErrTooLarge, ErrTime, that of ctx, and those of file, whose reading ctx does not interrupt.
//
// It holds one line in memory.
func (m Manifest) Full(ctx context.Context, file io.Reader, p Part, limits Limits) iter.Seq2[Entry, error] {
	return entriesOf(readPart(ctx, file, p, limits))
}

// Delta reads a delta as Full does. Apply makes the new contents from it.
func (m Manifest) Delta(ctx context.Context, file io.Reader, p Part, limits Limits) iter.Seq2[Change, error] {
	return readPart(ctx, file, p, limits)
}

func readPart(ctx context.Context, file io.Reader, p Part, limits Limits) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if err := p.within(limits); err != nil {
			yield(Change{}, err)
			return
		}
		r := &partReader{ctx: ctx, part: p, limits: limits, deadline: time.Now().Add(limits.Time), hash: sha256.New(), file: file}
		if err := r.read(func(c Change) bool { return yield(c, nil) }); err != nil && !errors.Is(err, errEnough) {
			yield(Change{}, err)
		}
	}
}

// errEnough ends the reading when nobody wants more.
var errEnough = errors.New("enough")

// partReader reads one part. As a Reader it gives the file's bytes, measured.
type partReader struct {
	ctx      context.Context // lives as long as one call of read
	part     Part
	limits   Limits
	deadline time.Time

	file io.Reader
	hash hash.Hash
	size int64

	last     Entry
	lines    int64
	prefixes int64
}

func (r *partReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if time.Now().After(r.deadline) {
		return 0, ErrTime
	}
	n, err := r.file.Read(b)
	_, _ = r.hash.Write(b[:n]) // a hash takes everything
	if r.size += int64(n); r.size > r.part.Size {
		return 0, r.broken("it has more than %d bytes", r.part.Size)
	}
	return n, err
}

func (r *partReader) broken(why string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", ErrPart, r.part.File, fmt.Errorf(why, args...))
}

func (r *partReader) read(yield func(Change) bool) error {
	measured := bufio.NewReaderSize(r, 64<<10)
	unpacked, err := gzip.NewReader(measured)
	if err != nil {
		return r.explain(err)
	}
	text := &counted{from: unpacked, most: r.part.Unpacked}
	if err := r.eachLine(bufio.NewReaderSize(text, maxLine), yield); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, measured); err != nil {
		return r.explain(err)
	}
	switch hash := hex.EncodeToString(r.hash.Sum(nil)); {
	case r.size != r.part.Size:
		return r.broken("it has %d bytes and not %d", r.size, r.part.Size)
	case hash != r.part.SHA256:
		return r.broken("its sha256 is %s", hash)
	case text.read != r.part.Unpacked:
		return r.broken("it has %d bytes of text and not %d", text.read, r.part.Unpacked)
	case r.lines != r.part.Entries:
		return r.broken("it has %d lines and not %d", r.lines, r.part.Entries)
	}
	return nil
}

// eachLine reads lines. bufio.Scanner would not do: if reading fails, it returns the incomplete line before that as a line.
func (r *partReader) eachLine(text *bufio.Reader, yield func(Change) bool) error {
	for {
		line, err := text.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return r.explain(err)
		}
		if len(line) == 0 {
			return nil
		}
		c, fault := r.line(bytes.TrimRight(line, "\r\n"))
		if fault != nil {
			return fault
		}
		if !yield(c) {
			return errEnough
		}
		if err != nil {
			return nil
		}
	}
}

// line reads one line, which has to come after the previous one in the list's order.
func (r *partReader) line(text []byte) (Change, error) {
	if r.lines++; r.lines > r.part.Entries {
		return Change{}, r.broken("it has more than %d lines", r.part.Entries)
	}
	c, err := parseLine(text)
	if err != nil {
		return c, r.broken("line %d: %w", r.lines, err)
	}
	if c.Remove && r.part.From == 0 {
		return c, r.broken("line %d: nothing can be taken off a full list", r.lines)
	}
	if r.lines > 1 {
		switch order := compare(r.last, c.Entry); {
		case order == 0:
			return c, r.broken("line %d: +%s is there twice", r.lines, c.Digits)
		case order > 0:
			return c, r.broken("line %d: +%s comes after +%s, which is out of order", r.lines, c.Digits, r.last.Digits)
		}
	}
	r.last = c.Entry
	if c.Prefix && !c.Remove {
		if r.prefixes++; r.prefixes > r.limits.Prefixes {
			return c, fmt.Errorf("%w: %s has more than %d beginnings of numbers", ErrTooLarge, r.part.File, r.limits.Prefixes)
		}
	}
	return c, nil
}

// explain makes a sentence of what stopped the reading.
func (r *partReader) explain(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, ErrTime):
		return fmt.Errorf("%w: %s was not read within %v", ErrTime, r.part.File, r.limits.Time)
	case errors.Is(err, bufio.ErrBufferFull):
		return r.broken("line %d has more than %d kB", r.lines+1, maxLine>>10)
	case errors.Is(err, errUnpacked):
		return r.broken("it has more than %d bytes of text", r.part.Unpacked)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return r.broken("it is not a gzip file, or has been cut off")
	default:
		return err // of ctx, of the file, or one that says what is broken
	}
}

var errUnpacked = errors.New("more text than the manifest says")

// counted ends with an error after as many bytes as are allowed.
type counted struct {
	from io.Reader
	read int64
	most int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	if c.read += int64(n); c.read > c.most {
		return 0, errUnpacked
	}
	return n, err
}
