package switchboard

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/internal/repeat"
	"ringfence/ivr"
)

// onReport takes a note of the dialplan's: its key, then "emergency" or "dialled", the household, the time and the number that was dialled.
// For calls that were refused it is "refused", with the first caller's number, then how many calls they were, and the first one's
// presentation. The dialplan keeps the note until this channel has come back from here.
func (s *Switchboard) onReport(ctx context.Context, e *event, handler Handler) {
	seconds, err := strconv.ParseInt(argument(e.Args, 4), 10, 64)
	if err != nil {
		s.log.Error("what the dialplan tells cannot be read", "words", len(e.Args), "err", err)
		s.giveBack(ctx, e.Channel.ID)
		return
	}
	t := ivr.DialplanReport{
		Key: argument(e.Args, 1), Emergency: argument(e.Args, 2) == "emergency",
		Household: argument(e.Args, 3), At: time.Unix(seconds, 0), Number: argument(e.Args, 5),
	}
	if argument(e.Args, 2) == "refused" {
		t.Refused, _ = strconv.Atoi(argument(e.Args, 6)) // the dialplan's own count
		t.Refused = max(t.Refused, 1)
		t.Presentation = argument(e.Args, 7)
	}
	err = handler.OnDialplanReport(ctx, t)
	if err != nil {
		s.log.Error("what the dialplan tells cannot be kept; it is asked for again later", "err", err)
		s.logFault("hang up", e.Channel.ID, s.goOn(ctx, e.Channel.ID, "hang-up", "s", 1))
		return
	}
	s.giveBack(ctx, e.Channel.ID)
}

// onCallOut asks the handler about a call that a household is making. If anything goes wrong, the call goes out.
func (s *Switchboard) onCallOut(ctx context.Context, e *event, handler Handler) {
	l, here, leave := s.enter(ctx, e, telephoneGrace)
	defer leave()
	goes, err := handler.MayCallOut(here, ivr.OutgoingCall{Household: argument(e.Args, 1), Number: argument(e.Args, 2), Telephone: l})
	if err != nil {
		s.log.Error("a number that is dialled could not be looked up; it is dialled", "channel", l.id, "err", err)
		goes = true
	}
	if here.Err() != nil {
		return
	}
	after := context.WithoutCancel(ctx)
	if goes {
		s.logFault("dial", l.id, l.goOn(after, "", "", 0))
		return
	}
	s.logFault("hang up", l.id, l.Hangup(after))
}

// guardEvery is how soon a change of the setting takes effect.
const guardEvery = 5 * time.Second

// keepGuards tells the dialplan, in a global variable for each household, whether to ask the application about outgoing calls. Other households never
// wait for the application.
func (s *Switchboard) keepGuards(ctx context.Context, handler Handler) {
	told := map[string]bool{}
	repeat.Every(ctx, guardEvery, func() { s.logFault("guard", "calls out", s.setGuards(ctx, handler, told)) })
}

// guarded says that this Asterisk has been told to ask about some household's calls, by this program or one before. Until then it asks about nobody's.
const guarded = "RF_GUARDED"

// setGuards tells the dialplan what it has not been told yet.
func (s *Switchboard) setGuards(ctx context.Context, handler Handler, told map[string]bool) error {
	all, err := handler.DialGuards(ctx)
	if err != nil {
		return err
	}
	asks := map[string]bool{}
	for _, household := range all {
		asks[household] = true
	}
	if len(told) == 0 {
		before, err := s.Global(ctx, guarded)
		if err != nil {
			return err
		}
		for household := range s.options.Telephones() {
			if before == "" {
				told[household] = false
			}
		}
	}
	var errs []error
	for household := range s.options.Telephones() {
		on := asks[household]
		if was, known := told[household]; known && was == on {
			continue
		}
		var err error
		if on {
			err = s.setGlobal(ctx, guarded, "1")
		}
		if err == nil {
			err = s.setGlobal(ctx, "RF_GUARD_"+household, map[bool]string{true: "1", false: "0"}[on])
		}
		if err == nil {
			told[household] = on
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Switchboard) setGlobal(ctx context.Context, name, value string) error {
	return within(ctx, func() error { return s.ari.Asterisk().Variables().Set(ari.NewKey(ari.VariableKey, name), value) })
}

// toCarer is a carer's number as Dial takes it, through the household's trunk.
func (r OutboundRoute) toCarer(spec ivr.RingSpec) string {
	to := spec.Carer.Dialled(r.Region) + "@" + r.Trunk
	if r.Contact != "" { // without it, Asterisk would not dial through a trunk that answers no OPTIONS
		to += "/" + r.Contact
	}
	return to
}
