package main_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// testDisk is a small ext4 file system of its own, such as on a card, which a test can fill and break. It needs root.
type testDisk struct {
	at   string
	loop string // the device's name below /dev
	size int64
}

// newTestDisk makes one of so many bytes and mounts it at a folder, which is made; image is the file for it. Mount it before anything is
// written there, and close it after what runs there has ended.
func newTestDisk(image, at string, size int64) (*testDisk, error) {
	f, err := os.OpenFile(image, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Truncate(size), f.Close(), os.MkdirAll(at, 0o700)); err != nil {
		return nil, err
	}
	// errors=remount-ro is what Debian's installer writes into /etc/fstab: after the first error of the card nothing can be written.
	if _, err := diskTool("mkfs.ext4", "-q", "-m", "0", image); err != nil {
		return nil, err
	}
	if _, err := diskTool("mount", "-o", "loop,errors=remount-ro", image, at); err != nil {
		return nil, err
	}
	d := &testDisk{at: at, size: size}
	if d.loop, err = loopAt(at); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, errors.Join(os.Chmod(at, 0o700), os.RemoveAll(filepath.Join(at, "lost+found")))
}

// loopAt is the name of the loop device that is mounted somewhere, such as loop3.
func loopAt(at string) (string, error) {
	device, err := diskTool("findmnt", "-n", "-o", "SOURCE", at)
	return filepath.Base(device), err
}

func (d *testDisk) filling() string { return filepath.Join(d.at, "filling") }

// Fill takes all room that is left.
func (d *testDisk) Fill() error {
	f, err := os.OpenFile(d.filling(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	// Most of it is only reserved, which costs the machine's own disk nothing; what is left then, in pieces, is written.
	for size, at := int64(1<<40), int64(0); size >= 1<<20; size /= 2 {
		for syscall.Fallocate(int(f.Fd()), 0, at, size) == nil {
			at += size
		}
	}
	var written int64
	for _, size := range []int{1 << 20, 4096, 1} {
		block := make([]byte, size)
		for err == nil {
			if written += int64(size); written > 2*d.size { // whoever has unmounted it must not have their own disk filled
				return errors.Join(fmt.Errorf("%s is on another disk", d.at), f.Close(), d.Empty())
			}
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return errors.Join(err, f.Close())
		}
		err = nil
	}
	return f.Close()
}

// Empty gives back what Fill has taken.
func (d *testDisk) Empty() error { return os.Remove(d.filling()) }

// TurnReadOnly does what the kernel does when a card has an error: from now on nothing can be written, whatever is open.
func (d *testDisk) TurnReadOnly() error {
	return os.WriteFile(filepath.Join("/sys/fs/ext4", d.loop, "trigger_fs_error"), []byte("a test"), 0o200)
}

// Close unmounts it; what is still open there goes on until it is closed.
func (d *testDisk) Close() error {
	_, err := diskTool("umount", "-l", d.at)
	return err
}

func diskTool(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return strings.TrimSpace(string(out)), err
}
