package asterisk

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// memory is where Linux has a file system that is no disk (tmpfs(5), shm_overview(7)), for everybody, also in a container that can write
// nowhere else.
const memory = "/dev/shm"

// MemoryFolder is where the Asterisk whose configuration stands in dir has what a call needs to be written down: recordings until they are
// fetched, and its control socket. It is no disk, so that a call goes its course when the disk is full or can no longer be written to.
func MemoryFolder(dir string) string {
	return filepath.Join(memory, fmt.Sprintf("ringfence-%d-%.6x", os.Getuid(), sha256.Sum256([]byte(dir))))
}

// ownMemory makes that folder, for its owner alone. Where that is not possible, it is dir.
func ownMemory(dir string) string {
	at := MemoryFolder(dir)
	_ = os.Mkdir(at, 0o700) // what is there is looked at next: everybody can make folders in memory
	info, err := os.Lstat(at)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return dir
	}
	if owner, known := info.Sys().(*syscall.Stat_t); !known || int(owner.Uid) != os.Getuid() {
		return dir
	}
	return at
}
