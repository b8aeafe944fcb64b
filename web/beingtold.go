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
	"ringfence/web/backend"
	"ringfence/web/field"
)

// alertHandlers are for alerts. Each person sees and changes their own alone, viewers too: nothing of the household changes by it.
type alertHandlers struct{ *Server }

func (s alertHandlers) routes() []route {
	atHome, _ := household.OptionByName("alerts-at-home")
	return []route{
		{"GET /h/{household}/being-told", backend.See, s.beingTold},
		{"POST /h/{household}/being-told/at-home", backend.Change, s.do(at("being-told"), setOptions(atHome))},
		{"GET /h/{household}/being-told/new/{service}", backend.See, s.newWay},
		{"POST /h/{household}/being-told/new/{service}", backend.See, s.addWay},
		{"GET /h/{household}/being-told/way/{way}", backend.See, s.ofWay(s.changeWayPage)},
		{"POST /h/{household}/being-told/way/{way}", backend.See, s.ofWay(s.changeWay)},
		{"GET /h/{household}/being-told/way/{way}/address", backend.See, s.ofWay(s.wayAddressPage)},
		{"POST /h/{household}/being-told/way/{way}/address", backend.See, s.ofWay(s.changeWayAddress)},
		{"POST /h/{household}/being-told/way/{way}/test", backend.See, s.ofWay(s.testWay)},
		{"POST /h/{household}/being-told/way/{way}/pause", backend.See, s.ofWay(s.pauseWay)},
		{"POST /h/{household}/being-told/way/{way}/remove", backend.See, s.ofWay(s.removeWay)},
	}
}

// toldPage is all of a person's ways of being told, and what there is to add.
type toldPage struct {
	Ways     []way
	Services []notify.Service
	AtHome   bool // alerts may go to addresses in a home network
	// AtHomeWas is what the page shows of that, for its form.
	AtHomeWas string
	MayChoose bool // the visitor may change that
}

// way is a way of being told as the page shows it.
type way struct {
	outbox.Channel
	Of, When string // of what and when, in words
}

func (s alertHandlers) beingTold(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	channels, err := s.Store.Outbox.Channels(r.Context(), v.Household.Name, v.Person.ID)
	if err != nil {
		return err
	}
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return err
	}
	o, _ := household.OptionByName("alerts-at-home")
	p := toldPage{Services: s.services(v), AtHome: chosen.About.AlertsAtHome, AtHomeWas: chosen.Seen(o), MayChoose: v.CanChange() && v.Actor().MayChoose(o)}
	for _, c := range channels {
		p.Ways = append(p.Ways, way{c, household.EventsInWords(c.Events), household.TimesInWords(c.Choices)})
	}
	return s.show(w, r, v, "being-told", "being-told", "Being told", p)
}

// ofWay finds the way that an address names among the person's own.
func (s alertHandlers) ofWay(do func(http.ResponseWriter, *http.Request, *backend.Visitor, outbox.Channel) error) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		id, err := backend.PathID(r, "way")
		if err != nil {
			return err
		}
		c, err := s.Store.Outbox.Channel(r.Context(), v.Household.Name, v.Person.ID, id)
		if errors.Is(err, outbox.ErrNoChannel) {
			return backend.ErrNotThere
		}
		if err != nil {
			return err
		}
		return do(w, r, v, c)
	}
}

// services are those that somebody may add. Who may only look may not have this machine send whatever they like to wherever they like.
func (s alertHandlers) services(v *backend.Visitor) []notify.Service {
	return slices.DeleteFunc(notify.Services(), func(x notify.Service) bool { return x.AnyAddress && !v.CanChange() })
}

func (s alertHandlers) newWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	service, err := s.service(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "being-told-new", "being-told", "Being told: "+service.Name, wayPage{Service: service, Form: usualForm(), Zone: v.Zone().String()})
}

// service is the one that an address names.
func (s alertHandlers) service(r *http.Request, v *backend.Visitor) (notify.Service, error) {
	all := s.services(v)
	i := slices.IndexFunc(all, func(x notify.Service) bool { return x.ID == r.PathValue("service") })
	if i < 0 {
		return notify.Service{}, backend.ErrNotThere
	}
	return all[i], nil
}

// wayPage is a form about one way of being told.
type wayPage struct {
	Way     outbox.Channel // ID 0: a new one
	Service notify.Service
	Filled  map[string]string // but secrets, which are typed again
	Faults  map[string]string // by field
	Form    choiceForm
	Zone    string // of the household
}

// Field is a service's field for the shared part "field". A secret that was typed is not sent back.
func (p wayPage) Field(f notify.Field) field.Field {
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

// readAddress makes an address of a form; ok is false where p has the faults.
func readAddress(r *http.Request, p *wayPage) (to household.AlertTo, ok bool, err error) {
	p.Filled = filled(r, p.Service)
	a, err := p.Service.Build(p.Filled)
	var fault notify.FieldError
	if errors.As(err, &fault) {
		p.Faults = map[string]string{fault.Field: fault.Sentence}
		return to, false, nil
	}
	return household.AlertTo{Service: p.Service.ID, Name: p.Service.Name, Where: a.Where, Address: a.URL}, err == nil, err
}

func (s alertHandlers) addWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	service, err := s.service(r, v)
	if err != nil {
		return err
	}
	p := wayPage{Service: service, Form: readChoices(r), Zone: v.Zone().String()}
	again := func(wrong string) error {
		return s.showAgain(w, v, "being-told-new", "being-told", "Being told: "+service.Name, p, wrong)
	}
	to, ok, err := readAddress(r, &p)
	if err != nil {
		return err
	}
	if !ok {
		return again("Nothing is added yet: something is not filled in as it has to be.")
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
	return s.tryWay(w, r, v, c, done.Sentence)
}

// tryWay sends a test message, and says before the result what was done.
func (s alertHandlers) tryWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel, done string) error {
	if !s.tests.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) {
		return s.done(w, r, v.Path("being-told"), strings.TrimSpace(done+" No test was sent, for there were many just now: try again in a minute."), nil)
	}
	text := done + " A test message is sent: look whether it has arrived."
	if err := s.Messenger.Test(r.Context(), c); err != nil {
		if r.Context().Err() != nil {
			return err
		}
		text = done + " But the test message could not be sent. " + screening.Sentence(err)
	}
	return s.done(w, r, v.Path("being-told"), strings.TrimSpace(text), nil)
}

func (s alertHandlers) testWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	return s.tryWay(w, r, v, c, "")
}

func (s alertHandlers) changeWayPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	return s.show(w, r, v, "being-told-change", "being-told", c.Name, wayPage{Way: c, Form: formOf(c.Choices), Zone: v.Zone().String()})
}

func (s alertHandlers) changeWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	p := wayPage{Way: c, Form: readChoices(r), Zone: v.Zone().String()}
	choices, err := p.Form.choices()
	var done household.Done
	if err == nil {
		done, err = s.Admin(v).ChangeAlert(r.Context(), c.ID, choices)
	}
	if err != nil {
		return s.showAgain(w, v, "being-told-change", "being-told", c.Name, p, screening.Sentence(err))
	}
	return s.tell(w, r, v, v.Path("being-told"), done, nil)
}

// serviceOf is the service of a way, for its fields.
func serviceOf(c outbox.Channel) (notify.Service, error) {
	service, is := notify.ServiceOf(c.Service)
	if !is {
		return service, fmt.Errorf("channel %d has a service that is none: %q", c.ID, c.Service)
	}
	return service, nil
}

func (s alertHandlers) wayAddressPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	service, err := serviceOf(c)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "being-told-address", "being-told", "Another address", wayPage{Way: c, Service: service})
}

func (s alertHandlers) changeWayAddress(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	service, err := serviceOf(c)
	if err != nil {
		return err
	}
	if service.AnyAddress && !v.CanChange() { // set up by somebody who was a carer then
		return backend.ErrLookOnly
	}
	p := wayPage{Way: c, Service: service}
	to, ok, err := readAddress(r, &p)
	if err != nil {
		return err
	}
	if !ok {
		return s.showAgain(w, v, "being-told-address", "being-told", "Another address", p, "Nothing is changed yet: something is not filled in as it has to be.")
	}
	done, err := s.Admin(v).ReplaceAlertAddress(r.Context(), c.ID, to)
	if err != nil {
		return err
	}
	return s.tryWay(w, r, v, c, done.Sentence)
}

func (s alertHandlers) pauseWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	pause := r.FormValue("pause") != "no"
	done, err := s.Admin(v).PauseAlert(r.Context(), c.ID, pause)
	back := &undo{v.Path("being-told", "way", strconv.FormatInt(c.ID, 10), "pause"), map[string]string{"pause": yesNo(!pause)}}
	return s.switched(w, r, v.Path("being-told"), done, err, back)
}

func (s alertHandlers) removeWay(w http.ResponseWriter, r *http.Request, v *backend.Visitor, c outbox.Channel) error {
	done, err := s.Admin(v).RemoveAlert(r.Context(), c.ID)
	return s.tell(w, r, v, v.Path("being-told"), done, err)
}
