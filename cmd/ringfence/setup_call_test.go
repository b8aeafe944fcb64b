package main_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/demo/testbed"
	"ringfence/internal/servetest"
	"ringfence/softphone"
	"ringfence/store"
	"ringfence/store/storetest"
)

// Somebody who has just installed Ringfence: both services run with nothing set up, and say where to go. Then "ringfence setup" is all that it takes
// until a caller is screened and announced, with no service restarted by hand.
// Long: one installation, from nothing to two who talk.
func TestFromNothingToAScreenedCall(t *testing.T) {
	t.Parallel()
	slots.take(t, true)
	ctx, done := context.WithTimeout(context.Background(), limit)
	t.Cleanup(done)
	dir := t.TempDir()
	free := func(network string) string {
		at, err := testbed.Free(network, testbed.AsteriskIP)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	bed := &testbed.Testbed{SIP: free("udp"), ARI: free("tcp"), Web: free("tcp"), Passwords: map[string]string{}}
	file, data := filepath.Join(dir, "ringfence.toml"), filepath.Join(dir, "data")
	// What a package installs: a file without a household.
	text := fmt.Sprintf("data = %q\n[asterisk]\nsip = %q\nari = %q\n[web]\nlisten = %q\n", data, bed.SIP, bed.ARI, bed.Web)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := lend(phrases, filepath.Join(data, "asterisk", "sounds")); err != nil {
		t.Fatal(err)
	}
	log := servetest.NewText()
	for _, args := range [][]string{{"asterisk", "run", filepath.Join(data, "asterisk")}, {"serve", "--door", free("tcp")}} {
		beside(t, log, append([]string{"--config", file}, args...)...)
	}
	log.Has(t, "sudo ringfence setup")
	log.Has(t, "so no phone can ring")
	if err := storetest.Ready(ctx, filepath.Join(data, "ringfence.db"), store.Open); err != nil {
		t.Fatal(err)
	}

	// The phone is not there yet, so a check fails: that is said, and the settings hold.
	said := servetest.NewText()
	typed := strings.Join([]string{"1", "GB", "020 7946 0100", "127.0.0.1", "127.0.0.2", "", "hall", ""}, "\n")
	setUp := exec.CommandContext(ctx, plain, "--config", file, "setup", "--no-search")
	setUp.Stdin, setUp.Stdout, setUp.Stderr = strings.NewReader(typed), said, said
	if err := setUp.Start(); err != nil {
		t.Fatal(err)
	}
	said.Has(t, "calls are screened")
	said.Has(t, "Ring this line from a mobile now")
	s, err := config.Read(file, "")
	if err != nil {
		t.Fatal(err)
	}
	bed.Passwords["hall"] = s.Households[0].Phones[0].Password
	h := &house{T: t, Testbed: bed, ctx: ctx}
	h.hall, h.caller = h.telephone("hall"), h.somebody("caller")
	out, err := h.caller.Dial(ctx, softphone.Dial{
		Number: "line", At: bed.SIP, From: softphone.CallerID{Number: neighbour}, User: "trunk-line", Password: s.Trunks[0].Password,
	})
	h.must(err)
	h.statesName(out, "neighbour")
	in := h.picksUp(h.hall)
	h.hears(in, "call-from")
	h.presses(in, "1")
	h.talk(out, in)
	said.Has(t, "ok  The call has come in, from 020 7946 0009.")
	said.Has(t, "All of it works.")
	if err := setUp.Wait(); err != nil {
		t.Errorf("setup ends with %v: %s", err, said)
	}
	h.hangsUp(out)
	h.ended(in)
}

// beside runs the program until the test ends.
func beside(t *testing.T, log io.Writer, args ...string) {
	t.Helper()
	cmd := exec.Command(watched, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()                       // how it ends is not what this is about
	})
}

// A call that comes at the moment at which Asterisk is back rings every telephone, not only those that it has been told of by then.
func TestAllTelephonesRingRightAfterAStart(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) {
		o.Keep = true
		o.Phones = []testbed.Phone{{Name: "hall"}, {Name: "attic"}, {Name: "kitchen"}}
	})
	attic, kitchen := h.telephone("attic"), h.telephone("kitchen")
	h.kill()
	for range 3 {
		h.must(h.StopAsterisk(h.ctx))
		h.must(h.StartAsterisk(h.ctx))
		out := h.dials("02079460001")
		h.rings(h.hall)
		h.rings(kitchen)
		in := h.picksUp(attic)
		h.hangsUp(out)
		h.ended(in)
	}
}

// Settings that change take effect while two people talk, and do not disturb them. Settings that are wrong change nothing.
func TestSettingsAreFollowedWhilePeopleTalk(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) { o.Keep = true })
	h.killed = true // the connection is cut when the application restarts
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	before, err := os.ReadFile(h.Settings)
	h.must(err)
	write := func(text string, says ...string) {
		t.Helper()
		var said []<-chan struct{}
		for _, words := range says {
			said = append(said, h.Logged(words))
		}
		h.must(os.WriteFile(h.Settings, []byte(text), 0o600))
		for i, is := range said {
			select {
			case <-is:
			case <-h.ctx.Done():
				t.Fatalf("it never says %q", says[i])
			}
		}
	}
	h.Passwords["attic"] = "six quiet owls in an attic"
	more := string(before) + "\n[[household.phone]]\nname = \"attic\"\npassword = \"" + h.Passwords["attic"] + "\"\n"
	write(more, "Asterisk has the new settings; calls went on", "going on with them")
	h.talk(out, in)
	more = "keep_days = 60\n" + more // for which the application restarts
	write(more, "going on with them", "connected to Asterisk")
	h.talk(out, in)
	attic := h.telephone("attic")
	h.hangsUp(out)
	h.ended(in)

	write(more+"\ncolour = \"red\"\n", "so Asterisk goes on with the ones before", "so the ones before hold")
	out = h.dials("02079460001")
	h.rings(h.hall)
	in = h.picksUp(attic)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)

	// Started with wrong settings, Asterisk has those that it last ran with: the phones ring.
	h.must(h.StopAsterisk(h.ctx))
	h.must(h.StartAsterisk(h.ctx))
	h.must(attic.Register(h.ctx))
	out = h.dials("02079460001")
	in = h.picksUp(attic)
	h.hangsUp(out)
	h.ended(in)
}
