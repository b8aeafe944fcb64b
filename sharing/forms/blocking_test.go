package forms

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// household is one with Anna as its only contact.
type household struct {
	sub lists.Subscription
	err error
}

func (household) Contacts(context.Context, string) ([]store.Contact, error) {
	return []store.Contact{{Name: "Anna", Numbers: []screening.Number{"+442079460123"}}}, nil
}

func (h household) Subscription(context.Context, string, string) (lists.Subscription, error) {
	return h.sub, h.err
}

// What blocks without asking gets nobody whom the household needs, whatever is on a list; and of a list that only warns nothing.
func TestBlocking(t *testing.T) {
	house := screening.Household{Region: "GB", Threshold: 0.7, Number: "+442079460100", CarerNumber: "+447700900456", Telecare: []screening.Number{"+441632960111"}}
	entries := func(yield func(lists.Entry, error) bool) {
		for _, digits := range []string{"442079460666", "442079460123", "442079460100", "447700900456", "441632960111", "448001111"} {
			if !yield(lists.Entry{Digits: digits, Confidence: 0.9}, nil) {
				return
			}
		}
	}
	fault := errors.New("the disk is gone")
	for what, test := range map[string]struct {
		from household
		err  error
	}{
		"imported":           {household{err: lists.ErrNoSubscription}, nil},
		"subscribed":         {household{sub: lists.Subscription{State: lists.State{ValidUntil: now.Add(time.Second)}}}, nil},
		"that only warns":    {household{sub: lists.Subscription{OnlyWarns: true}}, ErrOnlyWarns},
		"out of date":        {household{sub: lists.Subscription{State: lists.State{ValidUntil: now}}}, ErrOnlyWarns},
		"that is not looked": {household{err: fault}, fault},
	} {
		o := Options{Region: "GB", Now: now}
		if err := o.LeaveOut(t.Context(), ToAstDB, test.from, test.from, house, "home", "parish"); !errors.Is(err, test.err) {
			t.Errorf("a list %s: %v", what, err)
		} else if err == nil && o.Sure != 0.7 {
			t.Errorf("a list %s: from %v on", what, o.Sure)
		}
		var to strings.Builder
		if done, err := Write(&to, ToAstDB, entries, o); err != nil || done.Numbers != 1 || done.Without != 5 || !strings.Contains(to.String(), "02079460666") {
			t.Errorf("a list %s: %+v %v\n%s", what, done, err, to.String())
		}
	}
}
