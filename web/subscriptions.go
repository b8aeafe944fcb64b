package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	sharedlist "ringfence/sharing/list"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
	"ringfence/store/sqlite"
	"ringfence/web/backend"
	"ringfence/web/qr"
)

// Lists that others publish: subscribing to one, how fresh it is, and passing it on.

// subscriptionHandlers are for lists that others publish. They show the page of all lists again when an address is wrong.
type subscriptionHandlers struct{ listHandlers }

func (s subscriptionHandlers) routes() []route {
	return []route{
		{"POST /h/{household}/lists/subscribe", backend.Change, s.meetList},
		{"GET /h/{household}/lists/subscribe/{met}", backend.Change, s.askToSubscribe},
		{"POST /h/{household}/lists/subscribe/{met}", backend.Change, s.subscribe},
		{"POST /h/{household}/list/update", backend.Change, s.updateList},
		{"POST /h/{household}/list/unsubscribe", backend.Change, s.do(at("lists"), withField("name", household.Admin.Unsubscribe))},
		{"POST /h/{household}/list/unsigned", backend.Own, s.allowUnsigned},
		{"GET /h/{household}/list/link.svg", backend.See, s.linkPicture},
		{"GET /h/{household}/lists/phoneblock", backend.Own, s.phoneBlock},
		{"POST /h/{household}/lists/phoneblock", backend.Own, s.subscribePhoneBlock},
		{"POST /h/{household}/list/key", backend.Own, s.setListKey},
		{"POST /h/{household}/list/ask", backend.Own, s.askOfCallers},
	}
}

// subscribeForm is a list as somebody is about to subscribe to it.
type subscribeForm struct{ Address, Key, Wrong string }

// How often somebody who is signed in can have this machine ask others, and how often at once.
const meetEvery, someMeetings = 10 * time.Second, 6

// metList is a list that somebody has looked at, and may subscribe to.
type metList struct {
	Source   subscribe.Source
	Manifest sharedlist.Manifest // without its parts
}

// meetList downloads and verifies what a list says about itself, before anything is decided.
func (s subscriptionHandlers) meetList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := subscribeForm{Address: r.PostFormValue("address"), Key: r.PostFormValue("key")}
	from, err := subscribe.ParseSource(form.Address, form.Key)
	if err != nil {
		return s.subscribeAgain(w, r, v, form, err)
	}
	if !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) {
		return s.subscribeAgain(w, r, v, form, errors.New("you have looked at many lists already: wait a minute, and try again"))
	}
	ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
	defer cancel()
	m, err := s.Lists.Look(ctx, from)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("the list's server does not answer: try again later")
	}
	if err != nil {
		return s.subscribeAgain(w, r, v, form, err)
	}
	m.Parts = nil
	http.Redirect(w, r, v.Path("lists", "subscribe", s.met.put(v, metList{from, m})), http.StatusSeeOther) //nolint:gosec // of this site, always
	return nil
}

func (s subscriptionHandlers) subscribeAgain(w http.ResponseWriter, r *http.Request, v *backend.Visitor, form subscribeForm, wrong error) error {
	form.Wrong = screening.Sentence(wrong)
	return s.again(w, r, v, s.view(listsPage{Subscribe: form}), backend.Refuse("%s", form.Wrong))
}

// meetPage is what somebody subscribes to.
type meetPage struct {
	sharedlist.Manifest
	Key     string // in its address
	Source  subscribe.Source
	Numbers string
	Name    string // what the household would call it
	Wrong   string
}

func (m metList) page(key, name, wrong string) meetPage {
	return meetPage{Manifest: m.Manifest, Key: key, Source: m.Source, Numbers: screening.Thousands(m.Manifest.Entries), Name: name, Wrong: wrong}
}

func (s subscriptionHandlers) askToSubscribe(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	key := r.PathValue("met")
	met, there := s.met.find(v, key)
	if !there {
		return errMetGone
	}
	return s.show(w, r, v, "list-subscribe", "blocks", "Subscribe to this list?", met.page(key, screening.CleanLine(met.Manifest.Name, lists.MaxName), ""))
}

var errMetGone = backend.RefuseAs(http.StatusNotFound, "That was too long ago. Fill the list’s address in once more.")

// subscribe begins the subscription that somebody has looked at.
func (s subscriptionHandlers) subscribe(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	key := r.PathValue("met")
	met, there := s.met.find(v, key)
	if !there {
		return errMetGone
	}
	name := strings.TrimSpace(r.FormValue("name"))
	ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
	defer cancel()
	sub, done, err := s.Admin(v).Subscribe(ctx, s.Lists, met.Source, subscribe.Choices{Name: name, MayTurnAway: r.FormValue("unsigned") == "yes"})
	wrong, _, err := backend.RefusalOf(err)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.showAgain(w, v, "list-subscribe", "blocks", "Subscribe to this list?", met.page(key, name, wrong), wrong)
	}
	s.met.drop(key)
	return s.subscribedTo(w, r, v, sub, done)
}

// subscribedTo downloads a list that has just been subscribed to, and says how that went.
func (s subscriptionHandlers) subscribedTo(w http.ResponseWriter, r *http.Request, v *backend.Visitor, sub lists.Subscription, done household.Done) error {
	ok, after := s.updateNow(r.Context(), v, sub.List)
	sub, err := s.subscription(r, v, sub.List)
	if err != nil {
		return err
	}
	if ok && sub.Serial != 0 {
		after = "It has " + screening.Counted(sub.Entries, "number", "numbers") + "."
	}
	return s.done(w, r, listPath(v, sub.List), done.Sentence+" "+after, nil)
}

// listPath is the address of a list's page. Its name may be anything, so it is in the query.
func listPath(v *backend.Visitor, name string) string {
	return v.Path("list") + "?name=" + url.QueryEscape(name)
}

// updateNow has a list updated, and says how that went if it does not take long.
func (s subscriptionHandlers) updateNow(ctx context.Context, v *backend.Visitor, name string) (ok bool, told string) {
	ctx, cancel := context.WithTimeout(ctx, backend.UpdateTime)
	defer cancel()
	done, err := s.Lists.Soon(ctx, v.Household.Name, name)
	var soon *subscribe.SoonError
	switch {
	case errors.As(err, &soon):
		return true, screening.Sentence(soon)
	case errors.Is(err, subscribe.ErrUnderWay):
		return true, "It is being downloaded, which takes a while."
	case sqlite.IsInternal(err):
		return false, "The last download failed. Ringfence tries again by itself." // the updater has logged why
	case err != nil:
		return false, "The download failed: " + screening.Sentence(err) + " Ringfence tries again by itself."
	case done.Unchanged:
		return true, "There is nothing new."
	}
	told = fmt.Sprintf("It is up to date: %s added, %s changed and %s removed.", screening.Thousands(done.Added), screening.Thousands(done.Changed), screening.Thousands(done.Removed))
	if done.Refused > 0 {
		told += " What no list may have is left out: " + screening.Counted(done.Refused, "number", "numbers") + "."
	}
	return true, told
}

func (s subscriptionHandlers) updateList(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name := r.FormValue("name")
	if _, err := s.subscription(r, v, name); err != nil {
		return err
	}
	if !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) {
		return s.done(w, r, listPath(v, name), "You have asked for this a few times already: wait a minute.", nil)
	}
	_, told := s.updateNow(r.Context(), v, name)
	return s.done(w, r, listPath(v, name), told, nil)
}

// subscription is the household's subscription to a list of this name; the error is that of a page that does not exist.
func (s subscriptionHandlers) subscription(r *http.Request, v *backend.Visitor, name string) (lists.Subscription, error) {
	sub, err := s.Store.Lists.Subscription(r.Context(), v.Household.Name, name)
	if errors.Is(err, lists.ErrNoSubscription) {
		err = backend.RefuseAs(http.StatusNotFound, "There is no subscription to a list of that name any more: somebody may have ended it meanwhile.")
	}
	return sub, err
}

// allowUnsigned chooses whether an unsigned list may turn callers away.
func (s subscriptionHandlers) allowUnsigned(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name, may := r.FormValue("name"), r.FormValue("unsigned") == "yes"
	done, err := s.Admin(v).AllowUnsigned(r.Context(), s.Lists, name, may)
	return s.switched(w, r, listPath(v, name), done, err, &undo{v.Path("list", "unsigned"), map[string]string{"name": name, "unsigned": yesNo(!may)}})
}

// linkPicture is the link for passing a list on, as a QR code.
func (s subscriptionHandlers) linkPicture(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	sub, err := s.subscription(r, v, r.FormValue("name"))
	if err != nil {
		return err
	}
	if sub.Kind != lists.Published {
		return backend.ErrNotFound // others need a key of their own
	}
	picture, err := qr.SVG(subscribe.Source{URL: sub.URL, Key: sub.Key}.Link())
	if err != nil {
		return backend.RefuseAs(http.StatusNotFound, "This list's address is too long for a picture: hand its link on as text.")
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(picture) //nolint:gosec // squares, whatever the text in them says; otherwise as in write
	return nil
}

// subRow is a subscription as a page shows it.
type subRow struct {
	lists.Subscription
	Link  string                  // "" if it cannot be passed on
	State []household.ListFinding // how fresh it is, in sentences
}

func toSubRow(v *backend.Visitor, sub lists.Subscription) *subRow {
	row := &subRow{Subscription: sub, State: household.StateOfList(sub, v.Now, v.When, v.Coming)}
	if sub.Kind == lists.Published {
		row.Link = subscribe.Source{URL: sub.URL, Key: sub.Key}.Link()
	}
	return row
}
