package asterisk

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// memory is a file system that Linux keeps in memory for everybody (tmpfs(5), shm_overview(7)). Even a container that can write nowhere else
// has it.
const memory = "/dev/shm"

// MemoryFolder is where the Asterisk with the configuration in dir keeps what a call has to write: recordings until they are fetched, and its
// control socket. It is not on a disk, so that calls go on when the disk is full or read-only.
func MemoryFolder(dir string) string {
	return filepath.Join(memory, fmt.Sprintf("ringfence-%d-%.6x", os.Getuid(), sha256.Sum256([]byte(dir))))
}

// ownMemory makes that folder, readable by its owner only. Where that is not possible, it returns dir.
func ownMemory(dir string) string {
	at := MemoryFolder(dir)
	_ = os.Mkdir(at, 0o700) // checked next, because anybody can make folders there
	info, err := os.Lstat(at)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return dir
	}
	if owner, known := info.Sys().(*syscall.Stat_t); !known || int(owner.Uid) != os.Getuid() {
		return dir
	}
	return at
}
