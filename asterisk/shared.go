package asterisk

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The Debian package runs Asterisk and the application as two users, since it is Asterisk that reads what strangers send. Asterisk's folder is
// then open to the application's group, which may read it, and write into two folders within: sounds/own, for a household's own words, and
// dialplan, because people can choose another region than the one in ringfence.toml (docs/security.md).

// dialplanShared is the folder within an Asterisk's own that has the dialplan, where the application may not write beside the other files.
const dialplanShared = "dialplan"

// isShared says whether the group of a folder may look into it.
func isShared(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&0o050 == 0o050
}

// dialplanFolder is where the dialplan of the Asterisk with the configuration in dir is.
func dialplanFolder(dir string) string {
	folder := filepath.Join(dir, dialplanShared)
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		return folder
	}
	return dir
}

// linkDialplan makes Asterisk, which looks in dir, find a dialplan that is elsewhere.
func linkDialplan(dir string) error {
	if dialplanFolder(dir) == dir {
		return nil
	}
	link, to := filepath.Join(dir, dialplanFile), filepath.Join(dialplanShared, dialplanFile)
	if now, err := os.Readlink(link); err == nil && now == to {
		return nil
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(to, link)
}

// WriteShared writes a file beside a shared dialplan, for an Asterisk that cannot look into the application's folder.
func WriteShared(dir, name string, text []byte) error {
	return write(dialplanFolder(dir), name, string(text))
}

// ReadShared reads it.
func ReadShared(dir, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(dialplanFolder(dir), name))
}

// regionsFile is beside a shared dialplan.
const regionsFile = "regions.json"

// WriteRegions writes down beside a shared dialplan which regions people have chosen, by household: an Asterisk that cannot read the database
// starts with them.
func WriteRegions(dir string, chosen map[string]string) error {
	text, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	return WriteShared(dir, regionsFile, text)
}

// ReadRegions reads what WriteRegions has written; nil where it has written nothing yet.
func ReadRegions(dir string) (chosen map[string]string, err error) {
	text, err := ReadShared(dir, regionsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return chosen, json.Unmarshal(text, &chosen)
}
