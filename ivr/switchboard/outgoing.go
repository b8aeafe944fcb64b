package switchboard

import (
	"context"
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
	told := map[string]string{}
	repeat.Every(ctx, guardEvery, func() {
		for household := range s.options.Telephones {
			s.logFault("guard", household, s.setGuard(ctx, handler, household, told))
		}
	})
}

// setGuard tells the dialplan for one household, unless it knows already.
func (s *Switchboard) setGuard(ctx context.Context, handler Handler, household string, told map[string]string) error {
	on, err := handler.ChecksCallsOut(ctx, household)
	value := map[bool]string{true: "1", false: "0"}[on]
	if err != nil || told[household] == value {
		return err
	}
	err = within(ctx, func() error {
		return s.ari.Asterisk().Variables().Set(ari.NewKey(ari.VariableKey, "RF_GUARD_"+household), value)
	})
	if err == nil {
		told[household] = value
	}
	return err
}

// lamps are the numbers of messages that a household's telephones show.
type lamps struct{ Unheard, Heard int }

// keepLamps tells the telephones how many messages wait, whenever that changes or a telephone comes back.
func (s *Switchboard) keepLamps(ctx context.Context, handler Handler) {
	shown := map[string]lamps{} // by registered telephone
	repeat.Every(ctx, guardEvery, func() {
		for household, endpoints := range s.options.Telephones {
			unheard, heard, err := handler.CountMessages(ctx, household)
			s.logFault("count the messages", household, err)
			for _, endpoint := range endpoints {
				switch {
				case s.isOffline(ctx, endpoint): // asking also keeps its state up to date
					delete(shown, endpoint)
				case err == nil:
					s.light(ctx, shown, endpoint, lamps{unheard, heard})
				}
			}
		}
	})
}

// light tells one telephone, unless it has been told already.
func (s *Switchboard) light(ctx context.Context, shown map[string]lamps, endpoint string, now lamps) {
	was, told := shown[endpoint]
	if told && was == now {
		return
	}
	lit := map[bool]string{true: "yes", false: "no"}[now.Unheard > 0]
	err := s.runInDialplan(ctx, "lamp", "s", map[string]string{
		"RF_PHONE": endpoint, "RF_LAMP": lit, "RF_NEW": strconv.Itoa(now.Unheard), "RF_OLD": strconv.Itoa(now.Heard),
	})
	if err == nil {
		shown[endpoint] = now
	}
	s.logFault("light the lamp", endpoint, err)
}

// toCarer is a carer's number as Dial takes it, through the household's trunk.
func (r OutboundRoute) toCarer(spec ivr.RingSpec) string {
	to := spec.Carer.Dialled(r.Region) + "@" + r.Trunk
	if r.Contact != "" { // without it, Asterisk would not dial through a trunk that answers no OPTIONS
		to += "/" + r.Contact
	}
	return to
}
