package screening_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"ringfence/screening"
)

// What must be true of every verdict, whatever comes in.

var (
	numbers    = rapid.SampledFrom([]screening.Number{"", london, mobile, nowhere, premium, newJersey, "999", "112", "101", "1571"})
	texts      = rapid.OneOf(rapid.SampledFrom([]string{"", "Ann Price", "tech-support", "\x00\xff\u202e\n"}), rapid.String())
	fractions  = rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0, 0.5, 1}), rapid.Float64())
	modes      = rapid.SampledFrom([]screening.Mode{"", screening.Ask, screening.KnownOnly, screening.BlockOnly, screening.Watch, screening.Off, "x"})
	strict     = rapid.SampledFrom([]screening.Mode{"", screening.Ask, screening.KnownOnly, screening.BlockOnly, "x"})
	choices    = rapid.SampledFrom([]screening.Action{"", screening.TurnAwayBusy, screening.TurnAwayNotInService, screening.Ring, screening.Screen, screening.Message, screening.TurnAway, "x"})
	regions    = rapid.SampledFrom([]string{"GB", "US", "FR", "AU", "XX", ""})
	farewells  = rapid.SampledFrom([]screening.Farewell{"", screening.Inspection, screening.NotWanted, "x"})
	shownOrNot = rapid.SampledFrom([]screening.Presentation{screening.Allowed, screening.Withheld, screening.Unavailable})
	levels     = rapid.SampledFrom([]screening.Attestation{"", screening.AttestedA, screening.AttestedB, screening.AttestedC, screening.AttestedNone})
	minutes    = rapid.Map(rapid.IntRange(-48*60, 48*60), func(n int) time.Duration { return time.Duration(n) * time.Minute })
)

var entries = rapid.Custom(func(t *rapid.T) screening.Entry {
	return screening.Entry{
		List: texts.Draw(t, "list"), Confidence: fractions.Draw(t, "confidence"), Category: texts.Draw(t, "category"),
		Note: texts.Draw(t, "note"), Prefix: rapid.Bool().Draw(t, "prefix"), Unsigned: rapid.Bool().Draw(t, "unsigned"),
		Expires: ends.Draw(t, "expires"), ValidUntil: ends.Draw(t, "valid until"),
	}
})

// ends are times around that of the call, and none.
var ends = rapid.OneOf(rapid.Just(time.Time{}), rapid.Map(minutes, morning.Add))

// situations are calls to households that may have chosen and may know anything.
var situations = rapid.Custom(func(t *rapid.T) situation {
	var s situation
	s.call.At = morning
	s.call.Caller = screening.Caller{
		Number: numbers.Draw(t, "number"), Name: texts.Draw(t, "name"), Presentation: shownOrNot.Draw(t, "presentation"),
		International: rapid.Bool().Draw(t, "international"), PremiumRate: rapid.Bool().Draw(t, "premium"),
		Impossible: rapid.Bool().Draw(t, "impossible"), Doubtful: rapid.Bool().Draw(t, "doubtful"),
		Forged: rapid.Bool().Draw(t, "forged"), SpamName: rapid.Bool().Draw(t, "spam name"), Attestation: levels.Draw(t, "attestation"),
	}
	s.house = screening.Household{
		Region: regions.Draw(t, "region"), Number: numbers.Draw(t, "own number"), Mode: modes.Draw(t, "mode"),
		Threshold: fractions.Draw(t, "threshold"), Emergency: minutes.Draw(t, "window"),
		Policy: screening.Policy{
			Withheld: choices.Draw(t, "withheld"), Unavailable: choices.Draw(t, "unavailable"),
			International: choices.Draw(t, "international action"), PremiumRate: choices.Draw(t, "premium action"),
			Forged: choices.Draw(t, "forged action"), SpamName: choices.Draw(t, "spam action"), AttestedA: choices.Draw(t, "A action"),
			AttestedC: choices.Draw(t, "C action"),
		},
		Countries: rapid.SampledFrom([]screening.Countries{"", "US=turn-away", "US=ring", "GB=turn-away US=mode", "GB=x", "=="}).Draw(t, "countries"),
	}
	if rapid.Bool().Draw(t, "is contact") {
		s.known.Contact = &screening.Contact{Name: texts.Draw(t, "contact")}
	}
	if rapid.Bool().Draw(t, "is blocked") {
		s.known.Block = &screening.Block{
			Digits: "44207", Prefix: rapid.Bool().Draw(t, "by prefix"), Note: texts.Draw(t, "block note"),
			Farewell: farewells.Draw(t, "farewell"),
		}
	}
	s.known.Entries = rapid.SliceOfN(entries, 0, 3).Draw(t, "entries")
	if rapid.Bool().Draw(t, "has rung for help") {
		s.known.Emergency = morning.Add(-minutes.Draw(t, "since"))
	}
	if rapid.Bool().Draw(t, "is reported") {
		s.known.Reported = morning.Add(-minutes.Draw(t, "reported"))
	}
	addTimes(t, &s)
	return s
})

// plain narrows situations to those that a property is about.
func plain(narrow func(*situation)) *rapid.Generator[situation] {
	return rapid.Map(situations, func(s situation) situation {
		narrow(&s)
		return s
	})
}

func TestEveryVerdictIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkVerdict(t, situations.Draw(t, "situation").decide())
	})
}

func TestSameInputSameVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		first := s.decide()
		if second := s.decide(); !reflect.DeepEqual(first, second) {
			t.Errorf("first %+v, then %+v", first, second)
		}
	})
}

// The order in which the store finds entries is arbitrary. Half of the entries are from lists with the same name and confidence, and only differ in the
// rest.
func TestOrderOfEntriesDoesNotMatter(t *testing.T) {
	alike := rapid.Map(entries, func(e screening.Entry) screening.Entry {
		e.List, e.Confidence, e.Category, e.Note = "County", 1, "", ""
		return e
	})
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		s.known.Contact, s.known.Block = nil, nil
		s.known.Entries = rapid.SliceOfN(rapid.OneOf(entries, alike), 0, 4).Draw(t, "entries of lists")
		first := s.decide()
		s.known.Entries = rapid.Permutation(s.known.Entries).Draw(t, "order")
		if second := s.decide(); !reflect.DeepEqual(first, second) {
			t.Errorf("first %+v, then %+v", first, second)
		}
	})
}

func TestContactIsNeverTurnedAwayByAList(t *testing.T) {
	contacts := plain(func(s *situation) {
		s.known.Contact = &screening.Contact{Name: "Ann Price"}
		s.call.Caller.Forged = false
	})
	rapid.Check(t, func(t *rapid.T) {
		s := contacts.Draw(t, "contact")
		verdict := s.decide()
		if _, never := screening.NeverBlocked(s.call.Caller.Number, s.house.Region); never {
			return // an earlier rule decides
		}
		quiet := verdict.Would == screening.Message && s.house.QuietAt(s.call.At) && s.house.Times.QuietContacts == screening.Message
		if verdict.Would != screening.Ring && !quiet || verdict.Action != screening.Ring && !verdict.Quiet {
			t.Errorf("%+v", verdict)
		}
	})
}

func TestForgedContactNeverSimplyRings(t *testing.T) {
	forged := plain(func(s *situation) {
		s.call.Caller.Forged = true
		s.known.Emergency = time.Time{}
	})
	rapid.Check(t, func(t *rapid.T) {
		s := forged.Draw(t, "forged")
		modeIs(&s, strict.Draw(t, "strict mode"))
		verdict := s.decide()
		if verdict.Action == screening.Ring {
			t.Errorf("%+v", verdict)
		}
		if !slices.Contains(verdict.Warnings, screening.WarnForged) {
			t.Errorf("warnings %q", verdict.Warnings)
		}
	})
}

func TestEmergencyWindowAlwaysRings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		window := s.house.Emergency
		if window <= 0 {
			window = screening.DefaultEmergency
		}
		since := time.Duration(rapid.Int64Range(int64(-5*time.Minute), int64(window)).Draw(t, "since"))
		s.known.Emergency = s.call.At.Add(-since)
		if verdict := s.decide(); verdict.Action != screening.Ring || verdict.Would != screening.Ring {
			t.Errorf("%s after the emergency call: %+v", since, verdict)
		}
	})
}

func TestWatchAndOffAlwaysRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		modeIs(&s, screening.Ask)
		asked := s.decide()
		for _, mode := range []screening.Mode{screening.Watch, screening.Off} {
			modeIs(&s, mode)
			verdict := s.decide()
			if verdict.Action != screening.Ring || verdict.Would != asked.Action {
				t.Errorf("%s: %+v, in the mode ask %+v", mode, verdict, asked)
			}
			if !reflect.DeepEqual(verdict.Reasons[1:], asked.Reasons) {
				t.Errorf("%s: reasons %+v, in the mode ask %+v", mode, verdict.Reasons, asked.Reasons)
			}
		}
	})
}

func TestNeverBlockedAlwaysReachesTheHousehold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		s.house.Region = "GB"
		s.call.Caller.Number = rapid.SampledFrom([]screening.Number{"999", "112", "18000", "101", "111", "105", "116123"}).Draw(t, "protected")
		s.call.Caller.Forged = false
		verdict := s.decide()
		warned := slices.Contains(verdict.Warnings, screening.WarnOfficial)
		switch {
		case verdict.Would == screening.Ring && verdict.Help(): // it was asked for
		case verdict.Would == screening.Screen && warned && !verdict.Check && verdict.Official == (verdict.Action == screening.Screen):
		default:
			t.Errorf("%+v", verdict)
		}
	})
}

// A list can turn a caller away only if it is sure enough, and never one whom an earlier rule lets ring.
func TestUnsureEntryNeverTurnsAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		s.house.Threshold = rapid.Float64Range(0.1, 1).Draw(t, "threshold")
		before := s.decide()
		unsure := entries.Draw(t, "entry")
		unsure.Confidence = rapid.Float64Range(0, 0.0999).Draw(t, "low confidence")
		s.known.Entries = append(slices.Clone(s.known.Entries), unsure)
		after := s.decide()
		if after.Action == screening.TurnAway && before.Action != screening.TurnAway {
			t.Errorf("before %+v, after %+v", before, after)
		}
		decided := before.Reasons[0].Code
		if before.Action == screening.Ring && !slices.Contains(givesWay, decided) && !isPolicy(decided) && after.Action != screening.Ring {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

// givesWay are the codes of the rules after the lists, by which a caller rings.
var givesWay = []screening.Code{screening.CodeUnknown, screening.CodeExpected, screening.CodeDialled}

// isPolicy says whether a rule comes after the lists because the household chose it for a country or for a kind that is not suspect by itself.
func isPolicy(code screening.Code) bool {
	return code == screening.CodeCountry || slices.ContainsFunc(screening.CallerKinds(), func(k screening.CallerKind) bool { return k.Code == code && !k.Suspect })
}

func TestRaisingTheThresholdIsNeverStricter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		low := rapid.Float64Range(0.01, 1).Draw(t, "low")
		high := rapid.Float64Range(low, 2).Draw(t, "high")
		s.house.Threshold = low
		before := s.decide()
		s.house.Threshold = high
		after := s.decide()
		if strictness(after.Would) > strictness(before.Would) {
			t.Errorf("from %v to %v: before %+v, after %+v", low, high, before, after)
		}
	})
}

// Only three things turn a caller away: the household's own block, a list that is sure, and the household's policy.
func TestTurningAwayHasACause(t *testing.T) {
	causes := []screening.Code{screening.CodeBlock, screening.CodeList, screening.CodeWithheld, screening.CodeUnavailable,
		screening.CodeCountry, screening.CodeInternational, screening.CodePremiumRate, screening.CodeForged, screening.CodeSpamName,
		screening.CodeAttestedA, screening.CodeAttestedB, screening.CodeAttestedC, screening.CodeAttestedNone}
	rapid.Check(t, func(t *rapid.T) {
		verdict := situations.Draw(t, "situation").decide()
		if verdict.Action == screening.TurnAway && !slices.Contains(causes, verdict.Reasons[0].Code) {
			t.Errorf("%+v", verdict)
		}
	})
}

// All over the world, a number has one form, which reads as itself however it is written, and one key.
func TestNumbersHaveOneForm(t *testing.T) {
	world := slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
	written := rapid.StringMatching(`(\+|00|0|\+44|\+1|\+39|\+49|)[0-9]{1,15}`)
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(world).Draw(t, "region")
		raw := written.Draw(t, "written")
		number, err := screening.ParseNumber(raw, region)
		if err != nil {
			return
		}
		checkNumber(t, number)
		if got := screening.NumberFromKey(number.Key()); got != number {
			t.Errorf("%q has the key %d, and that is %q", number, number.Key(), got)
		}
		for _, form := range []string{string(number), number.National(region)} {
			if got, err := screening.ParseNumber(form, region); err != nil || got != number {
				t.Errorf("%q in %s is %q, written %q it is %q, error %v", raw, region, number, form, got, err)
			}
		}
	})
}

// Whatever Identify returns can be decided on, and is never junk.
func TestIdentifyAndDecideTakeAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		id := screening.Identity{
			Number: texts.Draw(t, "raw number"), Name: texts.Draw(t, "raw name"), Presentation: texts.Draw(t, "raw presentation"),
			Forged: rapid.Bool().Draw(t, "raw forged"),
		}
		s.call.Caller = screening.Identify(id, s.house.Region)
		checkCaller(t, s.call.Caller)
		checkVerdict(t, s.decide())
	})
}
