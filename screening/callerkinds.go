package screening

import "slices"

// The kinds of callers for which a household can choose something other than its mode: rule f. What people call a kind, where they choose it, is in package
// household; the choice has a column of its own. A kind needs no more: CONTRIBUTING.md.

// Policy says what is done with kinds of callers. An empty Action leaves the kind to the mode. TurnAway is that they hear NotWanted; TurnAwayBusy and
// TurnAwayNotInService are values of a policy only, and a verdict's Action is TurnAway for them.
type Policy struct {
	Forged        Action // a suspect kind, as SpamName is
	SpamName      Action
	Withheld      Action
	Unavailable   Action
	International Action
	PremiumRate   Action
	AttestedC     Action
	AttestedNone  Action
	AttestedB     Action
	AttestedA     Action
}

// How a kind of callers can be turned away without an answer.
const (
	TurnAwayBusy         = Action(Busy)
	TurnAwayNotInService = Action(NotInService)
)

// The reasons of the kinds. Each decides where the policy has an action for it.
const (
	CodeWithheld      Code = "withheld"      // the number is withheld
	CodeUnavailable   Code = "unavailable"   // there is no number
	CodeInternational Code = "international" // the number is foreign
	CodePremiumRate   Code = "premium-rate"  // the number is a premium-rate one

	CodeSpamName     Code = "spam-name"        // the network calls it spam, in place of a name
	CodeAttestedA    Code = "attestation-a"    // the network has confirmed the number
	CodeAttestedB    Code = "attestation-b"    // it knows the caller's line, not the number
	CodeAttestedC    Code = "attestation-c"    // it only knows where the call has come in
	CodeAttestedNone Code = "attestation-none" // it has not checked anything
)

// CallerKind is a kind of callers.
type CallerKind struct {
	Code    Code
	Of      func(*Policy) *Action // what the household has chosen for it
	is      func(Caller) bool
	level   Attestation // what the network knows of such a caller's number; "" for a kind that is by something else
	fact    string      // what is known of such a caller
	warning Warning     // that the household hears before the caller; "" for none
	// TurnedAway is the fact in few words, after "Turned away:".
	TurnedAway string
	// Suspect kinds are screened at least (rules d and e). The household can only choose something stricter.
	Suspect bool
}

// callerKinds in the order of the rule: the first kind that fits the caller and has an action decides.
var callerKinds = []CallerKind{
	{
		Code: CodeForged, Of: func(p *Policy) *Action { return &p.Forged }, Suspect: true,
		is:   func(c Caller) bool { return c.Forged },
		fact: "The phone network says that the caller's number is false.", TurnedAway: "a false number",
	},
	{
		Code: CodeSpamName, Of: func(p *Policy) *Action { return &p.SpamName }, Suspect: true,
		is:   func(c Caller) bool { return c.SpamName },
		fact: spamNameFact, TurnedAway: "marked as spam by the network",
	},
	{
		Code: CodeWithheld, Of: func(p *Policy) *Action { return &p.Withheld },
		is:   func(c Caller) bool { return c.Presentation == Withheld },
		fact: "The caller has withheld their number.", warning: WarnWithheld, TurnedAway: "number withheld",
	},
	{
		Code: CodeUnavailable, Of: func(p *Policy) *Action { return &p.Unavailable },
		is:   func(c Caller) bool { return c.Presentation == Unavailable },
		fact: "The phone network doesn't show the caller's number.", TurnedAway: "no number shown",
	},
	{
		Code: CodeInternational, Of: func(p *Policy) *Action { return &p.International },
		is:   func(c Caller) bool { return c.International },
		fact: "The call comes from another country.", TurnedAway: "from another country",
	},
	{
		Code: CodePremiumRate, Of: func(p *Policy) *Action { return &p.PremiumRate },
		is:   func(c Caller) bool { return c.PremiumRate },
		fact: "The caller shows a premium-rate number, which is expensive to ring back.", TurnedAway: "a premium-rate number",
	},
	{
		Code: CodeAttestedC, Of: func(p *Policy) *Action { return &p.AttestedC },
		level: AttestedC,
		fact:  "The phone network can't confirm the caller's number: it only knows where the call came in.", TurnedAway: "number not confirmed",
	},
	{
		Code: CodeAttestedNone, Of: func(p *Policy) *Action { return &p.AttestedNone },
		level: AttestedNone,
		fact:  "The phone network hasn't checked the caller's number.", TurnedAway: "number not checked",
	},
	{
		Code: CodeAttestedB, Of: func(p *Policy) *Action { return &p.AttestedB },
		level: AttestedB,
		fact:  "The phone network knows whose line the call comes from, but hasn't confirmed the number.", TurnedAway: "number not confirmed",
	},
	// The last, so that what speaks for a caller overrules nothing that speaks against them.
	{
		Code: CodeAttestedA, Of: func(p *Policy) *Action { return &p.AttestedA },
		level: AttestedA,
		fact:  "The phone network confirms that the caller may show this number.", TurnedAway: "a number that the network confirms",
	},
}

const spamNameFact = "The phone network marks the call as spam, in place of the caller's name."

// CallerKinds lists the kinds, in the order of the rule.
func CallerKinds() []CallerKind { return callerKinds }

// policy is rule f. A kind for which the household has chosen nothing is noted, and left to the mode. A rule for the caller's country takes the place
// of that for calls from abroad. If it turns away, it comes before all kinds, and otherwise after them: a country that may ring is no way round what
// the household has chosen for premium-rate numbers, for example. What the network knows of a number is no way round the rule for its country.
func policy(call Call, house Household) []finding {
	country, ruled := ruledByCountry(call, house)
	var found []finding
	chosen := house.Policy
	if ruled {
		chosen.International = ""
	}
	for _, kind := range callerKinds {
		if !kind.fits(call.Caller) {
			continue
		}
		f := finding{warning: kind.warning, again: kind.Suspect}
		action := *kind.Of(&chosen)
		if kind.Suspect && (action == Ring || action == Screen) {
			action = ""
		}
		switch action {
		case Ring, Screen, Message:
			f.action = action
		case TurnAway:
			f.action, f.farewell = TurnAway, NotWanted
		case TurnAwayBusy, TurnAwayNotInService:
			f.action, f.farewell = TurnAway, Farewell(action)
		}
		if kind.Suspect && f.action == "" {
			continue // rules d and e have noted it
		}
		f.reason = Reason{Code: kind.Code, Text: kind.fact + policyWords[action]}
		found = append(found, f)
	}
	if !ruled {
		return found
	}
	if country.action != TurnAway && slices.ContainsFunc(found, func(f finding) bool { return f.decides() && !f.again && !isMilder(f, country) }) {
		country.action = ""
	}
	return slices.Insert(found, 0, country)
}

// fits says whether a caller is of the kind.
func (k CallerKind) fits(c Caller) bool {
	if k.level != "" {
		return c.Attestation == k.level
	}
	return k.is(c)
}

// levelOf is what the network knows of a number by a reason; "" for a reason that is about something else.
func levelOf(code Code) Attestation {
	for _, kind := range callerKinds {
		if kind.Code == code {
			return kind.level
		}
	}
	return ""
}

// isMilder says whether a finding about what the network knows of a number would keep the caller less from the household than the rule for the country.
func isMilder(f, country finding) bool {
	return levelOf(f.reason.Code) != "" && strictness(f.action) < strictness(country.action)
}

var policyWords = map[Action]string{
	Ring:     " The household lets such calls ring.",
	Screen:   " The household asks such callers who they are.",
	Message:  " The household lets such callers leave a message.",
	TurnAway: " The household turns such callers away.",

	TurnAwayBusy:         " The household lets such callers hear the engaged tone.",
	TurnAwayNotInService: " The household lets such callers hear that the number isn't in service.",
}
