package residence

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/prometheus/procfs"
)

// What the process or the dynamic linker has written is not dropped: it would be gone.
func TestOnlyWhatIsInAFileIsDropped(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-01300000 r-xp 00003000 fe:00 123 /usr/bin/ringfence
Rss:               14000 kB
Anonymous:             0 kB
Swap:                  0 kB
SwapPss:               0 kB
VmFlags: rd ex mr mw me
01300000-01400000 r--p 00f6a000 fe:00 123 /usr/bin/ringfence
Anonymous:             8 kB
Swap:                  0 kB
01400000-01500000 rw-p 03b7d000 fe:00 123 /usr/bin/ringfence
Anonymous:             0 kB
Swap:                  0 kB
01500000-01600000 r--p 00000000 00:00 0
Anonymous:             0 kB
Swap:                  0 kB
7ffc00000000-7ffc00001000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
Swap:                  0 kB
7f0000000000-7f0000100000 r--p 00000000 fe:00 124 /usr/lib/a library.so
Anonymous:             0 kB
Swap:                  0 kB
7f0000100000-7f0000102000 r--p 00100000 fe:00 124 /usr/lib/a library.so
Rss:                   0 kB
Anonymous:             0 kB
Swap:                  8 kB
`
	got, err := unchanged(strings.NewReader(smaps))
	if want := []mapping{{0x400000, 0x1300000}, {0x7f0000000000, 0x7f0000100000}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%x (%v), want %x", got, err, want)
	}
}

// This program's own code is dropped, and it goes on.
func TestShrink(t *testing.T) {
	before := ofFiles(t)
	if err := Shrink(); err != nil {
		t.Fatal(err)
	}
	if after := ofFiles(t); after > before*3/4 {
		t.Errorf("of %d bytes from files, %d are still there", before, after)
	}
}

func ofFiles(t *testing.T) uint64 {
	t.Helper()
	self, err := procfs.NewProc(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	status, err := self.NewStatus()
	if err != nil {
		t.Fatal(err)
	}
	return status.RssFile
}
