package ivr

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/screening"
)

// askOf are Others that do as they are told.
type askOf func(ctx context.Context, n screening.Number) (said string, spam bool)

func (a askOf) LookupSpam(ctx context.Context, _ string, n screening.Number) (said string, spam bool) {
	return a(ctx, n)
}

// What comes in time warns the household; what comes late, never, or with a fault changes nothing.
func TestOthersAreAsked(t *testing.T) {
	const asked = `
		log: arrived screen
		caller answered
		caller hears ask-name tone
		caller is recorded%s
		kept: name
		%s
		caller hears ringing
		telephone hears `
	const choice = `call-from name choices
		telephone hears connecting
		they talk
		log: ended accepted`
	for what, test := range map[string]struct {
		others askOf
		warned string // behind "telephone hears "
		step   string
	}{
		"in time": {func(context.Context, screening.Number) (string, bool) { return "PhoneBlock: 4 votes, fraud", true }, "warn-reported ", "\nstep: PhoneBlock: 4 votes, fraud"},
		"nothing": {func(context.Context, screening.Number) (string, bool) { return "", true }, "", ""},
		"no scam": {func(context.Context, screening.Number) (string, bool) { return "PhoneBlock: 1 vote", false }, "", "\nstep: PhoneBlock: 1 vote"},
		"a fault": {func(context.Context, screening.Number) (string, bool) { panic("a fault") }, "", ""},
		"never":   {func(ctx context.Context, _ screening.Number) (string, bool) { <-ctx.Done(); return "", true }, "", ""},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.home.phone.keys = []rune{'1'}
				recorded := make(chan bool)
				s.caller.onRecord = func(int) { close(recorded); synctest.Wait() } // for all that can come of it
				s.screener.SpamLookup = askOf(func(ctx context.Context, n screening.Number) (string, bool) {
					if deadline, there := ctx.Deadline(); !there || time.Until(deadline) > spamLookupTime || n != "+442079460999" {
						t.Errorf("%s is asked of until %v", n, deadline)
					}
					<-recorded
					return test.others(ctx, n)
				})
				rings := `telephone rings for "Screened" "020 7946 0999"` + "\n"
				hold := "caller hears please-hold\ncaller hears ringing\n"
				begins := rings + hold
				if test.warned != "" { // no telephone rings for who is suspicious before they have been told to hold
					begins = hold + rings
				}
				expect(t, s, fmt.Sprintf(asked, test.step, strings.TrimSpace(begins))+test.warned+choice)
				synctest.Wait() // nothing is left behind
			})
		})
	}
}

// Who hangs up before the answer is there has been asked of all the same, and the log says so.
func TestOthersAreAskedOfACallerWhoHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.caller.gone = 2
		s.screener.SpamLookup = askOf(func(ctx context.Context, _ screening.Number) (string, bool) {
			<-ctx.Done()
			return "PhoneBlock was asked", false
		})
		if _, err := s.play(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := s.did.String(); !strings.Contains(got, "step: PhoneBlock was asked") {
			t.Error(got)
		}
	})
}

// Nobody is asked of a contact, and of whoever is turned away.
func TestOthersAreNotAsked(t *testing.T) {
	for _, known := range []screening.Knowledge{
		{Contact: &screening.Contact{ID: 1, Name: "Daughter"}}, {Block: &screening.Block{ID: 1}}, {Entries: []screening.Entry{{Confidence: 0.9}}},
		{Entries: []screening.Entry{{Confidence: 0.1}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene()
			s.memory.known = known
			s.home.phone.keys = []rune{'2'}
			s.screener.SpamLookup = askOf(func(context.Context, screening.Number) (string, bool) {
				t.Errorf("asked, although %+v", known)
				return "", false
			})
			if _, err := s.play(); err != nil {
				t.Error(err)
			}
		})
	}
}
