package household

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// The pages of the settings that have options.
const (
	PageChecks    = "checks"
	PageWeek      = "week"
	PageCarer     = "carer"
	PageEmergency = "emergency"
	PageHouse     = "house"
	PageKeeping   = "keeping"
	PageSmartHome = "smart-home"
)

// options is the table, in the order in which they are listed. The first value of a choice also stands for a value that this version does not know.
var options = slices.Concat(
	[]Option{
		threshold(),
		emergency(),
	},
	kindOptions(),
	[]Option{
		countries(),
		onOff(Option{
			Name: "ring-dialled", Page: PageChecks, Section: sectionUnknown, column: "ring_dialled",
			Title: "Let numbers you've rung ring straight through",
			Hint:  "If you rang them in the past year.",
			Help:  "numbers that the household has rung within a year ring",
		}, func(c *Chosen) *bool { return &c.RingDialled }),
		minutes(Option{
			Name: "second-try", Page: PageChecks, Section: sectionUnknown, column: "second_try_s",
			Title: "Let unknown callers ring if they call again soon",
			Hint:  "Only if they hung up when Ringfence asked who they are, or if nobody answered. Robots that call twice get through as well.",
			Help:  "how soon unknown callers who were asked before have to call again to ring at once; robots that call twice get through as well",
		}, func(c *Chosen) *time.Duration { return &c.SecondTry }, 3, 5, 10, 30),
		minutes(Option{
			Name: "hold-strangers", Page: PageChecks, Section: sectionUnknown, column: "hold_strangers_s",
			Title: "After you send a caller away, unknown callers only leave a message",
			Hint:  "Some swindlers try again at once from another number. Contacts and expected calls still ring.",
			Help:  "for how long unknown callers may only leave a message after the household has sent a caller away",
		}, func(c *Chosen) *time.Duration { return &c.HoldStrangers }, 1, 5, 15),
		choice(Option{
			Name: "human-check", Page: PageChecks, Section: sectionUnknown, column: "human_check",
			Title: "Callers who must press a key to show they're a person",
			Hint:  "A recorded call can't do it: the key is different each time. The caller says who they are first.",
			Help:  "which unknown callers must press a key that they are told, as a recording cannot",
		}, func(c *Chosen) *screening.HumanCheck { return &c.HumanCheck },
			is(screening.CheckOff, "off", "Nobody", "Giving a name is enough."),
			is(screening.CheckSuspicious, "suspicious", "Callers who talk like a recording",
				"Those who talk through the question, or are still talking after ten seconds."),
			is(screening.CheckHidden, "hidden", "Those who show no number of this country", "Hidden numbers, missing ones, and calls from abroad."),
			is(screening.CheckAlways, "always", "All unknown callers", "Most recorded calls end here. It's one extra step for genuine callers.")),
		onOff(Option{
			Name: "dial-guard", Page: PageChecks, Section: "When the household dials", column: "dial_guard",
			Title: "Warn before ringing a scam number",
			Hint:  "Before expensive ones, too; never before emergency numbers.",
			Help:  "warn the household before it rings a known scam number",
		}, func(c *Chosen) *bool { return &c.DialGuard }),
		scamWords(),
		choice(Option{
			Name: "display-words", Input: Switch, Page: PageChecks, Section: sectionWords, column: "display_words",
			Title: "Show what callers said on the phone’s display",
			Hint:  "“Steve, Microsoft Windows” instead of “Screened”, if Ringfence knows it before the phone rings.",
			Help:  "show on the phone's display what an unknown caller said",
		}, func(c *Chosen) *bool { return &c.DisplayWords }, is(true, "on", "Yes", ""), is(false, "off", "No", "")),
		reportWords(),
		choice(Option{
			Name: "quiet-contacts", Page: PageWeek, column: "quiet_contacts",
			Title: "Contacts in quiet hours",
			Help:  "what is done with contacts in quiet hours; a second call within three minutes rings",
		}, func(c *Chosen) *screening.Action { return &c.Times.QuietContacts },
			is(screening.Ring, "ring", "Contacts ring, as always", ""),
			is(screening.Message, "message", "Contacts can leave a message", "If they ring again within three minutes, the phone rings.")),
		carerNumber(),
		carerWhen(),
		title(),
		keepDays(),
		region(),
		alertsAtHome(),
		smartHome(),
		smartHomeKeys(),
	},
)

// SectionLevels is about what the network says of numbers: few need it, so the page folds it.
const SectionLevels = "What the network confirms"

const (
	sectionKinds   = "" // the page's own title says it
	sectionUnknown = "Unknown callers"
	sectionWords   = "What callers say"
)

// minutes is an option of a few times, or none.
func minutes(o Option, field func(*Chosen) *time.Duration, offered ...int) Option {
	values := []named[time.Duration]{is(time.Duration(0), "off", "No", "")}
	for _, n := range offered {
		values = append(values, is(time.Duration(n)*time.Minute, strconv.Itoa(n)+"m", "For "+screening.Counted(n, "minute", "minutes"), ""))
	}
	return choice(o, field, values...)
}

func threshold() Option {
	return typed(Option{
		Name: "threshold", JSON: "threshold", column: "threshold", Input: Number, Typed: "0.5",
		Title: "How sure must a list be?",
		Help:  "turn callers away if a shared list has at least this confidence, up to 1",
		Values: []Value{
			{"0.8", "Careful: 80% sure", "Fewest mistakes: turns away only numbers that a list is very sure about."},
			{"0.5", "Usual: 50% sure", "Turns a number away if it's more likely a scam than not."},
			{"0.3", "Strict: 30% sure", "Stops most scams, and now and then turns away somebody honest."},
		},
		word: func(c Chosen) string { return strconv.FormatFloat(c.SureFrom(), 'g', -1, 64) },
		say: func(c Chosen) string {
			return fmt.Sprintf("From now on a list turns callers away when it is at least %d%% sure.", screening.Percent(c.SureFrom()))
		},
	}, func(c *Chosen) *float64 { return &c.Threshold }, func(_ *Chosen, word string) (float64, error) {
		confidence, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return 0, fmt.Errorf("%s is not a number: write it like 0.5", shown(word))
		}
		return confidence, screening.CheckThreshold(confidence)
	})
}

func emergency() Option {
	o := Option{
		Name: "emergency", JSON: "emergency_hours", Page: PageEmergency, column: "emergency_s", Input: Hours, Typed: "24h",
		Title: "Every call rings for",
		Help:  "for how long every call rings after an emergency call",
		word:  func(c Chosen) string { return hoursWord(c.AfterHelp()) },
		say: func(c Chosen) string {
			return "After an emergency call every call rings for " + HoursInWords(c.AfterHelp()) + "."
		},
	}
	for _, hours := range []time.Duration{4, 12, 24, 48, 72, 168} {
		o.Values = append(o.Values, Value{Word: hoursWord(hours * time.Hour), Words: screening.Capital(HoursInWords(hours * time.Hour))})
	}
	return typed(o, func(c *Chosen) *time.Duration { return &c.Emergency }, func(_ *Chosen, word string) (time.Duration, error) {
		window, err := time.ParseDuration(word)
		if err != nil {
			return 0, fmt.Errorf("%s is not a time: write it like 24h", shown(word))
		}
		return window, screening.CheckEmergency(window)
	})
}

func scamWords() Option {
	return choice(Option{
		Name: "scam-words", Page: PageChecks, Section: sectionWords, column: "scam_words", check: checkScamWords,
		Title: "When a caller’s words sound like a scam",
		Hint: "A machine reads what unknown callers say, and recognises how scams often begin. It can be wrong, so it only warns unless an owner " +
			"chooses otherwise.",
		Help: "what is done with a caller whose words sound like a scam; only an owner can choose message or turn-away",
	}, func(c *Chosen) *screening.ScamWords { return &c.ScamWords },
		is(screening.ScamWarn, "warn", "Warn the household", "You hear a warning before the caller’s voice, and decide."),
		is(screening.ScamWatch, "watch", "Only note it", "Nobody hears a warning. The call’s page says what the machine thinks."),
		is(screening.ScamMessage, "message", "Let them leave a message", "The phone doesn’t ring if the machine is sure. If it isn’t, you hear a warning."),
		is(screening.ScamTurnAway, "turn-away", "Turn them away", "Callers hear the inspection message if the machine is sure. If it isn’t, you hear a warning."))
}

func reportWords() Option {
	return onOff(Option{
		Name: "report-words", Page: PageChecks, Section: sectionWords, column: "report_words", Role: store.RoleOwner,
		Title: "Print what scam callers said in the month’s report",
		Hint:  "The report is for people who don’t use Ringfence.",
		Help:  "the month's report has what scam callers said; only an owner can choose it",
	}, func(c *Chosen) *bool { return &c.About.ReportWords })
}

// checkScamWords leaves it to an owner to let a machine decide.
func checkScamWords(_ context.Context, a Admin, was, now Chosen) error {
	decides := now.ScamWords == screening.ScamMessage || now.ScamWords == screening.ScamTurnAway
	if decides && now.ScamWords != was.ScamWords && !a.Actor.Role.Covers(store.RoleOwner) {
		return refuseAs(NotAllowed, "Only an owner can let a machine decide who doesn’t reach the household.")
	}
	return nil
}

// noNumber is what is typed for no number.
const noNumber = "none"

func carerNumber() Option {
	return typed(Option{
		check: checkCarer,
		Name:  "carer-number", JSON: "carer_number", Page: PageCarer, column: "carer_number", Input: PhoneNumber, Typed: "NUMBER|none",
		Title: "The carer’s phone number",
		Help:  "the carer's own phone, for carer-when",
		word: func(c Chosen) string {
			if c.CarerNumber == "" {
				return noNumber
			}
			return c.CarerNumber.National(c.Region)
		},
		say: func(c Chosen) string {
			if c.CarerNumber == "" {
				return "No carer’s phone is set."
			}
			return "The carer’s phone is " + c.CarerNumber.National(c.Region) + "."
		},
	}, func(c *Chosen) *screening.Number { return &c.CarerNumber }, func(c *Chosen, word string) (screening.Number, error) {
		if word == noNumber || word == "" {
			c.CarerWhen = screening.CarerOff // calls can't go on to nowhere
			return "", nil
		}
		return c.ParseCarerNumber(word)
	})
}

func carerWhen() Option {
	o := choice(Option{
		Name: "carer-when", Page: PageCarer, column: "carer_when", check: checkCarer,
		Title: "Which calls go on to the carer",
		Hint:  "Contacts ring at the house.",
		Help:  "which calls go on to carer-number, of callers who are asked who they are: unknown is as well as the house, always instead of it",
	}, func(c *Chosen) *screening.CarerWhen { return &c.CarerWhen },
		is(screening.CarerOff, "off", "None", ""),
		is(screening.CarerNoAnswer, "no-answer", "Calls that nobody answers", ""),
		is(screening.CarerUnknown, "unknown", "Unknown callers, as well as the house", "If you pick up, you hear who it is, and decide."),
		is(screening.CarerAlways, "always", "Unknown callers, instead of the house", "You hear who it is, and decide."))
	o.say = func(c Chosen) string {
		number := c.CarerNumber.National(c.Region)
		switch c.CarerWhen {
		case screening.CarerNoAnswer:
			return "Calls that nobody answers go on to " + number + "."
		case screening.CarerUnknown:
			return "Unknown callers ring " + number + " as well as the house."
		case screening.CarerAlways:
			return "Unknown callers ring " + number + " instead of the house."
		}
		return "Calls ring only at the house."
	}
	return o
}

func checkCarer(_ context.Context, _ Admin, _, now Chosen) error {
	if err := now.CheckCarer(); err != nil {
		return because(Unfit, err)
	}
	return nil
}

// asInFile is how people go back to what ringfence.toml says.
const asInFile = "toml"

func title() Option {
	return typed(Option{
		Name: "title", Page: PageHouse, column: "title", Input: Text, Typed: "WORDS|toml", unset: true,
		Title: "What you call this household",
		Hint:  "Such as Mum’s house.",
		Help:  "what the household is called on the pages; toml is its name in ringfence.toml",
		word:  func(c Chosen) string { return c.About.Called() },
		say:   func(c Chosen) string { return "This household is called “" + c.About.Called() + "” from now on." },
	}, func(c *Chosen) *string { return &c.About.Title }, func(c *Chosen, word string) (string, error) {
		if word == asInFile || word == c.About.Household {
			word = ""
		}
		return checkTitle(word)
	})
}

func keepDays() Option {
	days := Chosen.keepDays
	return typed(Option{
		Name: "keep-days", Page: PageKeeping, column: "keep_days", Input: Days, Typed: "DAYS|toml", unset: true,
		Title: "For how many days",
		Hint:  fmt.Sprintf("From 1 to %d.", screening.LongestKept),
		Help:  "for how many days calls and recordings are kept; toml is keep_days of ringfence.toml",
		check: checkExpiring,
		word:  func(c Chosen) string { return strconv.Itoa(days(c)) },
		say: func(c Chosen) string {
			return "Calls and recordings are kept for " + DaysInWords(days(c)) + " from now on."
		},
	}, func(c *Chosen) *int { return &c.About.KeepDays }, func(_ *Chosen, word string) (int, error) {
		if word == asInFile {
			return 0, nil
		}
		days, err := strconv.Atoi(word)
		if err != nil {
			return 0, fmt.Errorf("%s is not a number of days from 1 to %d: write it like 90", shown(word), screening.LongestKept)
		}
		return days, screening.CheckKept(days)
	})
}

// keepDays is for how many days calls are kept.
func (c Chosen) keepDays() int { return cmp.Or(c.About.KeepDays, c.FromFile.KeepDays) }

// checkExpiring refuses a choice that deletes anything at once unless the actor is sure: no undo restores it.
func checkExpiring(ctx context.Context, a Admin, was, now Chosen) error {
	if a.Sure || now.keepDays() >= was.keepDays() {
		return nil
	}
	would, err := a.Store.WouldExpire(ctx, a.Household, now.keepDays(), a.Now)
	if err != nil || would == (store.Expiring{}) {
		return err
	}
	return refuseAs(NotSure, "%s", expiringInWords(would))
}

func region() Option {
	country := func(c Chosen) string { return cmp.Or(c.About.Region, c.FromFile.Region, c.Region) }
	return typed(Option{
		Name: "region", Page: PageHouse, column: "region", Input: Country, Typed: "GB|toml", unset: true,
		Title: "The country of the line",
		Hint:  "Decides how numbers are read, and which are emergency numbers.",
		Help:  "the country of the line: how numbers are read, and which are emergency numbers; toml is the one of ringfence.toml",
		word:  country,
		say:   func(c Chosen) string { return "The line is in " + screening.InCountry(country(c)) + " from now on." },
		check: checkRegion,
	}, func(c *Chosen) *string { return &c.About.Region }, func(c *Chosen, word string) (string, error) {
		chosen := word
		if word == asInFile {
			word, chosen = c.FromFile.Region, ""
		}
		if err := screening.ValidRegion(word); err != nil {
			return "", err
		}
		c.Region = word
		return chosen, nil
	})
}

// checkRegion says why the line cannot be in the region.
func checkRegion(_ context.Context, _ Admin, _, now Chosen) error {
	if now.FromFile.Fits == nil {
		return nil
	}
	if err := now.FromFile.Fits(cmp.Or(now.About.Region, now.FromFile.Region)); err != nil {
		return because(Unfit, err)
	}
	return nil
}

func alertsAtHome() Option {
	o := onOff(Option{
		Name:  "alerts-at-home",
		Title: "Alerts in your home network",
		Hint:  "Whether alerts may go to addresses in a home network, such as Home Assistant's.",
		Help:  "whether alerts may go to addresses in a home network, such as Home Assistant's",
		Role:  store.RoleOwner,
	}, func(c *Chosen) *bool { return &c.About.AlertsAtHome })
	o.save = func(ctx context.Context, db *store.Store, c Chosen) error {
		return db.SetAlertsAtHome(ctx, c.About.Household, c.About.AlertsAtHome)
	}
	o.say = func(c Chosen) string {
		if c.About.AlertsAtHome {
			return "Alerts may go to addresses in your home network now."
		}
		return "Alerts can't go to new addresses in your home network any more."
	}
	return o
}

func smartHome() Option {
	return choice(Option{
		Name: "smart-home", Page: PageSmartHome, column: "smart_home", Role: store.RoleOwner,
		Title: "What your smart home sees",
		Hint:  "Everybody who uses your smart home can see it.",
		Help:  "what a smart home sees over MQTT; only an owner can choose it",
	}, func(c *Chosen) *store.SmartHome { return &c.About.SmartHome },
		is(store.SmartHomeOff, "off", "Nothing", ""),
		is(store.SmartHomeCalls, "calls", "The line and who rings", "Also the mode, and how calls ended."),
		is(store.SmartHomeWords, "words", "What callers say too", ""))
}

func smartHomeKeys() Option {
	return onOff(Option{
		Name: "smart-home-keys", Page: PageSmartHome, column: "smart_home_keys", Role: store.RoleOwner,
		Title: "Let your smart home change things",
		Hint:  "Everybody who uses it can then let callers through, send them away, and set the mode.",
		Help:  "a smart home can let callers through, send them away and set the mode; only an owner can choose it",
	}, func(c *Chosen) *bool { return &c.About.SmartHomeKeys })
}
