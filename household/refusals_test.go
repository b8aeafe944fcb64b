package household

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// What has been changed by somebody else since is not undone.
func TestUndoThatComesTooLate(t *testing.T) {
	for name, c := range map[string]struct {
		do    string
		since func(ctx context.Context, f *filled) error
	}{
		"another note": {"block", func(ctx context.Context, f *filled) error {
			_, err := f.AddBlock(ctx, BlockRequest{Number: "020 7946 0123", Note: "ruder", Change: true})
			return err
		}},
		"a lifted block": {"block", func(ctx context.Context, f *filled) error {
			_, err := f.Unblock(ctx, "020 7946 0123", false)
			return err
		}},
		"a contact by now": {"lift a block", func(ctx context.Context, f *filled) error {
			_, err := f.Allow(ctx, scammer, "", "")
			return err
		}},
		"more of a contact": {"change a contact", func(ctx context.Context, f *filled) error {
			_, err := f.AddContact(ctx, "Daughter", "fr-FR", "+442079460309")
			return err
		}},
		"another category": {"report", func(ctx context.Context, f *filled) error {
			_, err := f.Report(ctx, stranger, "prize")
			return err
		}},
		"another name": {"name a caller", func(ctx context.Context, f *filled) error {
			_, err := f.NameCaller(ctx, stranger, "Dr Patel")
			return err
		}},
		"a number that is taken": {"remove a contact", func(ctx context.Context, f *filled) error {
			_, err := f.AddContact(ctx, "Son", "", daughter, neighbour)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFilled(t)
			for _, d := range deeds {
				if d.name != c.do {
					continue
				}
				done, err := d.do(t.Context(), f)
				if err == nil {
					err = c.since(t.Context(), f)
				}
				if err != nil {
					t.Fatal(err)
				}
				before := f.state(t)
				var refusal *Refusal
				if _, err := f.Undo(t.Context(), done.Line); !errors.As(err, &refusal) || f.state(t) != before {
					t.Errorf("undone: %v", err)
				}
			}
		})
	}
}

// What stands against a deed is refused by what kind it is, and changes nothing.
//
// Long: one table.
func TestRefusals(t *testing.T) {
	long := strings.Repeat("n", screening.LongestNote+1)
	for name, c := range map[string]struct {
		do   func(ctx context.Context, f *filled) (Done, error)
		kind Kind
	}{
		"block a contact": {func(ctx context.Context, f *filled) (Done, error) {
			return f.AddBlock(ctx, BlockRequest{Number: string(daughter)})
		}, Unfit},
		"block the police": {func(ctx context.Context, f *filled) (Done, error) {
			return f.AddBlock(ctx, BlockRequest{Number: "101", EvenContact: true})
		}, Unfit},
		"block nobody":   {func(ctx context.Context, f *filled) (Done, error) { return f.Block(ctx, "", "") }, Conflict},
		"block nonsense": {func(ctx context.Context, f *filled) (Done, error) { return f.AddBlock(ctx, BlockRequest{Number: "x"}) }, Unfit},
		"block a city": {func(ctx context.Context, f *filled) (Done, error) {
			return f.AddBlock(ctx, BlockRequest{Number: "0121", Prefix: true})
		}, NotSure},
		"a long note": {func(ctx context.Context, f *filled) (Done, error) { return f.EditBlock(ctx, f.block, "", &long, nil) }, Unfit},
		"a block changed meanwhile": {func(ctx context.Context, f *filled) (Done, error) {
			return f.EditBlock(ctx, f.block, SeenBlock(screening.Block{Note: "as it was"}), &long, nil)
		}, Conflict},
		"change no block":       {func(ctx context.Context, f *filled) (Done, error) { return f.EditBlock(ctx, 4711, "", &long, nil) }, Gone},
		"lift no block":         {func(ctx context.Context, f *filled) (Done, error) { return f.Unblock(ctx, "020 7946 0999", false) }, Gone},
		"allow nobody":          {func(ctx context.Context, f *filled) (Done, error) { return f.Allow(ctx, "", "x", "") }, Conflict},
		"allow the police":      {func(ctx context.Context, f *filled) (Done, error) { return f.Allow(ctx, "101", "x", "") }, Unfit},
		"allow the line itself": {func(ctx context.Context, f *filled) (Done, error) { return f.Allow(ctx, "+442079460100", "x", "") }, Unfit},
		"a long name": {func(ctx context.Context, f *filled) (Done, error) {
			return f.Allow(ctx, stranger, strings.Repeat("n", 101), "")
		}, Unfit},
		"an unknown language": {func(ctx context.Context, f *filled) (Done, error) { return f.AddContact(ctx, "X", "xx-XX", stranger) }, Unfit},
		"another's number": {func(ctx context.Context, f *filled) (Done, error) {
			return f.SaveContact(ctx, store.Contact{Name: "X", Numbers: []screening.Number{daughter}}, "", false)
		}, NotSure},
		"a stale form": {func(ctx context.Context, f *filled) (Done, error) {
			return f.SaveContact(ctx, store.Contact{ID: f.contact, Name: "X", Numbers: []screening.Number{daughter}}, "0000", true)
		}, Conflict},
		"remove a stale contact": {func(ctx context.Context, f *filled) (Done, error) { return f.RemoveContact(ctx, f.contact, "0000") }, Conflict},
		"remove nobody":          {func(ctx context.Context, f *filled) (Done, error) { return f.RemoveContactNamed(ctx, "Nobody") }, Gone},
		"report a contact":       {func(ctx context.Context, f *filled) (Done, error) { return f.Report(ctx, daughter, "bank") }, Conflict},
		"report the police":      {func(ctx context.Context, f *filled) (Done, error) { return f.Report(ctx, "101", "") }, Conflict},
		"report as nonsense":     {func(ctx context.Context, f *filled) (Done, error) { return f.Report(ctx, stranger, "rude") }, Unfit},
		"withdraw nothing":       {func(ctx context.Context, f *filled) (Done, error) { return f.WithdrawReport(ctx, stranger) }, Gone},
		"an endless name":        {func(ctx context.Context, f *filled) (Done, error) { return f.NameCaller(ctx, stranger, long) }, Unfit},
		"an easy pass code": {func(ctx context.Context, f *filled) (Done, error) {
			_, d, err := f.AddPassCode(ctx, "X", "1234")
			return d, err
		}, Unfit},
		"no pass code": {func(ctx context.Context, f *filled) (Done, error) { return f.RemovePassCode(ctx, "Nobody") }, Gone},
		"no message":   {func(ctx context.Context, f *filled) (Done, error) { return f.DeleteMessage(ctx, 4711) }, Gone},
		"no import":    {func(ctx context.Context, f *filled) (Done, error) { return f.UndoImport(ctx, 4711) }, Gone},
		"undo nothing": {func(ctx context.Context, f *filled) (Done, error) { return f.Undo(ctx, 4711) }, Gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFilled(t)
			before := f.state(t)
			_, err := c.do(t.Context(), f)
			var refusal *Refusal
			if !errors.As(err, &refusal) || refusal.Kind != c.kind || !strings.HasSuffix(refusal.Sentence, ".") {
				t.Errorf("%#v", err)
			}
			if f.state(t) != before || f.lines(t) != 0 {
				t.Error("something was changed")
			}
		})
	}
}

// Who is sent away is neither blocked nor reported where that would hurt somebody else; and it is logged all the same.
func TestSendAwayOfWhoIsNotBlocked(t *testing.T) {
	for _, n := range []screening.Number{"", daughter, "101"} {
		f := newFilled(t)
		before := f.state(t)
		done, blocked, err := f.SendAway(t.Context(), n, "a scam")
		if err != nil || blocked || done.CanUndo || f.state(t) != before {
			t.Errorf("%q: %+v %v %v", n, done, blocked, err)
		}
		if l := lastLine(t, f.Admin); l.What != "call-away" {
			t.Errorf("%+v", l)
		}
	}
}

// A block and a report that are there stay as they are, also when what sent the caller away is undone.
func TestSendAwayLeavesWhatIsThere(t *testing.T) {
	f := newFilled(t)
	before := f.state(t)
	done, blocked, err := f.SendAway(t.Context(), scammer, "a scam")
	if err != nil || !blocked || done.CanUndo || done.Line == 0 || f.state(t) != before {
		t.Errorf("%+v %v %v", done, blocked, err)
	}
}
