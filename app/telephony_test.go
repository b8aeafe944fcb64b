package app

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/ivr/switchboard"
)

// What concerns one household is not told to another.
func TestWeaknessesOfAHousehold(t *testing.T) {
	open := []asterisk.Weakness{{Sentence: "ours", Households: []string{"home"}}, {Sentence: "theirs", Households: []string{"other"}}, {Sentence: "everybody's"}}
	if got := strings.Join(sentencesFor("home", open), ", "); got != "ours, everybody's" {
		t.Error(got)
	}
}

// The pages, /health and the alerts learn from the line's state why no call can arrive.
func TestTheLineSaysWhyNoCallCanArrive(t *testing.T) {
	nobody, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	address := nobody.LocalAddr().String()
	s, err := config.Parse([]byte("[asterisk]\nsip = \"" + address + "\"\n" + configtest.Usual))
	if err != nil {
		t.Fatal(err)
	}
	l := &Telephony{current: config.NewCurrent(s), board: switchboard.New(switchboard.Options{}), changes: &broadcast{}, log: slog.New(slog.DiscardHandler)}
	changed, cancel := l.changes.subscribe()
	defer cancel()
	var watching sync.WaitGroup
	defer watching.Wait()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	watching.Go(func() { l.watchSIP(ctx) })
	<-changed
	if line := l.Line("home"); !strings.Contains(line.SIP, address) {
		t.Errorf("where nothing listens at %s: %q", address, line.SIP)
	}
}

// Passwords are judged beside the start, and whoever reads the log is warned of each once.
func TestWeakPasswordsAreWarnedOfOnce(t *testing.T) {
	s, err := config.Parse([]byte(strings.Replace(configtest.Usual, "wet herons on 7 walls", "home-hall-home", 1)))
	if err != nil {
		t.Fatal(err)
	}
	s.Data = t.TempDir()
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	l := &Telephony{current: config.NewCurrent(s), board: switchboard.New(switchboard.Options{}), changes: &broadcast{}, log: slog.New(slog.NewTextHandler(&said, nil))}
	if open := l.Line("home").Open; len(open) != 0 {
		t.Errorf("before they are judged: %q", open)
	}
	l.judgePasswords()
	l.judgePasswords()
	if open := l.Line("home").Open; len(open) != 1 || strings.Count(said.String(), "please mend this soon") != 1 {
		t.Errorf("%q, and the log says %s", open, said.String())
	}
}
