package packaging

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/app"
)

// What a small computer and a slow line have to bear. Memory is all that the kernel counts for a process (VmRSS in proc(5)), with the pages of the
// program's file, which it can drop at any time.
const (
	// mostPackage are bytes: 35 MiB. 36.1 million were measured for amd64 on 2026-11-30 (34.4 MiB): the recordings take 23.1 of them.
	mostPackage = 35 << 20
	mostServe   = 45 << 10 // kB in memory, with nobody on the line: 36 to 38 MB were measured
	mostKeeper  = 25 << 10 // the same, of the program that watches over Asterisk: 24 MB were measured
)

func TestPackageIsSmall(t *testing.T) {
	folder := os.Getenv(packagesIn)
	if folder == "" {
		t.Skip("make package-test runs this")
	}
	packages, err := filepath.Glob(filepath.Join(folder, "ringfence_"+app.Release+"_*.deb")) // the next one is not compressed
	if err != nil || len(packages) == 0 {
		t.Fatalf("there are no packages in %s (%v)", folder, err)
	}
	for _, name := range packages {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.1f MiB", filepath.Base(name), float64(info.Size())/(1<<20))
		if info.Size() > mostPackage {
			t.Errorf("%s has %d bytes, and may have %d", name, info.Size(), mostPackage)
		}
	}
}

// settles is how long a service may take to the end of its start, on a machine that has much else to do. The last step looks at the whole machine.
// What it gives back then has to stay away: it is measured again after a while.
const (
	settles = 3 * time.Minute
	stays   = 30 * time.Second
)

// small checks what the services take in memory right after the installation and the start that comes with it.
func (c *computer) small() {
	c.Helper()
	most := map[string]int{"ringfence.service": mostServe, "ringfence-asterisk.service": mostKeeper}
	for service, most := range most {
		for began := time.Now(); c.memory(service) > most && time.Since(began) < settles; {
			time.Sleep(time.Second) // nothing says when a start is over
		}
	}
	time.Sleep(stays)
	for service, most := range most {
		size := c.memory(service)
		c.Logf("%s: %.1f MB in memory", service, float64(size)/1024)
		if size > most {
			c.Errorf("%s takes %d kB in memory, and may take %d", service, size, most)
		}
	}
}

// memory is what a service takes, in kB.
func (c *computer) memory(service string) int {
	c.Helper()
	said := c.run("awk '/^VmRSS/ { print $2 }' /proc/$(systemctl show -P MainPID " + service + ")/status")
	size, err := strconv.Atoi(strings.TrimSpace(said))
	if err != nil {
		c.Fatalf("%s: %q", service, said)
	}
	return size
}
