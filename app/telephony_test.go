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
	l.weaknesses.Store(&[]asterisk.Weakness{})
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
