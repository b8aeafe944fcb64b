package main

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/app/alerts"
	"ringfence/notify"
	"ringfence/notify/notifytest"
	"ringfence/sharing/fetch"
	"ringfence/store"
	"ringfence/store/outbox"
)

// pushHost is the address of the push service of these tests.
const pushHost = "127.0.0.77"

// The tests' own program is the process that sends a message, for a command under test.
func init() {
	if len(os.Args) > 1 && os.Args[1] == alerts.SendCommand {
		public := func(at netip.AddrPort) error { // besides the internet, the push service of these tests
			if at.Addr().String() == pushHost {
				return nil
			}
			return fetch.Public(at)
		}
		if err := notify.Child(os.Stdin, os.Stdout, public, func() { os.Exit(exitFailed) }); err != nil {
			os.Exit(exitFailed)
		}
		os.Exit(exitDone)
	}
}

func TestTellCommands(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	s := notifytest.NewWebhook(t)
	h.says(0, "Nobody gets alerts yet", "alert")
	h.says(0, "Nobody gets alerts yet", "tell", "list") // as it was called before
	h.says(1, "there is no alert 1", "alert", "test", "1")
	var id int64
	h.fill(func(db *store.Store) error {
		p, err := db.People.Add(t.Context(), "Anna", "anna@example.org")
		if err != nil {
			return err
		}
		if err := db.SetMembership(t.Context(), "home", p.ID, store.RoleOwner, true); err != nil {
			return err
		}
		if err := db.SetAlertsAtHome(t.Context(), "home", true); err != nil { // where the service of this test is
			return err
		}
		id, err = db.Outbox.AddChannel(t.Context(), "home", p.ID, "Web address on 127.0.0.1", "webhook", s.Address(t), outbox.Choices{Digest: notify.AtOnce})
		return err
	})
	out := h.says(0, "Anna  Web address on 127.0.0.1  none yet      0        works", "alert", "list")
	if strings.Contains(out, "topsecret") {
		t.Error(out)
	}
	h.says(0, "The test message was sent: Web address on 127.0.0.1.", "alert", "test", fmt.Sprint(id))
	if got := s.Got(); len(got) != 1 || !strings.HasPrefix(got[0], "Ringfence: home|This is a test.") {
		t.Errorf("%q", got)
	}
	if out := h.says(0, "works", "alert"); strings.Contains(out, "none yet") {
		t.Error(out)
	}
	s.Is("refuses")
	h.says(1, "Web address on 127.0.0.1 does not work: The web address has trouble of its own.", "alert", "test", fmt.Sprint(id))
	h.says(1, "for Ringfence itself", alerts.SendCommand)
	one := fmt.Sprint(id)
	h.says(0, "The alert is changed.", "alert", "change", one, "--about", "line,message-left", "--daily", "18:00", "--quiet", "22:00-07:00", "--urgent", "--zone", "Europe/Paris")
	h.says(0, "About: line, message-left\nComes: once a day, at 18:00, but not from 22:00 to 07:00 unless it is urgent (Europe/Paris)", "alert", "show", one)
	h.says(0, "changed", "alert", "change", one, "--at-once", "--quiet", "none", "--no-urgent", "--zone", "house")
	h.says(0, "About: line, message-left\nComes: at once\n", "alert", "show", one)
	h.says(1, "There is no alert about “pigeon”.", "alert", "change", one, "--about", "pigeon")
	h.says(1, "--quiet must be two times such as 22:00-07:00, or none", "alert", "change", one, "--quiet", "night")
	h.says(0, "The alert is paused", "alert", "pause", one)
	h.says(0, "  paused", "alert", "list")
	h.says(0, "The alert is on again.", "alert", "resume", one)
	h.says(1, "there is no alert 99", "alert", "remove", "99")
	h.fill(func(db *store.Store) error {
		return db.Outbox.ChannelFailed(t.Context(), id, time.Now(), time.Now().Add(time.Hour), "It does not answer.")
	})
	h.says(0, "It does not answer. Next try ", "alert", "list")
}
