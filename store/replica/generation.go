package replica

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/store/datafolder"
)

// A generation is what Litestream has copied since a snapshot of the whole database, without a gap. It is a folder of its own.
//
// Litestream 0.5.18 would go on after a gap, too. It finds one by what is in the write-ahead log, which SQLite overwrites from its beginning when it
// restarts it. If the log has been restarted twice while Litestream was away, and what it has copied last stands behind the new end, it takes the log for
// the one after. What was written meanwhile is missing then, and the database that is restored is damaged: TestReplicaUnderStress met that. So a generation
// is continued only if the log has not been restarted since, on a machine that has not either.
type generation struct {
	Name string `json:"generation"`
	Boot string `json:"boot"` // of the system
	Log  string `json:"log"`  // which write-ahead log it was when everything was copied last; "": it never was
}

// generationFile is in Litestream's own folder beside the database, which goes with the database.
const generationFile = "generation.json"

// which says which write-ahead log a database has: SQLite gives it another salt each time that it restarts it (sqlite.org/fileformat2.html#walformat).
func whichLog(data string) string {
	f, err := os.Open(filepath.Join(data, datafolder.Database+"-wal"))
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // nothing was written
	salts := make([]byte, 8)
	if _, err := f.ReadAt(salts, 16); err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	return hex.EncodeToString(salts)
}

func thisBoot() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // where there is none, nothing is continued
	return strings.TrimSpace(string(id))
}

// current is the generation to go on with: the last one, if there is no gap, or else a new one.
func current(data, folder string) (g generation, err error) {
	text, err := os.ReadFile(filepath.Join(data, datafolder.Following, generationFile))
	if err == nil && json.Unmarshal(text, &g) == nil && g.Log != "" && g.Log == whichLog(data) && g.Boot != "" && g.Boot == thisBoot() {
		if _, err := os.Stat(filepath.Join(folder, DatabaseFolder, g.Name)); err == nil {
			return g, nil
		}
	}
	if err := os.RemoveAll(filepath.Join(data, datafolder.Following)); err != nil {
		return g, err
	}
	all, err := generations(folder)
	g = generation{Name: time.Now().UTC().Format(datafolder.Stamp), Boot: thisBoot()}
	if len(all) > 0 && all[0] >= g.Name { // a clock that was set back
		g.Name = all[0] + "-"
	}
	if err != nil {
		return g, err
	}
	return g, g.write(data)
}

func (g generation) write(data string) error {
	text, err := json.Marshal(g)
	if err != nil {
		return err
	}
	at := filepath.Join(data, datafolder.Following)
	return errors.Join(os.MkdirAll(at, 0o700), datafolder.WriteFile(filepath.Join(at, generationFile), text))
}

// generations are the names of the generations in a replica, the newest first.
func generations(folder string) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(folder, DatabaseFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range slices.Backward(entries) {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// dropBefore deletes the generations from before one that is complete.
func dropBefore(folder, name string) error {
	all, err := generations(folder)
	for _, old := range all {
		if old < name {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, DatabaseFolder, old)))
		}
	}
	return err
}
