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

// Damaged says whether an error means that a database is damaged, or no database at all, or that the disk can't read it. Before it is replaced it
// has to be read once more, in case the disk only failed for a moment.
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

// Lacks says whether an error means that a table or a column is missing: once migrations have run, somebody must have removed it. SQLite has no
// error code of its own for that.
func Lacks(err error) bool {
	var fault sqlite3.Error
	return errors.As(err, &fault) && fault.Code == sqlite3.ErrError &&
		(strings.HasPrefix(fault.Error(), "no such table: ") || strings.HasPrefix(fault.Error(), "no such column: "))
}

// readFaults are SQLite's errors of reading (sqlite.org/rescode.html). go-sqlite3 has no names for the last two: a wrong checksum, and a disk that
// fails (EIO).
var readFaults = []sqlite3.ErrNoExtended{
	sqlite3.ErrIoErrRead, sqlite3.ErrIoErrShortRead, sqlite3.ErrIoErr.Extend(32), sqlite3.ErrIoErr.Extend(33),
}

// Unreadable says whether an error means that a disk can't be read: EIO, and what Linux's file systems return for a block that is corrupt
// (EFSCORRUPTED and EFSBADCRC in fs/ext4/ext4.h) or can't be had (ENODATA).
func Unreadable(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EUCLEAN) || errors.Is(err, syscall.EBADMSG) || errors.Is(err, syscall.ENODATA)
}

// ErrDamaged says that Verify has found damage.
var ErrDamaged = errors.New("the database is damaged")

// Verify checks all of a database that is in use, with its indexes: the error is ErrDamaged, and says what is wrong. It takes a second for some
// hundred thousand rows, and holds nobody up.
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

// The write-ahead log is a header, and then frames, each a page with a header of its own (sqlite.org/fileformat2.html#walformat).
const (
	walHead      = 32
	walFrameHead = 24
	walMagic     = 0x377f0682 // the last bit is the byte order of checksums
)

// LogDamaged says whether a write-ahead log that nobody uses is damaged. SQLite reads it up to the first frame with a wrong checksum, and silently
// drops what was committed after it. Frames that were rolled back, or that are left of an earlier log, are no damage.
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

// unlessUnreadable drops an error that is the damage itself.
func unlessUnreadable(err error) error {
	if Unreadable(err) {
		return nil
	}
	return err
}

func logDamaged(f io.Reader) (damaged bool, err error) {
	head := make([]byte, walHead)
	if _, err := io.ReadFull(f, head); err != nil {
		return false, ignoreEnd(err) // empty, or just begun
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

// walSum is the checksum of the first part of a log.
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

// headSize is the size of a database's header (sqlite.org/fileformat2.html#the_database_header).
const headSize = 100

// MendHead gives a copy of a database whose head is damaged the head of another one of the same kind, so that the rest can be read. It leaves out
// the list of free pages.
func MendHead(path, like string) (err error) {
	head, err := headOf(path)
	if err != nil {
		return err
	}
	good, err := headOf(like)
	if err != nil {
		return err
	}
	// What is the same in each of ours: the magic words, the size of a page and what follows it, and the constants further on.
	same := func(from, to int) bool { return bytes.Equal(head[from:to], good[from:to]) }
	if same(0, 18) && same(21, 24) && same(44, 48) && same(56, 60) {
		return nil
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
	size := uint32(binary.BigEndian.Uint16(good[16:]))
	if size == 1 {
		size = 65536
	}
	binary.BigEndian.PutUint32(good[28:], uint32(info.Size()/int64(size))) //nolint:gosec // a database has fewer pages
	clear(good[32:40])                                                     // free pages
	copy(good[92:96], good[24:28])                                         // so that the size above counts
	_, err = f.WriteAt(good, 0)
	return err
}

// headOf is the head of a database, with zeros for what is missing.
func headOf(path string) (head []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	head = make([]byte, headSize)
	_, err = io.ReadFull(f, head)
	return head, errors.Join(ignoreEnd(err), f.Close())
}
