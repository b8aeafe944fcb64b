package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/household"
	"ringfence/screening"
)

// modeOptions are the modes to choose from, of which one holds.
func modeOptions(now screening.Mode) (all []option) {
	for _, m := range household.Modes() {
		all = append(all, option{Value: m.Word, Words: m.Words, More: m.More})
	}
	return choose(now, all...)
}

type modePage struct {
	Was       string // what the page shows, for its form
	Now, Next string
	Modes     []option
	Until     []option
	First     string // day that can be chosen
	Date      string // as they were sent, where they cannot be
	Time      string
	Expecting string // until when; "" where no call is expected
}

func (s settingsHandlers) modePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.modeData(r, v, false)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-mode", "settings", "How strict Ringfence is", data)
}

func (s settingsHandlers) modeData(r *http.Request, v *visit, wrong bool) (modePage, error) {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return modePage{}, err
	}
	p := modePage{
		Was: s.admin(v).SeenMode(house), Now: modeNow(v, house), Modes: modeOptions(house.ModeAt(v.Now)), Until: untilWords(v, house),
		First: v.In(v.Now).Format(time.DateOnly), Date: r.PostFormValue("date"), Time: r.PostFormValue("time"),
	}
	if mode := r.PostFormValue("mode"); mode != "" && wrong { // what was sent, and had something wrong in it
		p.Modes, p.Until = choose(mode, p.Modes...), choose(r.PostFormValue("until"), p.Until...)
	}
	if next := house.NextChange(v.Now); !next.IsZero() {
		p.Next = nextInWords(v, house, next)
	}
	if house.OriginAt(v.Now) == screening.BySchedule {
		p.Now += " The week says so; at other times it is “" + household.ModeName(house.Mode) + "”."
	}
	if house.ExpectingAt(v.Now) {
		p.Expecting = v.Clock(house.Times.ExpectingUntil)
	}
	return p, nil
}

// untilWords are the ends that a mode can have. One that has an end keeps it, unless another is chosen.
func untilWords(v *visit, house screening.Household) []option {
	usual, all := "", []option{{Value: "", Words: "Until it is changed again"}}
	if house.OriginAt(v.Now) == screening.ByTemporary {
		usual = asBefore
		all = append([]option{{Value: asBefore, Words: "Until " + v.End(house.Times.TemporaryUntil) + ", as before"}}, all...)
	}
	for _, hours := range []int{1, 2, 4} {
		long := time.Duration(hours) * time.Hour
		all = append(all, option{Value: strconv.Itoa(hours) + "h", Words: "For " + household.HoursInWords(long) + ", until " + v.Clock(v.Now.Add(long))})
	}
	all = append(all, option{Value: "tomorrow", Words: "Until tomorrow morning at 8:00"}, option{Value: "date", Words: "Until the day and time below"})
	return choose(usual, all...)
}

// asBefore stands in the form for the end that the mode has.
const asBefore = "as-before"

// nextInWords says what will change, and when.
func nextInWords(v *visit, house screening.Household, next time.Time) string {
	what := ""
	if mode := house.ModeAt(next); mode != house.ModeAt(v.Now) {
		what = "“" + household.ModeName(mode) + "” begins"
	}
	if quiet := house.QuietAt(next); quiet != house.QuietAt(v.Now) {
		if what != "" {
			what += " and "
		}
		what += map[bool]string{true: "quiet hours begin", false: "quiet hours end"}[quiet]
	}
	return capital(what) + " " + v.Coming(next) + "."
}

// until is when a mode shall end; the zero time for never.
func until(r *http.Request, v *visit, before screening.Household) (time.Time, error) {
	now := v.In(v.Now)
	switch typed := r.FormValue("until"); typed {
	case "":
		return time.Time{}, nil
	case asBefore:
		if before.OriginAt(v.Now) != screening.ByTemporary {
			return time.Time{}, refused("The time until which it was to hold is over. Please choose another.")
		}
		return before.Times.TemporaryUntil, nil
	case "1h", "2h", "4h":
		long, err := time.ParseDuration(typed)
		return now.Add(long), err
	case "tomorrow":
		return time.Date(now.Year(), now.Month(), now.Day()+1, 8, 0, 0, 0, now.Location()), nil
	case "date":
		at, err := time.ParseInLocation("2006-01-02 15:04", r.FormValue("date")+" "+r.FormValue("time"), now.Location())
		if err != nil {
			return at, refused("Please say the day and the time until which it shall hold.")
		}
		return at, nil
	default:
		return time.Time{}, refused("Please choose until when it shall hold.")
	}
}

func (s settingsHandlers) setMode(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	end, err := until(r, v, house)
	var done household.Done
	if err == nil {
		done, err = s.admin(v).SetMode(r.Context(), r.PostFormValue("was"), screening.Mode(r.PostFormValue("mode")), end)
	}
	if err != nil {
		stale := refusedAs(err, household.Conflict)
		return s.again(w, v, asFault(err), "settings-mode", "How strict Ringfence is", func() (any, error) { return s.modeData(r, v, !stale) })
	}
	return s.tell(w, r, v, v.Path("settings", "mode"), done, nil)
}

// expect lets the next unknown caller ring, for a plumber who rings back.
func (s settingsHandlers) expect(w http.ResponseWriter, r *http.Request, v *visit) error {
	end := v.Now.Add(screening.UsualExpecting)
	if r.FormValue("expect") == "off" {
		end = time.Time{}
	}
	done, err := s.admin(v).Expect(r.Context(), end)
	return s.tell(w, r, v, v.Path("settings", "mode"), done, err)
}

// again shows a form's page once more with what was wrong in it, where that is for people to mend.
func (s *Server) again(w http.ResponseWriter, v *visit, wrong error, name, title string, data func() (any, error)) error {
	var f fault
	if !errors.As(wrong, &f) {
		return wrong
	}
	d, err := data()
	if err != nil {
		return err
	}
	return s.showAgain(w, v, name, "settings", title, d, f.sentence)
}

// Coming is a moment to come as people say it: today at 18:00, tomorrow at 08:00, on Friday at 08:00.
func (v *visit) Coming(t time.Time) string {
	words := v.End(t)
	if strings.HasPrefix(words, "today") || strings.HasPrefix(words, "tomorrow") {
		return words
	}
	return "on " + words
}

// End is a moment to come, as it is said behind "until".
func (v *visit) End(t time.Time) string { return household.Coming(v.In(v.Now), v.In(t)) }

// capital makes a sentence of words.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
