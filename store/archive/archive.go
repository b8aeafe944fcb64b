// Package archive writes and reads backups: a tar file, compressed with gzip, whose first member says as JSON what is in it. It is not encrypted.
// A file that is read may have been made up by anybody, so only members with known names and of limited size are unpacked, and none can lead out of
// the folder.
package archive

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// File is a file for an archive.
type File struct {
	Name string // in the archive
	Path string
	Size int64
}

// Head is the first member.
type Head struct {
	Name     string
	Contents any // as JSON
	Made     time.Time
}

// Write writes an archive. It calls progress, which may be nil, with how many bytes of the files are done. It leaves out files that have been
// deleted meanwhile.
func Write(ctx context.Context, w io.Writer, h Head, files []File, progress func(done int64)) error {
	pressed := gzip.NewWriter(w)
	archive := tar.NewWriter(pressed)
	contents, err := json.MarshalIndent(h.Contents, "", "  ")
	if err != nil {
		return err
	}
	head := func(name string, size int64) *tar.Header {
		return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: h.Made, Format: tar.FormatPAX}
	}
	if err := archive.WriteHeader(head(h.Name, int64(len(contents)))); err != nil {
		return err
	}
	if _, err := archive.Write(contents); err != nil {
		return err
	}
	var done int64
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.write(archive, head); err != nil {
			return err
		}
		if done += f.Size; progress != nil {
			progress(done)
		}
	}
	return errors.Join(archive.Close(), pressed.Close())
}

func (f File) write(archive *tar.Writer, head func(string, int64) *tar.Header) error {
	file, err := os.Open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat() // of the open file: another may have replaced it
	if err == nil {
		err = archive.WriteHeader(head(f.Name, info.Size()))
	}
	if err == nil {
		_, err = io.Copy(archive, file)
	}
	return errors.Join(err, file.Close())
}

// Limits, so that no made-up file can fill the disk or the memory.
const (
	maxContents = 1 << 20
	maxMembers  = 2_000_000
)

// Kind is what archives of one kind may have.
type Kind struct {
	Head   string                                    // the name of the first member
	NotOne error                                     // for a file that is no such archive, or only part of one
	Limit  func(name string) (most int64, mine bool) // how large a member may be; false for an unknown name
	Room   func(folder string, size int64) error     // an error where the disk has no room for a member
}

type refusal struct{ error }

// Refuse is an error that says to people what is wrong with an archive.
func Refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// Unpack unpacks an archive into a folder, in which the folders of its members exist. It calls contents with the text of the first member, and got
// with each of the others. The errors are sentences for people.
func (k Kind) Unpack(ctx context.Context, folder string, r io.Reader, contents func(text []byte) error, got func(name string, size int64)) error {
	pressed, err := gzip.NewReader(r)
	if err != nil {
		return k.NotOne
	}
	u := &unpacking{Kind: k, folder: folder, archive: tar.NewReader(pressed), contents: contents, got: got, seen: map[string]bool{}}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, err := u.archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = u.member(head)
		}
		if err != nil {
			return k.explain(err)
		}
	}
	const padding = 1 << 20 // tar pads its last block; gzip's checksum comes after that
	if n, err := io.Copy(io.Discard, io.LimitReader(pressed, padding)); err != nil || n == padding || len(u.seen) == 0 {
		return k.NotOne
	}
	return nil
}

// explain says whether the file is to blame or the machine.
func (k Kind) explain(err error) error {
	var path *fs.PathError
	switch {
	case errors.As(err, &refusal{}):
		return err
	case errors.As(err, &path):
		return fmt.Errorf("the backup cannot be unpacked: %w", err)
	}
	return k.NotOne
}

type unpacking struct {
	Kind
	folder   string
	archive  *tar.Reader
	contents func([]byte) error
	got      func(string, int64)
	seen     map[string]bool
}

func (u *unpacking) member(head *tar.Header) error {
	name := head.Name
	limit, mine := int64(maxContents), true
	if name != u.Head {
		limit, mine = u.Limit(name)
	}
	switch {
	case len(u.seen) == 0 && name != u.Head:
		return u.NotOne
	case !mine:
		return Refuse("this backup has a file in it that does not belong there (%.120q): it was not made by Ringfence", name)
	case head.Typeflag != tar.TypeReg:
		return Refuse("this backup has something in it that is not a file (%.120q): it was not made by Ringfence", name)
	case u.seen[name]:
		return Refuse("this backup has %s in it twice: it was not made by Ringfence", name)
	case len(u.seen) >= maxMembers || head.Size > limit:
		return Refuse("this backup has more in it than Ringfence puts into one (%s): it was not made by Ringfence", name)
	}
	u.seen[name] = true
	if name == u.Head {
		text, err := io.ReadAll(u.archive)
		if err != nil {
			return err
		}
		return u.contents(text)
	}
	u.got(name, head.Size)
	return u.file(name, head.Size)
}

func (u *unpacking) file(name string, size int64) error {
	if err := u.Room(u.folder, size); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(u.folder, filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, u.archive)
	return errors.Join(err, f.Close())
}
