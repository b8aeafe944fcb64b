package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/screening"
)

func (s *Server) modeRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/mode", see, s.modePage},
		{"POST /h/{household}/settings/mode", change, s.setMode},
		{"POST /h/{household}/settings/mode/undo", change, s.undoMode},
		{"POST /h/{household}/settings/mode/expect", change, s.expect},
	}
}

// modeWords are the modes for people.
var modeWords = []option{
	{Value: string(screening.Ask), Words: "Ask who it is", More: "Callers you do not know say their name and why they ring. Whoever picks up hears that, and decides. Contacts ring straight through. Right for most people."},
	{Value: string(screening.KnownOnly), Words: "Only people you know", More: "Contacts ring. Everybody else can leave a message, and the telephone stays silent. For a time when every stranger is too much."},
	{Value: string(screening.BlockOnly), Words: "Stop scammers only", More: "Everybody rings but blocked numbers and those on scam lists. Nobody is asked who they are."},
	{Value: string(screening.Watch), Words: "Only watch", More: "Every call rings. Ringfence writes down what it would have done, so that you can see what it is like before you trust it."},
	{Value: string(screening.Off), Words: "Off", More: "Every call rings, scammers too."},
}

// modeName is a mode in words.
func modeName(m screening.Mode) string {
	for _, o := range modeWords {
		if o.Value == string(m) {
			return o.Words
		}
	}
	return string(m)
}

type modePage struct {
	Now, Next string
	Modes     []option
	Until     []option
	First     string // day that can be chosen
	Date      string // as they were sent, where they cannot be
	Time      string
	Expecting string // until when; "" where no call is expected
}

func (s *Server) modePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.modeData(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-mode", "settings", "How strict Ringfence is", data)
}

func (s *Server) modeData(r *http.Request, v *visit) (modePage, error) {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return modePage{}, err
	}
	p := modePage{
		Now: modeNow(v, house), Modes: choose(house.ModeAt(v.Now), slices.Clone(modeWords)...), Until: untilWords(v, house),
		First: v.In(v.Now).Format(time.DateOnly), Date: r.PostFormValue("date"), Time: r.PostFormValue("time"),
	}
	if mode := r.PostFormValue("mode"); mode != "" { // what was sent, and had something wrong in it
		p.Modes, p.Until = choose(mode, p.Modes...), choose(r.PostFormValue("until"), p.Until...)
	}
	if next := house.NextChange(v.Now); !next.IsZero() {
		p.Next = nextInWords(v, house, next)
	}
	if house.OriginAt(v.Now) == screening.BySchedule {
		p.Now += " The week says so; at other times it is “" + modeName(house.Mode) + "”."
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
		all = append(all, option{Value: strconv.Itoa(hours) + "h", Words: "For " + hoursInWords(long) + ", until " + v.Clock(v.Now.Add(long))})
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
		what = "“" + modeName(mode) + "” begins"
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
		if err := screening.CheckModeEnd(now, at); err != nil {
			return at, refused("%s", sentence(err))
		}
		return at, nil
	default:
		return time.Time{}, refused("Please choose until when it shall hold.")
	}
}

func (s *Server) setMode(w http.ResponseWriter, r *http.Request, v *visit) error {
	mode, err := among(r, "mode", screening.Ask, screening.KnownOnly, screening.BlockOnly, screening.Watch, screening.Off)
	if err != nil {
		return err
	}
	ctx, home := r.Context(), v.Household.Name
	before, err := s.house(ctx, v)
	if err != nil {
		return err
	}
	end, err := until(r, v, before)
	if err != nil {
		return s.again(w, v, err, "settings-mode", "How strict Ringfence is", func() (any, error) { return s.modeData(r, v) })
	}
	told := "“" + modeName(mode) + "” holds from now on."
	if end.IsZero() {
		err = s.Store.SetMode(ctx, home, mode, time.Time{})
		after := before
		after.Mode, after.Times.Temporary = mode, ""
		if after.OriginAt(v.Now) == screening.BySchedule {
			told = "It is “" + modeName(mode) + "” now where the week says nothing. At this moment the week says “" + modeName(after.ModeAt(v.Now)) + "”."
		}
	} else {
		err = s.Store.SetTemporary(ctx, home, mode, end)
		told = "“" + modeName(mode) + "” holds until " + v.End(end) + "."
	}
	if err != nil {
		return err
	}
	back := map[string]string{"mode": string(before.Mode)}
	if before.Times.TemporaryUntil.After(v.Now) {
		back["temporary"], back["until"] = string(before.Times.Temporary), strconv.FormatInt(before.Times.TemporaryUntil.Unix(), 10)
	}
	return s.saved(w, r, v, told, v.Path("settings", "mode"), &undo{v.Path("settings", "mode", "undo"), back})
}

// undoMode brings the mode and a temporary one back. Whoever may do that may set any anyway.
func (s *Server) undoMode(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, home := r.Context(), v.Household.Name
	if err := s.Store.SetMode(ctx, home, screening.Mode(r.FormValue("mode")), time.Time{}); err != nil {
		return refused("There is nothing to undo.")
	}
	if temporary := r.FormValue("temporary"); temporary != "" {
		seconds, err := strconv.ParseInt(r.FormValue("until"), 10, 64)
		if err != nil {
			return refused("There is nothing to undo.")
		}
		if err := s.Store.SetTemporary(ctx, home, screening.Mode(temporary), time.Unix(seconds, 0)); err != nil {
			return refused("There is nothing to undo.")
		}
	}
	return s.saved(w, r, v, "Undone: Ringfence is as strict as before.", v.Path("settings", "mode"), nil)
}

// expect lets the next unknown caller ring, for a plumber who rings back.
func (s *Server) expect(w http.ResponseWriter, r *http.Request, v *visit) error {
	end, told := v.Now.Add(screening.UsualExpecting), ""
	if r.FormValue("expect") == "off" {
		end, told = time.Time{}, "No call is expected any more."
	} else {
		told = "Until " + v.Clock(end) + " the next caller whom the household does not know rings straight through, once."
	}
	if err := s.Store.SetExpecting(r.Context(), v.Household.Name, end); err != nil {
		return err
	}
	return s.saved(w, r, v, told, v.Path("settings", "mode"), nil)
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

// Coming is a moment to come as people say it: at 18:00, tomorrow at 08:00, on Friday at 08:00.
func (v *visit) Coming(t time.Time) string {
	then, now := v.In(t), v.In(v.Now)
	switch days := daysBetween(now, then); {
	case days == 0:
		return "today at " + v.Clock(t)
	case days == 1:
		return "tomorrow at " + v.Clock(t)
	case days > 1 && days < 7:
		return "on " + then.Format("Monday") + " at " + v.Clock(t)
	default:
		return "on " + then.Format("Monday 2 January 2006") + " at " + v.Clock(t)
	}
}

// End is a moment to come, as it is said behind "until": today at 18:00, Friday at 08:00.
func (v *visit) End(t time.Time) string { return strings.TrimPrefix(v.Coming(t), "on ") }

// capital makes a sentence of words.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
