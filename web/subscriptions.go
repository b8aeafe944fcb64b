package web

import (
	"cmp"
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
	"ringfence/sharing/columns"
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
		{"POST /h/{household}/lists/ready", backend.Change, s.addReady},
		{"POST /h/{household}/list/update", backend.Change, s.updateList},
		{"POST /h/{household}/list/unsubscribe", backend.Change, s.do(at("lists"), withField("name", household.Admin.Unsubscribe))},
		{"POST /h/{household}/list/unsigned", backend.Own, s.allowUnsigned},
		{"POST /h/{household}/list/changes", backend.Change, s.acceptChanges},
		{"GET /h/{household}/list/link.svg", backend.See, s.linkPicture},
		{"GET /h/{household}/lists/phoneblock", backend.Own, s.phoneBlock},
		{"POST /h/{household}/lists/phoneblock", backend.Own, s.subscribePhoneBlock},
		{"POST /h/{household}/list/key", backend.Own, s.setListKey},
		{"POST /h/{household}/list/ask", backend.Own, s.askOfCallers},
	}
}

// subscribeForm is a list as somebody is about to subscribe to it.
type subscribeForm struct {
	Address, Key, Wrong string
	Columns             []option // of a plain file, if it has to be said which has the numbers
	Why                 string   // that is
}

// How often somebody who is signed in can have this machine ask others, and how often at once.
const meetEvery, someMeetings = 10 * time.Second, 6

// metList is a list that somebody has looked at, and may subscribe to. Its manifest has no parts.
type metList struct {
	subscribe.Found
	column string // of a plain file: the one with the numbers, if somebody has chosen it
}

// meetList downloads and verifies what a list says about itself, or a plain file of numbers, before anything is decided.
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
	column := r.PostFormValue("column")
	found, err := s.Lists.Look(ctx, v.Household.Name, from, column)
	if question := (*columns.Question)(nil); errors.As(err, &question) && question.Rows == "" && len(question.Candidates) > 0 {
		form.Why, form.Columns = screening.Sentence(errors.New(question.Why)), columnsToFollow(question.Candidates)
		return s.again(w, r, v, s.view(listsPage{Subscribe: form}), backend.Refuse("%s", form.Why))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("the list's server does not answer: try again later")
	}
	if err != nil {
		return s.subscribeAgain(w, r, v, form, err)
	}
	found.Manifest.Parts = nil
	http.Redirect(w, r, v.Path("lists", "subscribe", s.met.put(v, metList{found, column})), http.StatusSeeOther) //nolint:gosec // of this site, always
	return nil
}

// wholeHeading is the length from which a column's heading may be shown shortened.
const wholeHeading = 40

// columnsToFollow are columns to choose one of. Its heading is remembered, where it is its own and was not too long to be shown whole, because a later version
// of the file may have its columns in another order.
func columnsToFollow(all []columns.Column) (choices []option) {
	called := map[string]int{}
	for _, c := range all {
		called[strings.ToLower(c.Heading)]++
	}
	for _, c := range all {
		one := option{Value: strconv.Itoa(c.Index + 1), Words: cmp.Or(c.Heading, screening.Capital(c.Label())), More: c.Looks}
		if c.Heading != "" && called[strings.ToLower(c.Heading)] == 1 && len([]rune(c.Heading)) < wholeHeading {
			one.Value = c.Heading
		}
		if c.Example != "" {
			one.More += ", such as " + c.Example
		}
		choices = append(choices, one)
	}
	return choices
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
	File    *filePage // nil: it is a published list
	Name    string    // what the household would call it
	Wrong   string
}

// filePage is a plain file of numbers that somebody may subscribe to.
type filePage struct {
	Form     string
	From     string // of a table: which column has the numbers
	First    []entryLine
	Refused  int
	Refusals []string
}

func (m metList) page(v *backend.Visitor, key, name, wrong string) meetPage {
	page := meetPage{Manifest: m.Manifest, Key: key, Source: m.Source, Numbers: screening.Thousands(m.Manifest.Entries), Name: name, Wrong: wrong}
	if m.File != nil {
		page.Numbers = screening.Thousands(m.File.Numbers)
		page.File = &filePage{Form: screening.Capital(m.File.Form.Title()), From: m.File.From, First: entryLines(v, m.File.First), Refused: m.File.Refused}
		for _, r := range m.File.Refusals {
			page.File.Refusals = append(page.File.Refusals, r.String())
		}
	}
	return page
}

func (s subscriptionHandlers) askToSubscribe(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	key := r.PathValue("met")
	met, there := s.met.find(v, key)
	if !there {
		return errMetGone
	}
	return s.show(w, r, v, "list-subscribe", "blocks", "Subscribe to this list?", met.page(v, key, met.Name(), ""))
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
	if r.PostFormValue(fieldTry) == "yes" && !s.meetings.Allow(strconv.FormatInt(v.Person.ID, 10), v.Now) { // the list is downloaded for it
		return s.askAgain(w, v, met, key, name, "You have looked at many lists already: wait a minute, and try again.")
	}
	choices := subscribe.Choices{Name: name, MayTurnAway: r.FormValue("unsigned") == "yes", Column: met.column}
	err := s.subscribeOrTry(w, r, v, choices.MayTurnAway || met.Source.Key != "", func(ctx context.Context, a household.Admin, u *subscribe.Updater) (lists.Subscription, household.Done, error) {
		sub, done, err := a.Subscribe(ctx, u, met.Source, choices)
		if err == nil && u == s.Lists {
			s.met.drop(key)
		}
		return sub, done, err
	})
	wrong, _, err := backend.RefusalOf(err)
	if err != nil || wrong == "" {
		return err
	}
	return s.askAgain(w, v, met, key, name, wrong)
}

func (s subscriptionHandlers) askAgain(w http.ResponseWriter, v *backend.Visitor, met metList, key, name, wrong string) error {
	return s.showAgain(w, v, "list-subscribe", "blocks", "Subscribe to this list?", met.page(v, key, name, wrong), wrong)
}

// subscribeOrTry begins a subscription, unless what its numbers would have done is to be seen first. unasked is as in doOrTry.
func (s subscriptionHandlers) subscribeOrTry(w http.ResponseWriter, r *http.Request, v *backend.Visitor, unasked bool,
	begin func(context.Context, household.Admin, *subscribe.Updater) (lists.Subscription, household.Done, error)) error {
	var sub lists.Subscription
	done, shown, err := s.doOrTry(w, r, v, unasked, func(r *http.Request, a household.Admin) (done household.Done, err error) {
		ctx, cancel := context.WithTimeout(r.Context(), backend.LookTime)
		defer cancel()
		u := s.Lists.In(a.Store)
		if sub, done, err = begin(ctx, a, u); err == nil && u != s.Lists {
			_, err = u.Update(ctx, a.Household, sub.List) // the real one is updated in the background, where it may take its time
		}
		return done, err
	})
	switch {
	case shown:
		return err
	case errors.Is(err, context.DeadlineExceeded) && r.PostFormValue(fieldTry) == "yes":
		return backend.Refuse("The list is too long, or its server too slow, to try it on a page. `ringfence list subscribe --dry-run` has more time.")
	case err != nil:
		return err
	}
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
	return s.done(w, r, listPath(v, sub.List), done.Sentence+" "+after, "")
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
	case done.Held && done.Unchanged:
		return true, "The new numbers still wait: look at them below."
	case done.Held:
		return true, subscribe.HeldText(name, done.Counts)
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
		return s.done(w, r, listPath(v, name), "You have asked for this a few times already: wait a minute.", "")
	}
	_, told := s.updateNow(r.Context(), v, name)
	return s.done(w, r, listPath(v, name), told, "")
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
	done, shown, err := s.doOrTry(w, r, v, may, func(r *http.Request, a household.Admin) (household.Done, error) {
		return a.AllowUnsigned(r.Context(), s.Lists, name, may)
	})
	if shown {
		return err
	}
	return s.finish(w, r, v, listPath(v, name), done, err)
}

// heldChanges are new contents of a list that wait for somebody to look at them.
type heldChanges struct {
	Version                 int64
	Added, Removed, Entries string // with commas
	Changed                 int
	New, Off                []entryLine // the first of them
}

func (s listHandlers) heldChanges(r *http.Request, v *backend.Visitor, sub *subRow) (*heldChanges, error) {
	if sub == nil {
		return nil, nil
	}
	changes, err := s.Store.Lists.HeldDifferences(r.Context(), sub.Subscription, shownChanges)
	if errors.Is(err, lists.ErrNotHeld) {
		return nil, nil
	}
	return &heldChanges{
		Version: sub.Held.Version, Added: screening.Thousands(changes.Added), Removed: screening.Thousands(changes.Removed), Entries: screening.Thousands(changes.Entries),
		Changed: changes.Changed, New: entryLines(v, changes.New), Off: entryLines(v, changes.Off),
	}, err
}

// acceptChanges puts new contents in force that somebody has looked at.
func (s subscriptionHandlers) acceptChanges(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name := r.FormValue("name")
	version, err := strconv.ParseInt(r.FormValue("version"), 10, 64)
	if err != nil {
		return backend.ErrNotFound
	}
	done, err := s.Admin(v).AcceptListChanges(r.Context(), name, version)
	return s.finish(w, r, v, listPath(v, name), done, err)
}

// linkPicture is the link for passing a list on, as a QR code.
func (s subscriptionHandlers) linkPicture(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	sub, err := s.subscription(r, v, r.FormValue("name"))
	if err != nil {
		return err
	}
	link := subscribe.LinkTo(sub)
	if link == "" {
		return backend.ErrNotFound
	}
	picture, err := qr.SVG(link)
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
	return &subRow{Subscription: sub, State: household.StateOfList(sub, v.Now, v.When, v.Coming), Link: subscribe.LinkTo(sub)}
}
