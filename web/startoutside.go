package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ringfence/setup"
	"ringfence/web/backend"
)

// The last step but one of the setup: somebody rings the line from a mobile, and the page shows how far the call comes.

type startOutsidePage struct {
	startProgress
	Since  string // the page's own address has it: calls from before do not count
	Number string // to ring; "" if the settings do not say
	Stages []setup.Progress
	Works  bool
	Over   bool // the call has ended before all of it was seen
}

// startOutside starts again whenever the page is opened without a time.
func (s startHandlers) startOutside(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if r.FormValue("since") == "" {
		http.Redirect(w, r, fmt.Sprintf("%s?since=%d", v.Path("start", "outside"), v.Now.UnixMilli()), http.StatusSeeOther)
		return nil
	}
	return s.page(s.outsideView())(w, r, v)
}

func (s startHandlers) outsideView() view {
	return viewOf("start-outside", "", "A call from outside", s.startOutsideOf)
}

func (s startHandlers) startOutsideOf(r *http.Request, v *backend.Visitor) (startOutsidePage, error) {
	ms, err := strconv.ParseInt(r.FormValue("since"), 10, 64)
	if err != nil {
		return startOutsidePage{}, backend.Refuse("This address isn’t complete. Open the page from the setup.")
	}
	p := startOutsidePage{startProgress: progress("outside"), Since: strconv.FormatInt(ms, 10)}
	if v.Household.Number != "" {
		p.Number = v.National(v.Household.Number)
	}
	call, err := setup.LatestCall(r.Context(), s.Store, v.Household.Name, v.Household.Region, time.UnixMilli(ms))
	if err != nil {
		return p, err
	}
	p.Stages, p.Works = call.Watch(s.Houses.House(v.Household.Name).Wiring)
	p.Over = call.Outcome != "" && !p.Works
	return p, nil
}

func (s startHandlers) streamOutside(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.stream(w, r, v, streamParts{"start-outside", []string{"steps"}, backend.Own, s.outsideView().data})
}
