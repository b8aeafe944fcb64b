package setup

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ringfence/config"
)

// Look finds out what there is to propose from.
func Look(s config.Settings) (Machine, error) {
	if s.InDatabase() {
		return Machine{}, fmt.Errorf("the households of this machine are in the database: add one with `sudo ringfence household add`, or on the page Households")
	}
	found, err := Interfaces()
	if err != nil {
		return Machine{}, fmt.Errorf("the network connections of this machine can't be read: %w", err)
	}
	return Machine{Settings: s, Interfaces: found}, nil
}

// Write writes the answers into ringfence.toml, and returns the settings as they are now. Nothing is written where they would be refused. The file
// before stays beside it, as ringfence.toml.old, until other answers replace it.
func (m Machine) Write(a Answers) (config.Settings, error) {
	file := m.Settings.File
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return config.Settings{}, unwritable(file, err)
	}
	after, err := m.edit(before, a)
	if err != nil {
		return config.Settings{}, fmt.Errorf("%s: %w", file, err)
	}
	s, err := m.check(after)
	if err != nil {
		return config.Settings{}, fmt.Errorf("with these answers %s would be wrong, so it is as it was: %s", file, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if err := replace(file, before, after); err != nil {
		return config.Settings{}, unwritable(file, err)
	}
	return s, nil
}

// The settings hold passwords: their owner may change them, and their group read them.
const (
	settingsMode = 0o640
	folderMode   = 0o750
)

// replace writes a file whole or not at all. It keeps its owner and group; a new one has those of its folder, which is how the package lets its
// programs read it.
func replace(file string, before, after []byte) error {
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return err
	}
	owner, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		owner, err = os.Stat(folder)
	}
	if err != nil {
		return err
	}
	if before != nil && !bytes.Equal(before, after) { // set up twice with the same answers, the file from before them is still there
		if err := writeFile(file+".old", before, owner); err != nil {
			return err
		}
	}
	return writeFile(file, after, owner)
}

func writeFile(file string, text []byte, owner fs.FileInfo) error {
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(settingsMode)
	}
	if of, is := owner.Sys().(*syscall.Stat_t); err == nil && is {
		err = chown(f, of)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// chown gives a file an owner and a group. Only root may give it another owner; who is not keeps the group at least, or the programs that read the
// settings could not.
func chown(f *os.File, of *syscall.Stat_t) error {
	if os.Geteuid() == 0 {
		return f.Chown(int(of.Uid), int(of.Gid))
	}
	if err := f.Chown(-1, int(of.Gid)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// CheckWritable says whether settings can be written at all, before anybody is asked anything.
func CheckWritable(file string) error {
	folder := filepath.Dir(file)
	for {
		_, err := os.Stat(folder)
		if !errors.Is(err, fs.ErrNotExist) || folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder) // one that does not exist yet is made
	}
	const write = 2 // W_OK of access(2)
	if err := syscall.Access(folder, write); err != nil {
		return unwritable(file, err)
	}
	return nil
}

func unwritable(file string, err error) error {
	if errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%s can only be read here: with Docker, edit config/ringfence.toml beside docker-compose.yml instead (docs/docker.md). Otherwise the disk or card may be failing: `sudo ringfence check` says so", file)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s can't be written by this user: run `sudo ringfence setup`", file)
	}
	return fmt.Errorf("%s can't be written: %w", file, err)
}
