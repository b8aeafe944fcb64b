package list

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// newFiles begins the names of unfinished files.
const newFiles = ".new-"

// partWriter writes a part into a file that has no name yet.
type partWriter struct {
	file *os.File
	to   *bufio.Writer
	hash hash.Hash
	pack *gzip.Writer
	part Part
	line []byte
}

func newPart(dir, name string, from int64) (*partWriter, error) {
	file, err := os.CreateTemp(dir, newFiles)
	if err != nil {
		return nil, err
	}
	w := &partWriter{file: file, to: bufio.NewWriterSize(file, 64<<10), hash: sha256.New(), part: Part{File: name, From: from}}
	w.pack = gzip.NewWriter(w)
	return w, nil
}

// Write takes the packed bytes.
func (w *partWriter) Write(b []byte) (int, error) {
	_, _ = w.hash.Write(b) // a hash takes everything
	w.part.Size += int64(len(b))
	return w.to.Write(b)
}

func (w *partWriter) add(c Change) (err error) {
	if w.line, err = appendLine(w.line[:0], c); err != nil {
		return err
	}
	if len(w.line) > maxLine {
		return fmt.Errorf("the line of +%s is longer than %d kB", c.Digits, maxLine>>10)
	}
	w.part.Entries++
	w.part.Unpacked += int64(len(w.line))
	_, err = w.pack.Write(w.line)
	return err
}

// finish completes the part and gives the file its name.
func (w *partWriter) finish() (Part, error) {
	err := errors.Join(w.pack.Close(), w.to.Flush(), w.file.Chmod(0o644), w.file.Sync())
	w.part.SHA256 = hex.EncodeToString(w.hash.Sum(nil))
	if err == nil {
		err = os.Rename(w.file.Name(), filepath.Join(filepath.Dir(w.file.Name()), w.part.File))
	}
	return w.part, w.drop(err)
}

// drop closes the file, and deletes it if err is an error.
func (w *partWriter) drop(err error) error {
	closed := w.file.Close()
	if err != nil {
		return errors.Join(err, os.Remove(w.file.Name()))
	}
	return closed
}

// writePart writes a part of changes.
func writePart(dir, name string, from int64, changes iter.Seq2[Change, error]) (Part, error) {
	w, err := newPart(dir, name, from)
	if err != nil {
		return Part{}, err
	}
	for c, err := range changes {
		if err == nil {
			err = w.add(c)
		}
		if err != nil {
			return Part{}, w.drop(err)
		}
	}
	return w.finish()
}

// readFile reads a part of a folder.
func readFile(ctx context.Context, dir string, p Part) iter.Seq2[Change, error] {
	return readOpened(ctx, func(name string) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, name)) }, p, DefaultLimits())
}

// readOpened reads a part from a file that is opened for it.
func readOpened(ctx context.Context, open func(file string) (io.ReadCloser, error), p Part, limits Limits) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		file, err := open(p.File)
		if err != nil {
			yield(Change{}, err)
			return
		}
		defer func() { _ = file.Close() }() // only read
		for c, err := range readPart(ctx, file, p, limits) {
			if !yield(c, err) {
				return
			}
		}
	}
}

// entriesOf are the changes of a full list.
func entriesOf(changes iter.Seq2[Change, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for c, err := range changes {
			if !yield(c.Entry, err) {
				return
			}
		}
	}
}

// whole says whether a part is there, as its manifest describes it.
func whole(dir string, p Part) bool {
	file, err := os.Open(filepath.Join(dir, p.File))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // only read
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	return err == nil && size == p.Size && hex.EncodeToString(sum.Sum(nil)) == p.SHA256
}

// readAtMost reads a small file.
func readAtMost(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%w: %s has more than %d kB", ErrTooLarge, filepath.Base(path), most>>10)
	}
	return text, err
}
