package lists_test

import (
	"testing"
	"time"

	"ringfence/store/lists"
)

// Only what is turned away is among the surest numbers, once, as the list says that is surest; and no contact.
func TestSurestNumbers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Unix(1_800_000_000, 0)
	today := int32(now.Unix() / 86400)
	put := func(household, list string, all ...lists.Entry) {
		t.Helper()
		_, err := s.Lists.Replace(ctx, household, list, "", func(yield func(lists.Entry, error) bool) {
			for _, e := range all {
				if !yield(e, nil) {
					return
				}
			}
		})
		must(t, err)
	}
	mark := func() string {
		t.Helper()
		m, err := s.Lists.Mark(ctx, "home")
		must(t, err)
		return m
	}
	before := mark()
	put("home", "parish", lists.Entry{Digits: "442079460011", Confidence: 0.6, Note: "parish"}, lists.Entry{Digits: "442079460002", Confidence: 0.49},
		lists.Entry{Digits: "442079460003", Confidence: 0.8, Expires: today}, lists.Entry{Digits: "442079460004", Confidence: 0.8, Expires: today + 1},
		lists.Entry{Digits: "44207946", Prefix: true, Confidence: 1}, lists.Entry{Digits: string(joan)[1:], Confidence: 1}, lists.Entry{Digits: "442079460005", Confidence: 0.8, Last: today})
	if mark() == before {
		t.Error("the mark stays, though a list has come")
	}
	put("home", "county", lists.Entry{Digits: "442079460011", Confidence: 0.9, Note: "county"})
	put("other", "theirs", lists.Entry{Digits: "442079460009", Confidence: 1})
	before = mark()
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	if mark() == before {
		t.Error("the mark stays, though a contact has come")
	}
	// One that may only warn, and one that is out of date.
	for name, sub := range map[string]lists.Subscription{"unsigned": {OnlyWarns: true}, "past": {Key: "RW"}} {
		sub.Household, sub.List, sub.URL, sub.Period, sub.Begun, sub.Next = "home", name, "https://example.org/"+name, time.Hour, now, now
		must(t, s.Lists.Subscribe(ctx, sub))
		sub, err := s.Lists.Subscription(ctx, "home", name)
		must(t, err)
		_, err = s.Lists.ApplyFull(ctx, lists.Update{Sub: sub, State: lists.State{Serial: 1, Made: now, ValidUntil: now}, At: now, Next: now}, entries("442079460077"))
		must(t, err)
	}
	all, err := s.Lists.SurestNumbers(ctx, "home", 0.5, now, 10)
	if err != nil || digitsAll(all) != "442079460011 442079460005 442079460004" || all[0].Note != "county" {
		t.Errorf("%+v %v", all, err)
	}
	if all, err := s.Lists.SurestNumbers(ctx, "home", 0.5, now, 2); err != nil || digitsAll(all) != "442079460011 442079460005" {
		t.Errorf("%+v %v", all, err)
	}
	before = mark()
	must(t, s.AddContact(ctx, "home", "Ward", "+44207946000*")) // whose numbers no telephone at home may block either
	if all, err := s.Lists.SurestNumbers(ctx, "home", 0.5, now, 10); err != nil || digitsAll(all) != "442079460011" || mark() == before {
		t.Errorf("%+v %v", all, err)
	}
}
