package rescue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// How a file is read on a disk that fails.
const (
	// wholeBlock is how much is read at a time, pieceOfBlock how much is given up at a time: a page of SQLite, and of Linux's page cache.
	wholeBlock   = 64 << 10
	pieceOfBlock = 4 << 10
	// readPatience is how long reading goes on after the first fault. Each further one can take an SD card seconds, and no call is screened
	// meanwhile.
	readPatience = 30 * time.Second
)

// damagedCopy is a copy of the damaged database.
type damagedCopy struct {
	path     string // "" where there is nothing to read
	holes    bool   // part of it could not be read
	logHoles bool   // part of the write-ahead log could not be read
}

// copyDamaged copies what can be read of the damaged database, without changing it.
func copyDamaged(ctx context.Context, data, work string) (c damagedCopy, err error) {
	path := filepath.Join(work, "damaged.db")
	for _, part := range []string{"", "-wal"} {
		holes, err := copyReadable(ctx, filepath.Join(data, datafolder.Database+part), path+part)
		switch {
		case part == "" && (errors.Is(err, fs.ErrNotExist) || sqlite.Unreadable(err)):
			return damagedCopy{}, nil
		case sqlite.Unreadable(err):
			holes = true
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return damagedCopy{}, err
		}
		c.holes = c.holes || holes
		c.logHoles = part == "-wal" && holes
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return damagedCopy{}, err
	}
	c.path = path
	return c, nil
}

// errNotRead says that a copy failed because of its source.
var errNotRead = errors.New("it cannot be read")

// copyReadable copies a file, with zeros where the disk can't read it; holes says whether there are any. The error is errNotRead where the file
// can't even be opened.
func copyReadable(ctx context.Context, from, to string) (holes bool, err error) {
	in, err := os.Open(from)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNotRead, err)
	}
	defer func() { _ = in.Close() }() // it was only read
	info, err := in.Stat()
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNotRead, err)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return false, err
	}
	holes, err = copyBlocks(ctx, in, info.Size(), out, readPatience)
	return holes, errors.Join(err, out.Sync(), out.Close())
}

// copyBlocks copies so many bytes, block by block. A block that can't be read is read again in smaller pieces, with zeros for those that can't.
func copyBlocks(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, patience time.Duration) (holes bool, err error) {
	var late <-chan time.Time
	block := make([]byte, wholeBlock)
	for at := int64(0); at < size; at += wholeBlock {
		b := block[:min(wholeBlock, size-at)]
		select {
		case <-ctx.Done():
			return holes, ctx.Err()
		case <-late: // zeros for the rest
			_, err := io.CopyN(out, zeros{}, size-at)
			return true, err
		default:
		}
		if err := readBlock(in, b, at); err != nil {
			if !sqlite.Unreadable(err) {
				return holes, fmt.Errorf("%w: %w", errNotRead, err)
			}
			if late == nil {
				late = time.After(patience)
			}
			lost, err := readPieces(in, b, at)
			if err != nil {
				return holes, err
			}
			holes = holes || lost
		}
		if _, err := out.Write(b); err != nil {
			return holes, err
		}
	}
	return holes, nil
}

// readPieces reads a block in the smallest pieces, with zeros for those that cannot be read.
func readPieces(in io.ReaderAt, block []byte, at int64) (holes bool, err error) {
	for from := 0; from < len(block); from += pieceOfBlock {
		piece := block[from:min(from+pieceOfBlock, len(block))]
		err := readBlock(in, piece, at+int64(from))
		switch {
		case sqlite.Unreadable(err):
			clear(piece)
			holes = true
		case err != nil:
			return holes, fmt.Errorf("%w: %w", errNotRead, err)
		}
	}
	return holes, nil
}

// readBlock fills a block, with zeros behind the file's end.
func readBlock(in io.ReaderAt, block []byte, at int64) error {
	n, err := in.ReadAt(block, at)
	if errors.Is(err, io.EOF) {
		clear(block[n:])
		return nil
	}
	return err
}

type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
