package asterisk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Upgrade is an Asterisk beside the machine's own, ready to take its place.
type Upgrade struct {
	Installation Installation // the new one, where it is before Switch
	Before       Installation // the one that it is to replace

	now, next, before string // root folders
	held              *os.File
}

// ErrPackaged says that this Asterisk is a package of the distribution's, which apt keeps up to date.
var ErrPackaged = errors.New("this machine's Asterisk is a package: `apt upgrade` keeps it up to date")

// PrepareUpgrade gets Debian's present Asterisk, with all the libraries that it needs, beside the machine's own. It returns nil where nothing in it
// is newer. Close it in any case where it is not nil.
func PrepareUpgrade(ctx context.Context, progress io.Writer) (*Upgrade, error) {
	return thisMachine().prepareUpgrade(ctx, progress)
}

func (m machine) prepareUpgrade(ctx context.Context, progress io.Writer) (_ *Upgrade, err error) {
	if _, err := m.onPath(ctx, "PATH"); err == nil {
		return nil, ErrPackaged
	}
	u := &Upgrade{now: m.sharedRoot()}
	u.next, u.before = u.now+".next", u.now+".before"
	if u.Before, err = inRoot(ctx, u.now, "machine"); err != nil {
		return nil, fmt.Errorf("this machine has no Asterisk of its own that could be upgraded: run `sudo ringfence asterisk install` (%w)", err)
	}
	if !m.root {
		return nil, errors.New("only root may upgrade Asterisk: put sudo before the command")
	}
	if u.held, err = lock(ctx, u.now+".lock", progress); err != nil {
		return nil, err
	}
	if err = m.makeRoot(ctx, u.next, u.held, progress); err == nil {
		u.Installation, err = inRoot(ctx, u.next, "machine")
	}
	if err != nil {
		return nil, errors.Join(err, u.Close())
	}
	if samePackages(u.now, u.next) {
		return nil, u.Close()
	}
	older, err := olderPackage(ctx, u.now, u.next)
	if err == nil && older != "" {
		err = fmt.Errorf("Debian's mirror is behind: it has an older %s than this machine's Asterisk, so nothing is changed", older)
	}
	if err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

// status is dpkg's list of a root folder's packages.
const status = "var/lib/dpkg/status"

// samePackages says whether two root folders have the same packages in the same versions.
func samePackages(a, b string) bool {
	one, errOne := os.ReadFile(filepath.Join(a, status))
	other, errOther := os.ReadFile(filepath.Join(b, status))
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}

// olderPackage is a package that is older in next than in now; "" if none is. Lists that Debian has signed once are taken however old they are (see
// debootstrap), so whoever sits between this machine and the mirror could bring faults back that have been mended.
func olderPackage(ctx context.Context, now, next string) (name string, err error) {
	before, err := packageVersions(now)
	if err != nil {
		return "", err
	}
	after, err := packageVersions(next)
	if err != nil {
		return "", err
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] == "" || before[name] == after[name] {
			continue
		}
		err := exec.CommandContext(ctx, "dpkg", "--compare-versions", after[name], "lt", before[name]).Run()
		var no *exec.ExitError
		if err == nil {
			return name, nil
		} else if !errors.As(err, &no) {
			return "", fmt.Errorf("the versions of %s can't be compared: %w", name, err)
		}
	}
	return "", ctx.Err()
}

// packageVersions are the versions of a root folder's packages, by name.
func packageVersions(root string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(root, status))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	found, name := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		if value, is := strings.CutPrefix(line, "Package: "); is {
			name = strings.TrimSpace(value)
		} else if value, is := strings.CutPrefix(line, "Version: "); is {
			found[name] = strings.TrimSpace(value)
		}
	}
	return found, nil
}

// Switch puts the new one in the place of the one before, which is kept for GoBack. There is an Asterisk in that place at every moment. The one that
// runs goes on with what it has loaded, until it is restarted.
func (u *Upgrade) Switch() error {
	if err := os.RemoveAll(u.before); err != nil {
		return err
	}
	if err := swap(u.now, u.next); err != nil {
		return err
	}
	return os.Rename(u.next, u.before)
}

// GoBack undoes Switch, and removes the new one.
func (u *Upgrade) GoBack() error {
	if err := swap(u.now, u.before); err != nil {
		return err
	}
	return os.RemoveAll(u.before)
}

// swap exchanges two folders in one step.
func swap(a, b string) error {
	if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE); err != nil {
		return fmt.Errorf("Asterisk cannot be put in its place: %w", err)
	}
	return nil
}

// Close removes the new one where it was not switched to, and lets others upgrade.
func (u *Upgrade) Close() error {
	return errors.Join(os.RemoveAll(u.next), u.held.Close())
}
