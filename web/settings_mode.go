package web

import (
	"net/http"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/web/backend"
)

// modeOptions are the modes to choose from, with the present one marked.
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
	Date      string // as they were sent, if they were refused
	Time      string
	Expecting string // until when; "" if no call is expected
	// ExpectingWas is what the page shows of that, for its form.
	ExpectingWas string
}

// modeView is the page. again says that it is shown once more, with what was sent.
func (s settingsHandlers) modeView(again bool) view {
	return viewOf("settings-mode", "settings", "How strict Ringfence is", func(r *http.Request, v *backend.Visitor) (modePage, error) {
		return s.modeData(r, v, again)
	})
}

func (s settingsHandlers) modeData(r *http.Request, v *backend.Visitor, again bool) (modePage, error) {
	house, err := s.House(r.Context(), v)
	if err != nil {
		return modePage{}, err
	}
	p := modePage{
		Was: s.Admin(v).SeenMode(house), Now: household.NowInWords(house, v.Now), Modes: modeOptions(house.ModeAt(v.Now)), Until: untilWords(v, house),
		First: v.In(v.Now).Format(time.DateOnly), Date: r.PostFormValue("date"), Time: r.PostFormValue("time"),
		ExpectingWas: s.Admin(v).SeenExpecting(house),
	}
	if mode := r.PostFormValue("mode"); mode != "" && again {
		p.Modes, p.Until = choose(mode, p.Modes...), choose(r.PostFormValue("until"), p.Until...)
	}
	if next := house.NextChange(v.Now); !next.IsZero() {
		p.Next = screening.Capital(household.ChangeInWords(house, v.Now, next)) + " " + v.Coming(next) + "."
	}
	if house.ExpectingAt(v.Now) {
		p.Expecting = v.Clock(house.Times.ExpectingUntil)
	}
	return p, nil
}

// untilWords are the ends that a mode can have. One that has an end keeps it, unless another is chosen.
func untilWords(v *backend.Visitor, house screening.Household) []option {
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

// asBefore is the form's value for the end that the mode has.
const asBefore = "as-before"

// until is when a mode is to end; the zero time for never.
func until(r *http.Request, v *backend.Visitor, before screening.Household) (time.Time, error) {
	now := v.In(v.Now)
	switch typed := r.FormValue("until"); typed {
	case "":
		return time.Time{}, nil
	case asBefore:
		if before.OriginAt(v.Now) != screening.ByTemporary {
			return time.Time{}, backend.Refuse("That time is in the past. Please choose another.")
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
			return at, backend.Refuse("Please say until which day and time it should apply.")
		}
		return at, nil
	default:
		return time.Time{}, backend.Refuse("Please choose until when it should apply.")
	}
}

func (s settingsHandlers) setMode(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	house, err := s.House(r.Context(), v)
	if err != nil {
		return err
	}
	end, err := until(r, v, house)
	var done household.Done
	if err == nil {
		var shown bool
		done, shown, err = s.doOrTry(w, r, v, end.IsZero(), func(r *http.Request, a household.Admin) (household.Done, error) {
			return a.SetMode(r.Context(), r.PostFormValue("was"), screening.Mode(r.PostFormValue("mode")), end)
		})
		if shown {
			return err
		}
	}
	if err != nil {
		return s.again(w, r, v, s.modeView(!backend.RefusedAs(err, household.Conflict)), err)
	}
	return s.finish(w, r, v, v.Path("settings", "mode"), done, nil)
}

// expect lets the next unknown caller ring, for a plumber who rings back.
func expect(r *http.Request, a household.Admin) (household.Done, error) {
	if r.FormValue("expect") == "off" {
		return a.ExpectNobody(r.Context(), r.PostFormValue("was"))
	}
	return a.ExpectNext(r.Context(), r.PostFormValue("was"))
}
