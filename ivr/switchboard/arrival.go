package switchboard

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ringfence/ivr"
	"ringfence/screening"
)

// What the dialplan hands a call over as; crowded is for one above the limit. Before all households shared a dialplan it said "incoming" and
// "crowded". An application of that time doesn't know these words, and gives the call back, so that the phone rings.
const (
	inbound = "inbound"
	crowded = "inbound-crowded"
)

// onOldDialplan gives a call back that the dialplan of an earlier version has handed over: it has none of the contexts by which a phone would be
// connected here. That happens after an upgrade, until Asterisk has the new one.
func (s *Switchboard) onOldDialplan(ctx context.Context, e *event) {
	s.log.Warn("a call rings unscreened, because Asterisk still has the dialplan of an earlier version", "channel", e.Channel.ID)
	s.background(func() { s.giveBack(ctx, e.Channel.ID) })
	if s.options.OnOldDialplan != nil {
		s.options.OnOldDialplan()
	}
}

// The positions of what the dialplan hands over with a call. Before them stands inbound or crowded.
// Whatever a caller has sent is URI-encoded, with "_" in place of brackets. The headers are missing where Asterisk could not hand the call
// over with them.
const (
	argHousehold = iota + 1
	argPresentation
	argEmergency // when an emergency number was last dialled
	argNumber
	argAsserted // P-Asserted-Identity
	argFrom
	argPrivacy
	argBelieved    // attestation of the trunk: where the provider says how far the number was checked; "" for nowhere
	argAttestation // the header of that name, or else Identity; only characters of a token
	argAlso        // a second P-Asserted-Identity (RFC 3325, section 9.1)
)

// headerMost is how much of a header the dialplan hands over. No network sends one as long as that.
const headerMost = 1000

// onArrival makes the leg of a call at once, so that later events of its channel find it, and starts its script.
func (s *Switchboard) onArrival(ctx context.Context, e *event, handler Handler) {
	request := requestOf(e)
	if s.isMerged(request) {
		s.log.Info("an INVITE came by a second way; the first one's call goes on", "channel", e.Channel.ID)
		s.background(func() { s.logFault("hang up", e.Channel.ID, s.goOn(ctx, e.Channel.ID, "hang-up", "merged", 1)) })
		return
	}
	l, call, leave := s.enter(ctx, e, callerGrace)
	l.request = request
	s.background(func() {
		defer leave()
		s.incoming(ctx, call, l, e, handler)
	})
}

// enter makes the leg of a channel that has entered Stasis. here ends when the channel leaves. The caller of enter has to call leave.
func (s *Switchboard) enter(ctx context.Context, e *event, grace time.Duration) (l *leg, here context.Context, leave func()) {
	l = s.newLeg(e.Channel.ID, grace)
	here, cancel := context.WithCancelCause(ctx)
	l.onLeave = func() { cancel(ivr.ErrGone) }
	l.onStasis(e.Channel.Name)
	s.add(l)
	return l, here, func() {
		cancel(nil)
		s.forget(l.id)
	}
}

// isMerged says whether a call in progress came with the same request. A network that tries several routes at a time may deliver one INVITE twice
// (RFC 3261, section 8.2.2.2), and the household would be rung for the second one as if it were another caller.
func (s *Switchboard) isMerged(request string) bool {
	if request == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.legs {
		if l.request == request && l.LivesOn() {
			return true
		}
	}
	return false
}

// arrival reads what the dialplan hands over with a call.
func (l *leg) arrival(e *event) ivr.Arrival {
	asserted, from, privacy := sent(e.Args, argAsserted), sent(e.Args, argFrom), sent(e.Args, argPrivacy)
	if also := sent(e.Args, argAlso); also != "" {
		asserted += ", " + also
	}
	told := cmp.Or(e.Channel.Caller.Number, screening.Decode(sent(e.Args, argNumber)))
	a := ivr.Arrival{
		Channel: l.id, At: time.Now(), Leg: l, Household: argument(e.Args, argHousehold), Crowded: argument(e.Args, 0) == crowded,
		Identity: screening.Identity{
			Number:       number(told, asserted, from),
			From:         address(from),
			Name:         name(e.Channel.Caller.Name, asserted, from),
			Presentation: presentation(argument(e.Args, argPresentation), told, asserted, privacy),
		},
	}
	if strings.HasPrefix(a.Identity.Presentation, "prohib") && !screening.IsSpamName(a.Identity.Name) {
		written, _ := cutName(from)
		a.Identity.Name = screening.Decode(written) // the network's own name for the caller is hidden with the number (RFC 3325, section 9.3)
	}
	if seconds, err := strconv.ParseInt(argument(e.Args, argEmergency), 10, 64); err == nil && seconds > 0 {
		a.Emergency = time.Unix(seconds, 0)
	}
	if len(e.Args) > argFrom {
		believed, value := argument(e.Args, argBelieved), argument(e.Args, argAttestation)
		a.Identity.Forged = forged(asserted, from) || failed(value)
		a.Identity.Attestation = attested(asserted, from, believed, value)
	}
	return a
}

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

// requestOf identifies a call's INVITE by its Call-ID and its From, tag included.
func requestOf(e *event) string {
	from := argument(e.Args, argFrom)
	if e.Channel.CallID == "" || from == "" {
		return ""
	}
	return e.Channel.CallID + " " + from
}

// sent is what a caller has sent, byte by byte.
func sent(args []string, i int) string {
	text, err := url.PathUnescape(argument(args, i))
	if err != nil {
		return ""
	}
	return text
}

// forged says whether the network has checked the number that the caller shows and found it false: the parameter verstat of
// P-Asserted-Identity or From, 3GPP TS 24.229 section 7.2A.20. Its absence says nothing. Every call has a From, so one without counts as
// forged; so does one with a header whose end was cut off, which may have been made that long to hide the parameter.
func forged(asserted, from string) bool {
	if from == "" || len(from) >= headerMost || len(asserted) >= headerMost {
		return true
	}
	return strings.Contains(strings.ToLower(asserted+" "+from), "verstat=tn-validation-failed")
}

// name is the caller's display name. Asterisk reports it with U+FFFD for each byte that is not UTF-8 (version 20.0 reports nothing
// at all); it is then read from the header that Asterisk took it from.
func name(told string, headers ...string) string {
	if told != "" && !strings.ContainsRune(told, utf8.RuneError) {
		return told
	}
	for _, header := range headers {
		if shown, _ := cutName(header); shown != "" && strings.HasPrefix(plain(shown), plain(told)) {
			return screening.Decode(shown)
		}
	}
	return strings.ReplaceAll(told, string(utf8.RuneError), "")
}

// plain keeps the letters and digits of ASCII, on which two readings of one name agree whatever happened to the rest.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, name)
}
