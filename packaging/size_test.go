package packaging

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ringfence/app"
)

// What a small computer and a slow line have to bear. In memory, 53 and 44 MB were measured, the program's own code included.
const (
	mostPackage = 35 << 20 // bytes
	mostServe   = 58 << 10 // kB in memory, with nobody on the line
	mostKeeper  = 48 << 10 // the same, of the program that watches over Asterisk
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
		t.Logf("%s: %.1f MB", filepath.Base(name), float64(info.Size())/(1<<20))
		if info.Size() > mostPackage {
			t.Errorf("%s has %d bytes, and may have %d", name, info.Size(), mostPackage)
		}
	}
}

// small checks what the services take in memory.
func (c *computer) small() {
	c.Helper()
	for service, most := range map[string]int{"ringfence.service": mostServe, "ringfence-asterisk.service": mostKeeper} {
		said := c.run("awk '/^VmRSS/ { print $2 }' /proc/$(systemctl show -P MainPID " + service + ")/status")
		size, err := strconv.Atoi(strings.TrimSpace(said))
		if err != nil {
			c.Fatalf("%s: %q", service, said)
		}
		c.Logf("%s: %.1f MB in memory", service, float64(size)/1024)
		if size > most {
			c.Errorf("%s takes %d kB in memory, and may take %d", service, size, most)
		}
	}
}
