package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Replica is where a second copy of the data folder is kept, seconds behind (package store/replica).
type Replica struct {
	Folder   string `toml:"folder"`   // on another disk; "" is nowhere
	Settings bool   `toml:"settings"` // ringfence.toml and its passwords follow, too
}

func (r Replica) validate(data string) error {
	switch {
	case r.Folder == "":
		return nil
	case !filepath.IsAbs(r.Folder):
		return fmt.Errorf("replica.folder is %q: write the whole path, which begins with /", r.Folder)
	case within(r.Folder, data) || within(data, r.Folder):
		return fmt.Errorf("replica.folder is %s, and the data folder is %s: neither can be in the other, and the replica belongs on another disk", r.Folder, data)
	}
	return nil
}

// within says whether a path is a folder, or in it.
func within(path, folder string) bool {
	below, err := filepath.Rel(folder, path)
	return err == nil && below != ".." && !strings.HasPrefix(below, "../")
}

// namedFile is a file that a setting names: a password's, or a certificate's.
var namedFile = regexp.MustCompile(`"(?:file:)?(/[^"\n]+)"`)

// Beside are the names of the settings' file and of those that it names in its own folder, such as those of passwords. Without them another machine
// could not take this one's place.
func (s Settings) Beside() (folder string, names []string, err error) {
	text, err := os.ReadFile(s.File)
	if err != nil {
		return "", nil, err
	}
	folder, names = filepath.Dir(s.File), []string{filepath.Base(s.File)}
	for _, named := range namedFile.FindAllSubmatch(text, -1) {
		path := string(named[1])
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || filepath.Dir(path) != filepath.Clean(folder) {
			continue
		}
		if name := filepath.Base(path); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return folder, names, nil
}
