package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// unusableFile says why the file of a password cannot be used, and what to type.
type unusableFile struct {
	of      owned
	path    string
	what    string // is wrong with it, such as "which is empty"
	command string // what to type; "" writes a password into it
}

func (f unusableFile) Error() string {
	command := f.command
	if command == "" {
		command = f.writing()
	}
	return fmt.Sprintf("%s is to be in %s, %s: type `%s`", f.of.name, f.path, f.what, command)
}

// writing is the command that puts a password into the file: a new one, or by hand what somebody else has chosen.
func (f unusableFile) writing() string {
	path := ShellQuoted(f.path)
	if f.of.foreign {
		return "sudoedit " + path
	}
	return "sudo sh -c " + ShellQuoted("umask 027; head -c 12 /dev/urandom | base64 > "+path)
}

// fileFault puts into words why a password's file could not be read.
func fileFault(of owned, path string, err error) error {
	fault := unusableFile{of: of, path: path}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fault.what = "and there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return unreadable(of, path, path, os.Geteuid())
	case errors.Is(err, syscall.EISDIR):
		fault.what, fault.command = "which is a folder", "sudo rmdir "+ShellQuoted(path)
	default:
		return fmt.Errorf("%s is to be in %s, which cannot be read: %w", of.name, path, err)
	}
	return fault
}

// unreadable says that a user cannot read the file of a password because of the permissions of at: the file itself, or a folder above it.
func unreadable(of owned, path, at string, uid int) error {
	name, group := fmt.Sprint(uid), fmt.Sprint(uid)
	if who, err := user.LookupId(name); err == nil {
		name, group = who.Username, who.Gid
		if g, err := user.LookupGroupId(who.Gid); err == nil {
			group = g.Name
		}
	}
	mode := "640"
	if at != path {
		mode = "750"
	}
	at = ShellQuoted(at)
	return unusableFile{
		of: of, path: path, what: fmt.Sprintf("which the user %s cannot read", name),
		command: fmt.Sprintf("sudo chgrp %s %s && sudo chmod %s %s", group, at, mode, at),
	}
}

// secretFiles are the passwords that are in files: whose, and where.
func (s Settings) secretFiles() map[string]owned {
	all := map[string]owned{}
	add := func(of owned, value string) {
		if path, is := strings.CutPrefix(value, fromFile); is {
			all[path] = of
		}
	}
	add(owned{name: "the ARI password"}, s.Asterisk.ARIPassword)
	for _, t := range s.Trunks {
		add(t.owned(), t.Password)
	}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			add(p.owned(h), p.Password)
		}
	}
	return all
}

func (t Trunk) owned() owned { return owned{"the password of the trunk " + t.Name, t.Register} }

func (p Phone) owned(h Household) owned {
	return owned{name: fmt.Sprintf("the password of the phone %s of %s", p.Name, h.Name)}
}

// hiddenFromAsterisk are the files of passwords that whoever runs these commands can read, and the user who runs Asterisk cannot. Asterisk's
// folder belongs to that user. Access control lists are not looked at.
func (s Settings) hiddenFromAsterisk() (faults []error) {
	info, err := os.Stat(s.AsteriskFolder())
	if err != nil {
		return nil // Asterisk has not run yet, so nobody knows as whom it will
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() || owner.Uid == 0 {
		return nil
	}
	groups := groupsOf(int(owner.Uid), int(owner.Gid))
	files := s.secretFiles()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if at := closedAt(path, int(owner.Uid), groups); at != "" {
			faults = append(faults, unreadable(files[path], path, at, int(owner.Uid)))
		}
	}
	return faults
}

// groupsOf are a user's groups; a user of a container, who has no name, has the one of the folder.
func groupsOf(uid, fallback int) []int {
	groups := []int{fallback}
	who, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return groups
	}
	ids, _ := who.GroupIds() // without them the primary one counts
	for _, id := range append(ids, who.Gid) {
		if n, err := strconv.Atoi(id); err == nil {
			groups = append(groups, n)
		}
	}
	return groups
}

// closedAt is the file, or the first folder above it, that a user may not read or go through; "" where there is none, or no such file.
func closedAt(path string, uid int, groups []int) string {
	var folders []string
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		folders = append(folders, folder)
		if folder == filepath.Dir(folder) {
			break
		}
	}
	slices.Reverse(folders)
	for _, folder := range folders {
		if !permits(folder, uid, groups, 0o1) {
			return folder
		}
	}
	if !permits(path, uid, groups, 0o4) {
		return path
	}
	return ""
}

// permits looks at the permission bits as the kernel does: the owner's bits count for the owner, even where others may do more.
func permits(path string, uid int, groups []int, want fs.FileMode) bool {
	info, err := os.Stat(path)
	if err != nil {
		return true // somebody else says what is wrong
	}
	of, ok := info.Sys().(*syscall.Stat_t)
	switch mode := info.Mode().Perm(); {
	case !ok:
		return true
	case int(of.Uid) == uid:
		return mode>>6&want != 0
	case slices.Contains(groups, int(of.Gid)):
		return mode>>3&want != 0
	default:
		return mode&want != 0
	}
}

// ShellQuoted is a word as it has to be typed, so that a shell takes it as it is.
func ShellQuoted(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-@:+", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
