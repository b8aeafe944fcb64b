package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ringfence/household"
	"ringfence/notify"
	"ringfence/screening"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
	"ringfence/web/account"
	"ringfence/web/backend"
	"ringfence/web/field"
)

// alertHandlers are for alerts. Everybody sees and changes only their own, viewers too: that changes nothing in the household.
type alertHandlers struct{ *Server }

func (s alertHandlers) routes() []route {
	atHome, _ := household.OptionByName("alerts-at-home")
	return []route{
		{"POST /me/browser", backend.SignedIn, s.renewBrowser},
		{"GET /h/{household}/alerts", backend.See, s.alerts},
		{"POST /h/{household}/alerts/at-home", backend.Change, s.do(at("alerts"), setOptions(atHome))},
		{"GET /h/{household}/alerts/new/{service}", backend.See, s.newAlert},
		{"POST /h/{household}/alerts/new/{service}", backend.See, s.addAlert},
		{"GET /h/{household}/alerts/edit/{alert}", backend.See, s.ofAlert(s.changeAlertPage)},
		{"POST /h/{household}/alerts/edit/{alert}", backend.See, s.ofAlert(s.changeAlert)},
		{"GET /h/{household}/alerts/edit/{alert}/address", backend.See, s.ofAlert(s.alertAddressPage)},
		{"POST /h/{household}/alerts/edit/{alert}/address", backend.See, s.ofAlert(s.changeAlertAddress)},
		{"POST /h/{household}/alerts/edit/{alert}/test", backend.See, s.ofAlert(s.testAlert)},
		{"POST /h/{household}/alerts/edit/{alert}/pause", backend.See, s.ofAlert(s.pauseAlert)},
		{"POST /h/{household}/alerts/edit/{alert}/remove", backend.See, s.ofAlert(s.removeAlert)},
	}
}

// alertsPage is all of a person's alerts, and the services to add.
type alertsPage struct {
	Alerts   []alertRow
	Services []notify.Service
	AtHome   bool // alerts may go to addresses in a home network
	// AtHomeWas is what the page shows of that, for its form.
	AtHomeWas string
	MayChoose bool // the visitor may change that
}

// alertRow is an alert as the page shows it.
type alertRow struct {
	outbox.Channel
	Of, When string // of what and when, in words
}

func (s alertHandlers) alerts(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	channels, err := s.Store.Outbox.Channels(r.Context(), v.Household.Name, v.Person.ID)
	if err != nil {
		return err
	}
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return err
	}
	o, _ := household.OptionByName("alerts-at-home")
	p := alertsPage{Services: s.services(v), AtHome: chosen.About.AlertsAtHome, AtHomeWas: chosen.Seen(o), MayChoose: v.CanChange() && v.Actor().MayChoose(o)}
	for _, c := range channels {
		p.Alerts = append(p.Alerts, alertRow{c, household.EventsInWords(c.Events), household.TimesInWords(c.Choices)})
	}
	return s.show(w, r, v, "alerts", "alerts", "Alerts", p)
}

// ofAlert finds the alert that an address names among the person's own.
func (s alertHandlers) ofAlert(do func(http.ResponseWriter, *http.Request, *backend.Visitor, outbox.Channel) error) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		c, err := s.Alert(r, v)
		if err != nil {
			return err
		}
		return do(w, r, v, c)
	}
}

// services are the services that somebody may add. Viewers must not be able to have this machine send anything anywhere.
func (s alertHandlers) services(v *backend.Visitor) []notify.Service {
	return slices.DeleteFunc(notify.Services(), func(x notify.Service) bool { return x.AnyAddress && !v.CanChange() })
}

func (s alertHandlers) newAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	service, err := s.service(r, v)
	if err != nil {
		return err
	}
	p := alertPage{Service: service, Form: usualForm(service), Zone: v.Zone().String()}
	if err := s.addPushKey(r, &p); err != nil {
		return err
	}
	return s.show(w, r, v, "alert-new", "alerts", "Alerts: "+service.Name, p)
}

// service is the service that an address names.
func (s alertHandlers) service(r *http.Request, v *backend.Visitor) (notify.Service, error) {
	all := s.services(v)
	i := slices.IndexFunc(all, func(x notify.Service) bool { return x.ID == r.PathValue("service") })
	if i < 0 {
		return notify.Service{}, backend.ErrNotFound
	}
	return all[i], nil
}

// alertPage is a form about one alert.
type alertPage struct {
	Alert   outbox.Channel // ID 0: a new one
	Service notify.Service
	Filled  map[string]string // except secrets, which have to be typed again
	Faults  map[string]string // by field
	Form    choiceForm
	Zone    string // of the household
	PushKey string // for a browser's own alerts
}

// addPushKey adds what a browser needs, where it is to get alerts itself.
func (s alertHandlers) addPushKey(r *http.Request, p *alertPage) (err error) {
	if p.Service.ByBrowser {
		p.PushKey, err = s.Messenger.PushKey(r.Context())
	}
	return err
}

// Field is a service's field for the shared part "field". A secret that was typed is not sent back.
func (p alertPage) Field(f notify.Field) field.Field {
	x := field.New("s-"+f.ID, f.Label, p.Filled[f.ID]).As(f.Type).Error(p.Faults[f.ID]).Fill("off")
	if f.Secret {
		x.Value = ""
		if f.Type == "password" {
			x = x.Fill("new-password") // so that no browser fills in the password of this page
		}
	}
	hint := f.Hint
	if f.Example != "" {
		hint = strings.TrimSpace("Such as " + f.Example + ". " + hint)
	}
	x = x.Hint(hint)
	if !f.Optional {
		x = x.Required()
	}
	return x
}

// filled reads what was filled in of a service's fields.
func filled(r *http.Request, s notify.Service) map[string]string {
	all := map[string]string{}
	for _, f := range s.Fields {
		all[f.ID] = r.FormValue("s-" + f.ID)
	}
	return all
}

// readAddress makes an address from a form; if ok is false, p has the faults.
func readAddress(r *http.Request, p *alertPage) (to household.AlertTo, ok bool, err error) {
	p.Filled = filled(r, p.Service)
	if p.Service.ByBrowser {
		p.Filled["device"] = account.Device(r.UserAgent())
	}
	a, err := p.Service.Build(p.Filled)
	var fault notify.FieldError
	if errors.As(err, &fault) {
		p.Faults = map[string]string{fault.Field: fault.Sentence}
		return to, false, nil
	}
	return household.AlertTo{Service: p.Service.ID, By: p.Service.By, Where: a.Where, Address: a.URL, Device: p.Service.ByBrowser}, err == nil, err
}

func (s alertHandlers) addAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	service, err := s.service(r, v)
	if err != nil {
		return err
	}
	p := alertPage{Service: service, Form: readChoices(r), Zone: v.Zone().String()}
	if err := s.addPushKey(r, &p); err != nil {
		return err
	}
	again := func(wrong string) error {
		return s.showAgain(w, v, "alert-new", "alerts", "Alerts: "+service.Name, p, wrong)
	}
	to, ok, err := readAddress(r, &p)
	if err != nil {
		return err
	}
	if !ok {
		return again("Nothing is added yet: something is missing or wrong below.")
	}
	choices, err := p.Form.choices()
	if err != nil {
		return again(screening.Sentence(err))
	}
	done, err := s.Admin(v).AddAlert(r.Context(), to, choices)
	wrong, _, err := backend.RefusalOf(err)
	if err != nil {
		return err
	}
	if wrong != "" {
		return again(wrong)
	}
	c, err := s.Store.Outbox.Channel(r.Context(), v.Household.Name, v.Person.ID, done.ID)
	if err != nil {
		return err
	}
	return s.tryAlert(w, r, v, c, done.Sentence)
}

// tryAlert sends a test message; its sentence says what was done before the result.
func (s alertHandlers) tryAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel, done string) error {
	if !s.tests.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) {
		return s.done(w, r, v.Path("alerts"), strings.TrimSpace(done+" No test was sent, because there have been many: try again in a minute."), "")
	}
	text := done + " A test message is sent: look whether it has arrived."
	if err := s.Messenger.Test(r.Context(), c); err != nil {
		if r.Context().Err() != nil || sqlite.IsInternal(err) {
			return err
		}
		text = done + " But the test message could not be sent. " + screening.Sentence(err)
	}
	return s.done(w, r, v.Path("alerts"), strings.TrimSpace(text), "")
}

func (s alertHandlers) testAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	return s.tryAlert(w, r, v, c, "")
}

func (s alertHandlers) changeAlertPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	return s.show(w, r, v, "alert-change", "alerts", c.Name, alertPage{Alert: c, Form: formOf(c.Choices), Zone: v.Zone().String()})
}

func (s alertHandlers) changeAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	p := alertPage{Alert: c, Form: readChoices(r), Zone: v.Zone().String()}
	again := func(wrong string) error { return s.showAgain(w, v, "alert-change", "alerts", c.Name, p, wrong) }
	choices, err := p.Form.choices()
	if err != nil {
		return again(screening.Sentence(err))
	}
	done, err := s.Admin(v).ChangeAlert(r.Context(), c.ID, choices)
	if wrong, _, _ := backend.RefusalOf(err); wrong != "" {
		return again(wrong)
	}
	return s.finish(w, r, v, v.Path("alerts"), done, err)
}

// serviceOf is an alert's service, for its fields.
func serviceOf(c outbox.Channel) (notify.Service, error) {
	service, is := notify.ServiceOf(c.Service)
	if !is {
		return service, fmt.Errorf("channel %d has a service that is none: %q", c.ID, c.Service)
	}
	return service, nil
}

func (s alertHandlers) alertAddressPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	service, err := serviceOf(c)
	if err != nil {
		return err
	}
	p := alertPage{Alert: c, Service: service}
	if err := s.addPushKey(r, &p); err != nil {
		return err
	}
	return s.show(w, r, v, "alert-address", "alerts", "Another address", p)
}

func (s alertHandlers) changeAlertAddress(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	service, err := serviceOf(c)
	if err != nil {
		return err
	}
	if service.AnyAddress && !v.CanChange() { // set up when they were a carer
		return backend.ErrLookOnly
	}
	p := alertPage{Alert: c, Service: service}
	if err := s.addPushKey(r, &p); err != nil {
		return err
	}
	to, ok, err := readAddress(r, &p)
	if err != nil {
		return err
	}
	if !ok {
		return s.showAgain(w, v, "alert-address", "alerts", "Another address", p, "Nothing is changed yet: something is missing or wrong below.")
	}
	done, err := s.Admin(v).ReplaceAlertAddress(r.Context(), c.ID, to)
	if err != nil {
		return err
	}
	return s.tryAlert(w, r, v, c, done.Sentence)
}

func (s alertHandlers) pauseAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	done, err := s.Admin(v).PauseAlert(r.Context(), c.ID, r.FormValue("pause") != "no")
	return s.finish(w, r, v, v.Path("alerts"), done, err)
}

func (s alertHandlers) removeAlert(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	done, err := s.Admin(v).RemoveAlert(r.Context(), c.ID)
	return s.finish(w, r, v, v.Path("alerts"), done, err)
}

// renewBrowser tells the visitor's alerts, of all their households, that the browser which gets them has another push address now. Its service worker
// sends it, and reads the status alone.
func (s alertHandlers) renewBrowser(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	service, err := serviceOf(outbox.Channel{Service: notify.WebPush})
	if err != nil {
		return err
	}
	p := alertPage{Service: service}
	to, ok, err := readAddress(r, &p)
	if err != nil {
		return err
	}
	status := http.StatusNotFound
	if !ok {
		status = http.StatusUnprocessableEntity
	}
	for i := 0; ok && i < len(v.Households); i++ {
		in := *v
		if err := in.Enter(v.Households[i].Name); err != nil {
			return err
		}
		done, err := s.Admin(&in).RenewBrowser(r.Context(), r.PostFormValue("was"), to)
		if err != nil {
			return err
		}
		if done.ID != 0 {
			status = http.StatusNoContent
		}
	}
	w.WriteHeader(status)
	return nil
}
