package household

import (
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

// kindWords are what the kinds of callers are called, and what should be known of them.
var kindWords = map[screening.Code]struct{ title, hint, help string }{
	screening.CodeWithheld: {"Callers who hide their number", "Hospitals and surgeries often do; so do many scammers. " +
		"If they aren’t answered, some networks try another line, or their own voicemail.", "what is done with callers who hide their number"},
	screening.CodeForged: {"Callers whose number the network says is false", "You hear a warning first. This is also for calls that only pretend to come from a contact.",
		"with callers whose number the network says is false"},
	screening.CodeSpamName: {"Calls that the network marks as spam", "“Scam Likely” and the like, in place of a name. Networks mark some honest callers, too.",
		"with calls that the network marks as spam in place of a name"},
	screening.CodeAttestedC: {"Numbers that the network can’t confirm (level C)", "Mostly from abroad or from small providers. The network doesn’t know the caller.",
		"with calls at level C of STIR/SHAKEN: the network only knows where they came in"},
	screening.CodeAttestedNone: {"Numbers that the network hasn’t checked", "Outside North America and France that’s nearly everybody.", "with calls that the network says it has not checked"},
	screening.CodeAttestedB: {"Numbers that the network hasn’t confirmed (level B)", "The network knows whose line it is, but not whether the number is theirs. For this, the line’s settings must name where the network says so.",
		"with callers whose line the network knows, not the number: level B. It needs attestation in ringfence.toml"},
	screening.CodeAttestedA: {"Numbers that the network confirms (level A)", "The number is real, but its owner can still be a swindler. For this, the line’s settings must name where the network says so.",
		"with callers whose number the network confirms: level A. It needs attestation in ringfence.toml"},
	screening.CodeUnavailable:   {"Calls without a number", "The network doesn't pass one on: some calls from abroad, and from old exchanges.", "with calls without a number"},
	screening.CodeInternational: {"Calls from other countries", "Family abroad always get through if they're contacts.", "with calls from other countries"},
	screening.CodePremiumRate:   {"Calls from premium-rate numbers", "These numbers are expensive to ring back.", "with calls from premium-rate numbers"},
}

// kindOptions has an option for each kind of caller for which something other than the mode can be chosen.
func kindOptions() (all []Option) {
	for _, kind := range screening.CallerKinds() {
		words := kindWords[kind.Code]
		section := sectionKinds
		if strings.HasPrefix(string(kind.Code), "attestation-") {
			section = SectionLevels
		}
		o := Option{
			Name: string(kind.Code), Page: PageChecks, Section: section, Title: words.title, Hint: words.hint, Help: words.help,
			Kind: kind.Code, column: store.KindColumn(kind.Code),
		}
		usual := []named[screening.Action]{
			is(screening.Action(""), "mode", "Like other unknown callers", ""), is(screening.Ring, "ring", "Let them ring", ""),
			is(screening.Screen, "screen", "Ask who it is", ""),
		}
		if kind.Suspect {
			usual = []named[screening.Action]{is(screening.Action(""), "mode", "Ask who it is, with a warning", "")}
		}
		all = append(all, choice(o, func(c *Chosen) *screening.Action { return kind.Of(&c.Policy) }, append(usual,
			is(screening.Message, "message", "Let them leave a message", ""),
			is(screening.TurnAway, "turn-away", "Turn them away", ""), is(screening.TurnAwayBusy, string(screening.TurnAwayBusy), "Give them the engaged tone", ""),
			is(screening.TurnAwayNotInService, "not-in-service", "Say the number isn’t in service", ""))...))
	}
	return all
}
