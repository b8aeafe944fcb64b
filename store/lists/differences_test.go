package lists_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ringfence/store/lists"
)

// Before prepared contents are taken up it can be seen what they would change.
func TestPreparedChanges(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	_, err := s.Lists.Replace(ctx, "home", "parish", "old.csv", entries("442079460111", "442079460222", "442079460333", "44207946000*"))
	must(t, err)
	id, err := s.Lists.Prepare(ctx, "home", "parish", "new.csv", func(yield func(lists.Entry, error) bool) {
		for _, e := range []lists.Entry{{Digits: "442079460222", Confidence: 0.9}, {Digits: "442079460333", Confidence: 0.1, Note: "less"},
			{Digits: "442079460444"}, {Digits: "44207946000"}} {
			if !yield(e, nil) {
				return
			}
		}
	})
	must(t, err)
	c, err := s.Lists.Differences(ctx, "home", id, 1)
	if err != nil || c.Added != 2 || c.Removed != 2 || c.Changed+c.Unchanged != 2 || c.Entries != 4 {
		t.Fatalf("%+v %v", c, err)
	}
	if digitsAll(c.New) != "44207946000" || digitsAll(c.Off) != "44207946000" || !c.Off[0].Prefix || digitsAll(c.Otherwise) == "" {
		t.Errorf("%+v", c)
	}
	if _, err := s.Lists.Differences(ctx, "other", id, 1); !errors.Is(err, lists.ErrNoPrepared) {
		t.Error(err)
	}
	// Of a new list all is new; the same once more changes nothing.
	id, err = s.Lists.Prepare(ctx, "home", "county", "", entries("442079460111"))
	must(t, err)
	if c, err := s.Lists.Differences(ctx, "home", id, 9); err != nil || c.Added != 1 || c.Removed+c.Changed+c.Unchanged != 0 {
		t.Errorf("%+v %v", c, err)
	}
	must(t, s.Lists.Accept(ctx, "home", id, ""))
	id, err = s.Lists.Prepare(ctx, "home", "county", "", entries("442079460111"))
	must(t, err)
	if c, err := s.Lists.Differences(ctx, "home", id, 9); err != nil || c.Unchanged != 1 || c.Added+c.Removed+c.Changed != 0 {
		t.Errorf("%+v %v", c, err)
	}
}

// All numbers of a list are read piece by piece, whatever stands between them in other lists; one that is replaced meanwhile says so.
func TestAllNumbers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	var want []string
	for n := range 3*lists.Batch + 7 {
		want = append(want, "4420794"+string(rune('1'+n/1000))+string(rune('0'+n/100%10))+string(rune('0'+n/10%10))+string(rune('0'+n%10)))
	}
	_, err := s.Lists.Replace(ctx, "home", "parish", "", entries(append(want, "4420795*")...))
	must(t, err)
	_, err = s.Lists.Replace(ctx, "home", "county", "", entries("44207941"))
	must(t, err)
	all := func(ctx context.Context, list string, first func()) (got []string, err error) {
		for e, err := range s.Lists.AllEntries(ctx, "home", list) {
			if err != nil {
				return got, err
			}
			if len(got) == 0 {
				first()
			}
			digits := e.Digits
			if e.Prefix {
				digits += "*"
			}
			got = append(got, digits)
		}
		return got, nil
	}
	got, err := all(ctx, "parish", func() {})
	slices.Sort(want)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, append(want, "4420795*")) {
		t.Errorf("%d numbers, %v", len(got), err)
	}
	if _, err := all(ctx, "parish", func() {
		_, err := s.Lists.Replace(ctx, "home", "parish", "", entries("442079460111"))
		must(t, err)
	}); !errors.Is(err, lists.ErrReplaced) {
		t.Error(err)
	}
	if _, err := all(ctx, "none", func() {}); !errors.Is(err, lists.ErrNoList) {
		t.Error(err)
	}
	for _, err := range s.Lists.AllEntries(ctx, "home", "parish") {
		must(t, err)
		break
	}
}
