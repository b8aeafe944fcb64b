package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// Damaged tells whether an error says that a database is damaged, or no database at all, or that the disk does not give it back. Whoever
// replaces it reads it once more before: what could not be read for a moment stays.
func Damaged(err error) bool {
	var fault sqlite3.Error
	if !errors.As(err, &fault) {
		return false
	}
	switch fault.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return true
	case sqlite3.ErrIoErr:
		return slices.Contains(readFaults, fault.ExtendedCode)
	default:
		return false
	}
}

// Lacks tells whether an error says that a table or a column is not there. Ours are, once migrations have run, unless somebody has taken them
// away. SQLite has no code of its own for that.
func Lacks(err error) bool {
	var fault sqlite3.Error
	return errors.As(err, &fault) && fault.Code == sqlite3.ErrError &&
		(strings.HasPrefix(fault.Error(), "no such table: ") || strings.HasPrefix(fault.Error(), "no such column: "))
}

// readFaults are SQLite's errors of reading (sqlite.org/rescode.html); the last two, of a sum that is wrong and of a disk that fails
// (EIO), go-sqlite3 has no names for.
var readFaults = []sqlite3.ErrNoExtended{
	sqlite3.ErrIoErrRead, sqlite3.ErrIoErrShortRead, sqlite3.ErrIoErr.Extend(32), sqlite3.ErrIoErr.Extend(33),
}

// Unreadable tells whether an error says that a disk does not give back what is on it: EIO, and what Linux's file systems say of a block
// that is not what it should be (EFSCORRUPTED and EFSBADCRC in fs/ext4/ext4.h), or cannot be had (ENODATA).
func Unreadable(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EUCLEAN) || errors.Is(err, syscall.EBADMSG) || errors.Is(err, syscall.ENODATA)
}

// ErrDamaged is what Verify has found.
var ErrDamaged = errors.New("the database is damaged")

// Verify looks at all of a database that is in use, its indexes too: ErrDamaged, with what is wrong, where something is. It takes a
// second for some hundred thousand rows, beside everybody else.
func Verify(ctx context.Context, path string) (err error) {
	db, err := Readers(path, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	err = db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found)
	switch {
	case Damaged(err):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return err
	case found != "ok":
		return fmt.Errorf("%w: %s", ErrDamaged, found)
	}
	return nil
}

// The write-ahead log: a head, and then frames, each a page with a head of its own (sqlite.org/fileformat2.html#walformat).
const (
	walHead      = 32
	walFrameHead = 24
	walMagic     = 0x377f0682 // with a last bit that says in which order of bytes sums are made
)

// LogDamaged tells whether a write-ahead log that nobody uses is damaged: SQLite reads it up to the first frame whose sum is wrong, and
// forgets without a word what was committed behind it. Frames of what was rolled back, or of a log before this one, are no damage.
func LogDamaged(path string) (damaged bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return Unreadable(err), unlessUnreadable(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	damaged, err = logDamaged(f)
	return damaged || Unreadable(err), unlessUnreadable(err)
}

// unlessUnreadable leaves out an error that is the damage itself.
func unlessUnreadable(err error) error {
	if Unreadable(err) {
		return nil
	}
	return err
}

func logDamaged(f io.Reader) (damaged bool, err error) {
	head := make([]byte, walHead)
	if _, err := io.ReadFull(f, head); err != nil {
		return false, ignoreEnd(err) // an empty one, or one that was just begun
	}
	magic, size := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[8:])
	if magic&^1 != walMagic || size < 512 || size > 65536 || size&(size-1) != 0 {
		return true, nil
	}
	sum := walSum{order: binary.ByteOrder(binary.LittleEndian)}
	if magic&1 == 1 {
		sum.order = binary.BigEndian
	}
	sum.add(head[:24])
	if !sum.is(head[24:]) {
		return true, nil
	}
	frame := make([]byte, walFrameHead+size)
	for whole := true; ; {
		if _, err := io.ReadFull(f, frame); err != nil {
			return false, ignoreEnd(err)
		}
		ofThisLog := bytes.Equal(frame[8:16], head[16:24])
		if whole {
			sum.add(frame[:8])
			sum.add(frame[walFrameHead:])
			whole = ofThisLog && sum.is(frame[16:24])
		}
		if commits := binary.BigEndian.Uint32(frame[4:]) != 0; !whole && ofThisLog && commits {
			return true, nil
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// walSum is the sum of a log up to somewhere.
type walSum struct {
	order  binary.ByteOrder
	s1, s2 uint32
}

func (s *walSum) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		s.s1 += s.order.Uint32(b) + s.s2
		s.s2 += s.order.Uint32(b[4:]) + s.s1
	}
}

func (s *walSum) is(b []byte) bool {
	return binary.BigEndian.Uint32(b) == s.s1 && binary.BigEndian.Uint32(b[4:]) == s.s2
}

// headSize is how long a database's own head is (sqlite.org/fileformat2.html#the_database_header).
const headSize = 100

// MendHead gives a copy of a database whose head is damaged that of another one of the same kind, so that what is behind it can be read.
// What the head says of free pages is left out.
func MendHead(path, like string) (err error) {
	head := make([]byte, headSize)
	good, err := os.Open(like)
	if err != nil {
		return err
	}
	_, err = io.ReadFull(good, head)
	if err := errors.Join(err, good.Close()); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := uint32(binary.BigEndian.Uint16(head[16:]))
	if size == 1 {
		size = 65536
	}
	binary.BigEndian.PutUint32(head[28:], uint32(info.Size()/int64(size))) //nolint:gosec // a database has fewer pages
	clear(head[32:40])                                                     // free pages
	copy(head[92:96], head[24:28])                                         // so that the size above counts
	_, err = f.WriteAt(head, 0)
	return err
}

// MendHeadOf is MendHead where a copy cannot be read without it.
func MendHeadOf(path, like string) error {
	head := make([]byte, headSize)
	good := make([]byte, headSize)
	for p, into := range map[string][]byte{path: head, like: good} {
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		_, err = io.ReadFull(f, into)
		if err := errors.Join(ignoreEnd(err), f.Close()); err != nil {
			return err
		}
	}
	// The magic words, the size of a page, and the constants behind it: what is the same in each of ours.
	if bytes.Equal(head[:18], good[:18]) && bytes.Equal(head[21:24], good[21:24]) && bytes.Equal(head[44:48], good[44:48]) && bytes.Equal(head[56:60], good[56:60]) {
		return nil
	}
	return MendHead(path, like)
}
