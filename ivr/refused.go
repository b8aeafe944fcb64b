package ivr

import (
	"context"
	"fmt"
	"sync"

	"ringfence/calllog"
	"ringfence/screening"
)

// logRefused logs the calls that the dialplan has refused within a minute as one call, the first of them. The same note may come twice.
func (s *Screener) logRefused(ctx context.Context, t DialplanReport) error {
	channel := "refused-" + t.Key
	if over, err := s.OpenCalls.CallOver(ctx, channel); over || err != nil {
		return err
	}
	id := screening.Identity{Number: t.Number, Presentation: t.Presentation}
	caller := s.Lines.Of(t.Household).Identify(id)
	_, err := s.CallLog.CallArrived(t.Household, channel, t.At, id, caller,
		without(screening.TurnAway, screening.CodeTooMany, refusedText(t.Refused)), calllog.TooMany)
	if err == nil {
		s.Log.Warn("calls were refused, for more came at once than are taken", "household", t.Household, "calls", t.Refused)
		if s.OnRefused != nil {
			s.OnRefused(t.Refused)
		}
	}
	return err
}

func refusedText(calls int) string {
	const why = "More calls came at once than the line takes, or the number was just being turned away"
	if calls == 1 {
		return why + ", so the caller heard the engaged tone."
	}
	return fmt.Sprintf("%s: %d callers heard the engaged tone within a minute.", why, calls)
}

// crowd counts the callers who came in above a household's limit because they may be help calling back, or show an official number. A flood may
// be among them, so half of the room above the limit is left to contacts.
type crowd struct {
	mu   sync.Mutex
	help map[string]int
}

// mostHelp is half of what package asterisk keeps for known callers if there are enough ports.
const mostHelp = 10

// enter says whether a caller may come in; one who may has to leave in the end.
func (w *crowd) enter(c *call) bool {
	switch c.standing() {
	case known:
		return true
	case stranger:
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.help[c.Household] >= mostHelp {
		return false
	}
	if w.help == nil {
		w.help = map[string]int{}
	}
	w.help[c.Household]++
	return true
}

func (w *crowd) leave(c *call) {
	if c.standing() == known {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.help[c.Household]--
}
