// Package residence makes a program that stays small again after its start. A start runs code that never runs again, and makes garbage that takes more
// than what is kept. Where there is much memory, the kernel leaves all of that where it is: with each page of code that is used it maps those around it,
// so that a program which imports much counts with nearly all of its code.
package residence

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// settled is when the other parts of a start are over, too, after the one that tells its end: they run beside each other.
const settled = 10 * time.Second

// AtStartsEnd returns what calls Shrink, once and a little later. An error is logged: what stays in memory does no other harm.
func AtStartsEnd(log *slog.Logger) func() {
	return sync.OnceFunc(func() {
		time.AfterFunc(settled, func() {
			if err := Shrink(); err != nil {
				log.Warn("what only the start needed stays in memory", "err", err)
			}
		})
	})
}

// Shrink collects garbage and gives back what only the start needed. It is for the end of a start, once. Code and constants go too: the kernel maps
// them again when they are used, from its cache or the program's file (madvise(2), MADV_DONTNEED).
func Shrink() error {
	debug.FreeOSMemory()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	unchanged, err := unchanged(f)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range unchanged {
		if _, _, fault := unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED); fault != 0 {
			errs = append(errs, fmt.Errorf("madvise: %w", fault))
		}
	}
	return errors.Join(errs...)
}

// mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// unchanged are the mappings that hold nothing but what is in a file: they cannot be written, and no page of them is the process's own. Those that
// the dynamic linker has filled in before it made them read-only do have such pages: in memory (proc_pid_smaps(5): Anonymous), or swapped out, which
// the kernel says after that (Swap).
func unchanged(smaps io.Reader) (found []mapping, err error) {
	var m mapping
	fromFile := false // and no page of its own so far
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 5 && !strings.HasSuffix(fields[0], ":") { // ADDRESSES PERMISSIONS OFFSET DEVICE INODE PATH
			fromFile = len(fields) >= 6 && strings.HasPrefix(fields[5], "/") && fields[1][1] == '-'
			if _, err := fmt.Sscanf(fields[0], "%x-%x", &m.from, &m.to); err != nil {
				return nil, fmt.Errorf("smaps: %w", err)
			}
		}
		if len(fields) != 3 {
			continue
		}
		switch {
		case fields[0] == "Anonymous:" && fields[1] != "0":
			fromFile = false
		case fields[0] == "Swap:" && fields[1] == "0" && fromFile:
			found = append(found, m)
		}
	}
	return found, lines.Err()
}
