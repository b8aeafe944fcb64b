package main_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
)

// diskFaults are what can become of a disk.
var diskFaults = []struct {
	name string
	do   func(*testDisk) error
}{
	{"full", (*testDisk).Fill},
	{"read-only", (*testDisk).TurnReadOnly},
}

func dataFolder(o *testbed.Options) string { return filepath.Join(o.Dir, "data") }

// recordings is where Asterisk records, which is no disk but for a test.
func recordings(o *testbed.Options) string {
	return filepath.Join(asterisk.MemoryFolder(filepath.Join(o.Dir, "data", "asterisk")), "spool", "recording")
}

// onADisk is a testbed one of whose folders is on a disk of its own.
func onADisk(t *testing.T, folder func(*testbed.Options) string, change ...func(*testbed.Options)) (*house, *testDisk) {
	t.Helper()
	var disk *testDisk
	h := openLongHouse(t, func(o *testbed.Options) {
		for _, c := range change {
			c(o)
		}
		var err error
		if disk, err = newTestDisk(filepath.Join(o.Dir, "disk"), folder(o), 64<<20); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := disk.Close(); err != nil {
				t.Error(err)
			}
			_ = os.RemoveAll(asterisk.MemoryFolder(filepath.Join(o.Dir, "data", "asterisk"))) // a testbed cannot while a disk is in it
		})
	})
	// Asterisk says what it cannot write.
	h.excuse("No space left on device", "Read-only file system", "Error writing frame", "Error creating writestream", "Natural write failed", "Unable to set our position",
		"Couldn't execute statement", "Error executing SQL", "Error writing value to database", "database or disk is full", "attempt to write a readonly database")
	h.spoiled = folder(&h.Options) == recordings(&h.Options)
	return h, disk
}

// A telephone that registers while the disk cannot be written to is rung.
func TestATelephoneRegistersWithoutTheDisk(t *testing.T) {
	t.Parallel()
	silence := notesLongest(t, silenceNoted)
	for _, f := range diskFaults {
		t.Run(f.name, func(t *testing.T) {
			h, disk := onADisk(t, dataFolder)
			h.must(f.do(disk))
			moved := h.telephone("hall")
			out := h.dials(neighbour)
			h.statesName(out, "neighbour") // what a call writes waits, and the call goes on
			in := h.picksUp(moved)
			h.beginsToHear(in, "choices")
			h.presses(in, "1")
			h.talk(out, in)
			h.hangsUp(out)
			h.ended(in)
			silence(out.LongestSilence().Length)
		})
	}
}

// Whatever the disk does in the middle of a call, the household hears who it is: nothing of it needs the disk.
func TestADiskThatFailsDuringACall(t *testing.T) {
	t.Parallel()
	silence := notesLongest(t, silenceNoted)
	for _, f := range diskFaults {
		for _, when := range []string{"ask-name", "beep", "please-hold"} {
			t.Run(f.name+" at "+when, func(t *testing.T) {
				h, disk := onADisk(t, dataFolder)
				out := h.dials(neighbour)
				fails := func(now string) {
					if h.hears(out, now); now == when {
						h.must(f.do(disk))
					}
				}
				fails("ask-name")
				fails("beep")
				h.says(out, "neighbour")
				fails("please-hold")
				in := h.picksUp(h.hall)
				h.hears(in, "call-from", "neighbour", "choices")
				h.presses(in, "1")
				h.talk(out, in)
				h.hangsUp(out)
				h.ended(in)
				silence(out.LongestSilence().Length)
			})
		}
	}
}

// A caller whose name cannot be recorded is no silent caller: the house rings.
func TestACallerWhoCannotBeRecordedRings(t *testing.T) {
	t.Parallel()
	silence := notesLongest(t, silenceNoted)
	for _, when := range []string{"ask-name", "beep"} {
		t.Run("read-only at "+when, func(t *testing.T) {
			h, disk := onADisk(t, recordings)
			out := h.dials(neighbour)
			h.hears(out, "ask-name")
			if when == "beep" {
				h.hears(out, "beep")
			}
			h.must(disk.TurnReadOnly())
			h.says(out, "neighbour")
			in := h.picksUp(h.hall)
			h.talk(out, in)
			h.hangsUp(out)
			h.ended(in)
			silence(out.LongestSilence().Length)
		})
	}
}

// Help can be called, whatever the disk does.
func TestHelpIsCalledWithoutTheDisk(t *testing.T) {
	t.Parallel()
	for _, f := range diskFaults {
		t.Run(f.name, func(t *testing.T) {
			h, disk := onADisk(t, dataFolder)
			network, err := h.Network(nil)
			h.must(err)
			t.Cleanup(func() { _ = network.Close() })
			h.must(f.do(disk))
			out, err := h.hall.Call(h.ctx, "999")
			h.must(err)
			in, err := network.Rings(h.ctx)
			h.must(err)
			h.must(in.Answer(h.ctx))
			h.talk(out, in)
			h.hangsUp(out)
			h.ended(in)
		})
	}
}

// A machine that starts with a disk that cannot be written to has a telephone, and knows where it stands.
func TestAStartWithoutTheDisk(t *testing.T) {
	t.Parallel()
	rang := notesLongest(t, ringingNoted)
	for _, f := range diskFaults {
		t.Run(f.name, func(t *testing.T) {
			h, disk := onADisk(t, dataFolder, func(o *testbed.Options) { o.Keep = true })
			h.kill()
			h.must(h.StopAsterisk(h.ctx))
			h.must(f.do(disk))
			h.must(h.StartAsterisk(h.ctx))
			began := time.Now()
			out := h.dials(neighbour)
			in := h.picksUp(h.hall) // it does not register again until much later
			rang(time.Since(began))
			h.talk(out, in)
			h.hangsUp(out)
			h.ended(in)
		})
	}
}
