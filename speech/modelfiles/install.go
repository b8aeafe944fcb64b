package modelfiles

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Source is where the files come from.
type Source struct {
	// From is a folder that has the files, or the two packages of Python's; "" downloads them.
	From string
	// Progress is told how far it is.
	Progress io.Writer

	download  downloader // nil is pip's
	wheels    []wheel    // nil are this machine's
	distrusts bool       // what is in the folder is used only if its hashes are right: what comes of it is signed, and goes to others
}

// downloader brings a package into a folder, or leaves what it has of it for the next time.
type downloader func(ctx context.Context, w wheel, folder string, progress io.Writer) error

// Install brings the files onto this machine, unless they are there, and returns their folder. It can be interrupted at any time: what has been
// downloaded is kept for the next time, and half an installation is never used.
func Install(ctx context.Context, s Source) (folder string, err error) {
	if s.download == nil {
		s.download = pip
	}
	if s.wheels == nil {
		if s.wheels, err = wheels(runtime.GOARCH); err != nil {
			return "", err
		}
	}
	folder, found, err := place(s.wheels)
	if err != nil || found {
		return folder, err
	}
	return folder, s.installOnce(ctx, folder)
}

// Fetch brings the files for a kind of machine, by Go's name for it, into a folder that has nothing else: for a package, or for an image.
func Fetch(ctx context.Context, arch, folder string, progress io.Writer) error {
	needed, err := wheels(arch)
	if err != nil {
		return err
	}
	if folder, err = filepath.Abs(folder); err != nil { // pip runs elsewhere
		return err
	}
	return Source{Progress: progress, download: pip, wheels: needed, distrusts: true}.installOnce(ctx, folder)
}

// installOnce installs into a folder, unless that has the files. One waits there for another who installs them.
func (s Source) installOnce(ctx context.Context, folder string) (err error) {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return noPlace(folder, err)
	}
	held, err := lock(folder + ".lock")
	if err != nil {
		return noPlace(folder, err)
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	if complete(folder, s.wheels) && (!s.distrusts || s.unchanged(folder)) {
		return nil
	}
	return s.install(ctx, folder)
}

// unchanged says whether a folder has the right files, and no others.
func (s Source) unchanged(folder string) bool {
	needed := 0
	for _, w := range s.wheels {
		needed += len(w.members)
		for _, f := range w.members {
			if f.check(filepath.Join(folder, f.name)) != nil {
				return false
			}
		}
	}
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) == needed
}

func noPlace(folder string, err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("only root may write to %s: type the command with sudo before it", filepath.Dir(folder))
	}
	return fmt.Errorf("there is no place for speech recognition: %w", err)
}

// lock waits until nobody else installs. The system releases it when the program ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// install makes the folder beside its place, and moves it there once all of it is on the disk.
func (s Source) install(ctx context.Context, folder string) error {
	made, downloads := folder+".unfinished", folder+".downloads"
	if err := errors.Join(os.RemoveAll(made), os.MkdirAll(made, 0o755), os.Chmod(made, 0o755), os.MkdirAll(downloads, 0o755)); err != nil {
		return noPlace(folder, err)
	}
	for _, w := range s.wheels {
		if err := s.bring(ctx, w, downloads, made); err != nil {
			return err
		}
	}
	if err := flush(made); err != nil {
		return fmt.Errorf("speech recognition is not on the disk yet: %w", err)
	}
	return errors.Join(os.RemoveAll(folder), os.Rename(made, folder), os.RemoveAll(downloads))
}

// bring puts a package's files into made: from the folder From, from an earlier download, or from the internet.
func (s Source) bring(ctx context.Context, w wheel, downloads, made string) error {
	if s.From != "" {
		return w.copyFrom(s.From, made)
	}
	archive := filepath.Join(downloads, w.name)
	if w.check(archive) != nil {
		_, _ = fmt.Fprintf(s.Progress, "Downloading %s: %d MB\n", w.what, megabytes(w.size))
		if err := s.download(ctx, w, downloads, s.Progress); err != nil {
			return err
		}
	}
	if err := w.check(archive); err != nil {
		return errors.Join(fmt.Errorf("what was downloaded as %s is not what it should be: try again: %w", w.what, err), os.Remove(archive))
	}
	return w.unpack(archive, made)
}

// megabytes rounds up: nobody downloads 0 MB.
func megabytes(bytes int64) int64 { return (bytes + 999999) / 1000000 }

// copyFrom takes the files from a folder that has them, or the package itself.
func (w wheel) copyFrom(from, made string) error {
	archive := filepath.Join(from, w.name)
	if _, err := os.Stat(archive); err == nil {
		if err := w.check(archive); err != nil {
			return fmt.Errorf("%s is not what it should be: copy it again: %w", archive, err)
		}
		return w.unpack(archive, made)
	}
	for _, f := range w.members {
		source, err := os.Open(filepath.Join(from, f.name))
		if err != nil {
			return fmt.Errorf("%s has neither %s nor %s: docs/speech.md says how to fill it", from, w.name, f.name)
		}
		err = f.write(source, made)
		if err := errors.Join(err, source.Close()); err != nil {
			return err
		}
	}
	return nil
}

// unpack takes the files out of the package, whose hash has been checked.
func (w wheel) unpack(archive, made string) error {
	packed, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer func() { _ = packed.Close() }() // nothing was written to it
	for name, f := range w.members {
		source, err := packed.Open(name)
		if err != nil {
			return err
		}
		err = f.write(source, made)
		if err := errors.Join(err, source.Close()); err != nil {
			return err
		}
	}
	return nil
}

// write makes the file in a folder. A file that is not what it should be is refused.
func (c checked) write(source io.Reader, folder string) error {
	f, err := os.OpenFile(filepath.Join(folder, c.name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, hash), io.LimitReader(source, c.size+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	// Whatever the umask says: root installs it, and the service's user reads it.
	return errors.Join(c.same(hash.Sum(nil)), os.Chmod(f.Name(), 0o644))
}

// check reads a file and says whether it is the right one.
func (c checked) check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // nothing was written to it
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return err
	}
	return c.same(hash.Sum(nil))
}

func (c checked) same(hash []byte) error {
	if found := hex.EncodeToString(hash); found != c.sha256 {
		return fmt.Errorf("%s has the hash %s, not %s", c.name, found, c.sha256)
	}
	return nil
}

// flush writes to the disk whatever the system still has of a folder's file system in memory. A power cut would otherwise leave empty files.
func flush(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}
