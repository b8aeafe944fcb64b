package household

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
)

const (
	daughter  = screening.Number("+442079460301")
	neighbour = screening.Number("+442079460302")
	scammer   = screening.Number("+442079460666")
)

// filled is a household with something of everything.
type filled struct {
	Admin
	block, contact, call int64
	joined, alert        int64  // where there are some
	file                 string // of the database
}

func newFilled(t *testing.T) *filled {
	t.Helper()
	f := &filled{file: filepath.Join(t.TempDir(), "ringfence.db")}
	db := newStore(t, f.file)
	t.Cleanup(func() { _ = db.Close() })
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	ok(db.EnsureHousehold(ctx, "home"))
	f.Admin = Admin{
		Store: db, Household: "home", Line: screening.Line{Region: "GB", Number: "+442079460100", Zone: time.UTC}, Languages: []string{"en-GB", "fr-FR"},
		Actor: Actor{Name: "Anna", Way: store.WayPage}, Now: time.Now(),
	}
	ok(db.AddContact(ctx, "home", "Daughter", daughter, neighbour))
	ok(db.AddBlock(ctx, "home", screening.Block{Digits: scammer.Digits(), Note: "says Microsoft", Farewell: screening.Inspection}, "Anna"))
	ok(db.ReportNumber(ctx, "home", scammer, "tech-support", "Anna"))
	block, _, err := db.BlockOf(ctx, "home", scammer.Digits(), false)
	ok(err)
	contact, _, err := db.ContactByNumber(ctx, "home", daughter)
	ok(err)
	f.block, f.contact = block.ID, contact.ID
	f.call, err = db.CallArrived(ctx, "home", "1.1", f.Now, screening.Identity{Number: string(stranger)}, screening.Caller{Number: stranger, Presentation: screening.Allowed}, screening.Verdict{}, "message-left")
	ok(err)
	ok(db.Keep(ctx, f.call, "message", aSound(), time.Second))
	return f
}

func aSound() []byte { return sound.WAV(8000, []byte(strings.Repeat("\x10\x20", 8000))) }

// deed is one thing that somebody does, and what the audit log has of it.
type deed struct {
	name           string
	before         func(ctx context.Context, f *filled) error // what there has to be; nil: nothing
	do             func(ctx context.Context, f *filled) (Done, error)
	word           Word
	was, is        string
	cannotBeUndone bool
}

var deeds = []deed{
	{name: "block", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddBlock(ctx, BlockRequest{Number: "020 7946 0123", Note: "rude"})
	}, word: BlockAdded, is: "020 7946 0123 (rude)"},
	{name: "block a beginning", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddBlock(ctx, BlockRequest{Number: "0121", Prefix: true, Sure: true, Farewell: screening.NotWanted})
	}, word: BlockAdded, is: "+44121…, who hear that they are not wanted"},
	{name: "block a contact all the same", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddBlock(ctx, BlockRequest{Number: string(daughter), EvenContact: true})
	}, word: BlockAdded, is: "020 7946 0301"},
	{name: "change a block", do: func(ctx context.Context, f *filled) (Done, error) {
		note := "rings at night"
		return f.EditBlock(ctx, f.block, &note, nil)
	}, word: BlockChanged, was: "020 7946 0666 (says Microsoft)", is: "020 7946 0666 (rings at night)"},
	{name: "lift a block", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.Unblock(ctx, "020 7946 0666", false)
	}, word: BlockRemoved, was: "020 7946 0666 (says Microsoft)"},
	{name: "allow", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.Allow(ctx, stranger, "", "Surgery")
	}, word: ContactAdded, is: "Surgery, 020 7946 0123"},
	{name: "allow one who is blocked and reported", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.Allow(ctx, scammer, "The bank after all", "")
	}, word: ContactAdded, is: "The bank after all, 020 7946 0666"},
	{name: "add a contact, with another's number", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SaveContact(ctx, store.Contact{Name: "Neighbour", Numbers: []screening.Number{neighbour}, Language: "fr-FR", Notes: "next door", PassCode: store.PassCode{Code: "48213375"}}, "", true)
	}, word: ContactAdded, is: "Neighbour, 020 7946 0302, spoken to in fr-FR, with a pass code, with notes"},
	{name: "change a contact", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddContact(ctx, "daughter", "", stranger)
	}, word: ContactChanged, was: "Daughter, 020 7946 0301, 020 7946 0302", is: "Daughter, 020 7946 0123, 020 7946 0301, 020 7946 0302"},
	{name: "change a contact's notes", before: func(ctx context.Context, f *filled) error {
		c, err := f.Store.Contact(ctx, "home", f.contact)
		if err == nil {
			c.Notes = "lives in Leeds"
			_, err = f.Store.SaveContact(ctx, "home", c, false)
		}
		return err
	}, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SaveContact(ctx, store.Contact{ID: f.contact, Name: "Daughter", Numbers: []screening.Number{daughter, neighbour}, Notes: "lives in York"}, "", false)
	}, word: ContactChanged, was: "Daughter, 020 7946 0301, 020 7946 0302, with notes", is: "Daughter, 020 7946 0301, 020 7946 0302, with notes that were changed"},
	{name: "take a number from a contact", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.RemoveContactNamed(ctx, "020 7946 0302")
	}, word: ContactChanged, was: "Daughter, 020 7946 0301, 020 7946 0302", is: "Daughter, 020 7946 0301"},
	{name: "remove a contact", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.RemoveContact(ctx, f.contact, "")
	}, word: ContactRemoved, was: "Daughter, 020 7946 0301, 020 7946 0302"},
	{name: "import contacts", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.ImportContacts(ctx, "book.vcf", []store.Contact{{Name: "Joan", Numbers: []screening.Number{stranger}}, {ID: f.contact, Numbers: []screening.Number{"+442079460303"}}})
	}, word: ContactsAdded, is: "2 contacts with 2 numbers from book.vcf"},
	{name: "report", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.Report(ctx, stranger, "bank")
	}, word: Reported, is: "“Your bank”"},
	{name: "report as something else", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.Report(ctx, scammer, "tax")
	}, word: Reported, was: "“Your computer has a problem”", is: "“The tax office”"},
	{name: "withdraw a report", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.WithdrawReport(ctx, scammer)
	}, word: ReportWithdrawn, was: "“Your computer has a problem”"},
	{name: "name a caller", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.NameCaller(ctx, stranger, " The  surgery ")
	}, word: CallerNamed, is: "The surgery"},
	{name: "send away as a scam", do: func(ctx context.Context, f *filled) (Done, error) {
		done, blocked, err := f.SendAway(ctx, stranger, "scam, sent away by the household")
		if err == nil && !blocked {
			err = errors.New("not blocked")
		}
		return done, err
	}, word: SentAway, is: "blocked and reported"},
	{name: "give a pass code", do: func(ctx context.Context, f *filled) (Done, error) {
		_, done, err := f.AddPassCode(ctx, "Nurse", "48213375")
		return done, err
	}, word: PassCodeAdded, is: "a pass code"},
	{name: "take a pass code away", before: func(ctx context.Context, f *filled) error {
		_, err := f.Store.AddPassCode(ctx, "home", "Nurse", "48213375")
		return err
	}, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.RemovePassCode(ctx, "nurse")
	}, word: PassCodeRemoved, was: "a pass code"},
	{name: "hear a message", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.MarkHeard(ctx, f.call)
	}, word: MessageHeard, was: "not heard", is: "heard", cannotBeUndone: true},
	{name: "delete a message", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.DeleteMessage(ctx, f.call)
	}, word: MessageDeleted, was: "a message of", cannotBeUndone: true},
	{name: "record a phrase", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SetPhrase(ctx, "", store.PhraseGreeting, aSound())
	}, word: PhraseSet, was: "the usual words", is: "an own recording", cannotBeUndone: true},
	{name: "go back to the usual words", before: func(ctx context.Context, f *filled) error {
		return f.Store.SetPhrase(ctx, "home", store.PhraseGreeting, aSound())
	}, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.RemovePhrase(ctx, "", store.PhraseGreeting)
	}, word: PhraseRemoved, was: "an own recording", is: "the usual words", cannotBeUndone: true},
	{name: "let a caller through", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.OnLetThrough(ctx, store.LoggedCall{})
	}, word: LetThrough, cannotBeUndone: true},
	{name: "ask a caller for a message", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.OnNotNow(ctx, store.LoggedCall{})
	}, word: NotNow, cannotBeUndone: true},
}

// Each deed has its line in the audit log, with who did it, how, and what was before and after; and its undo leaves all as it was.
func TestEveryDeedIsLoggedAndUndone(t *testing.T) {
	for _, d := range deeds {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f := newFilled(t)
			ctx := t.Context()
			if d.before != nil {
				if err := d.before(ctx, f); err != nil {
					t.Fatal(err)
				}
			}
			before := f.state(t)
			done, err := d.do(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			l := lastLine(t, f.Admin)
			if l.ID != done.Line || l.What != string(d.word) || l.By != "Anna" || l.Way != store.WayPage || l.Text != done.Sentence ||
				!strings.HasPrefix(l.Before, d.was) || (d.was == "") != (l.Before == "") || l.After != d.is {
				t.Errorf("the audit log has %+v", l)
			}
			if strings.Contains(l.Text+l.Before+l.After, "48213375") {
				t.Error("a pass code is in the audit log")
			}
			if done.CanUndo == d.cannotBeUndone {
				t.Fatalf("it can be undone: %v", done.CanUndo)
			}
			if d.cannotBeUndone {
				return
			}
			if f.state(t) == before {
				t.Fatal("nothing has changed")
			}
			undone, err := f.Undo(ctx, done.Line)
			if err != nil {
				t.Fatal(err)
			}
			if l := lastLine(t, f.Admin); l.What != "undone" || l.Undoes != done.Line || l.ID != undone.Line || !strings.HasPrefix(l.Text, "Undone: ") || l.After != lineBefore(t, f.Admin, done.Line) {
				t.Errorf("the audit log has %+v", l)
			}
			if after := f.state(t); after != before {
				t.Errorf("it is not as it was:\n%s\nnot\n%s", after, before)
			}
			var refusal *Refusal
			if _, err := f.Undo(ctx, done.Line); !errors.As(err, &refusal) || refusal.Kind != Gone {
				t.Errorf("undone twice: %v", err)
			}
		})
	}
}

func lineBefore(t *testing.T, a Admin, line int64) string {
	t.Helper()
	l, _, err := a.Store.AuditLineByID(t.Context(), a.Household, line)
	if err != nil {
		t.Fatal(err)
	}
	return l.Before
}

// state is all that deeds change of a household, but when it was changed, and its audit log.
func (f *filled) state(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	var all []any
	blocks, err := f.Store.Blocks(ctx, "home")
	for _, b := range blocks {
		all = append(all, b.Digits, b.Prefix, b.Note, b.Farewell)
	}
	contacts, err2 := f.Store.Contacts(ctx, "home")
	for _, c := range contacts {
		all = append(all, c.ID, c.Name, c.Numbers, c.Language, c.Notes, c.PassCode.Code)
	}
	reports, err3 := f.Store.Reports(ctx, "home")
	for _, r := range reports {
		all = append(all, r.Number, r.Category)
	}
	names, err4 := f.Store.CallerNames(ctx, "home")
	codes, err5 := f.Store.PassCodes(ctx, "home")
	for _, c := range codes {
		all = append(all, c.Name, c.Code)
	}
	messages, err6 := f.Store.Messages(ctx, "home")
	_, _, phrase, err7 := f.Store.Phrase(ctx, "home", store.PhraseGreeting)
	about, err8 := f.Store.About(ctx, "home")
	dialled, err9 := f.Store.Dialled(ctx, "home")
	if err := errors.Join(err, err2, err3, err4, err5, err6, err7, err8, err9); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all, names, messages, phrase, about, dialled) + f.shares(t)
}

// A failure at any row that a deed writes leaves all as it was, and nothing in the audit log: neither or both.
func TestADeedThatFailsLeavesNoTrace(t *testing.T) {
	for _, d := range deeds {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f := newFilled(t)
			if d.before != nil {
				if err := d.before(t.Context(), f); err != nil {
					t.Fatal(err)
				}
			}
			fail := f.failures(t)
			f.failsNeatly(t, fail, func() (Done, error) { return d.do(t.Context(), f) })
			if line := lastLine(t, f.Admin); !d.cannotBeUndone {
				f.failsNeatly(t, fail, func() (Done, error) { return f.Undo(t.Context(), line.ID) })
			}
		})
	}
}

// failsNeatly lets a deed fail at its first row, at its second, and so on, until it is done.
func (f *filled) failsNeatly(t *testing.T, fail func(row int), do func() (Done, error)) {
	t.Helper()
	before := f.state(t)
	lines := f.lines(t)
	for row := 1; ; row++ {
		fail(row)
		done, err := do()
		if err == nil {
			if row == 1 || done.Line == 0 || f.lines(t) != lines+1 {
				t.Errorf("it was done at once, or has no line: %+v", done)
			}
			return
		}
		if !strings.Contains(err.Error(), "injected") {
			t.Fatalf("row %d: %v", row, err)
		}
		if f.state(t) != before || f.lines(t) != lines {
			t.Fatalf("a failure at row %d has left a trace", row)
		}
	}
}

func (f *filled) lines(t *testing.T) int {
	t.Helper()
	all, err := f.Store.AuditLog(t.Context(), "home", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// failures has the database itself refuse the row that is so many writes away.
func (f *filled) failures(t *testing.T) (fail func(row int)) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+f.file+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	exec("CREATE TABLE countdown (rows INTEGER NOT NULL)")
	exec("INSERT INTO countdown VALUES (-1)")
	for _, table := range []string{"blocks", "contacts", "contact_numbers", "contact_imports", "pass_codes", "reports", "caller_names", "recordings", "subscriptions", "joined_groups",
		"notify_channels", "books", "dialled", "households", "changes"} {
		for _, what := range []string{"INSERT", "UPDATE", "DELETE"} {
			exec(fmt.Sprintf(`CREATE TRIGGER fail_%[1]s_%[2]s BEFORE %[2]s ON %[1]s BEGIN
				UPDATE countdown SET rows = rows - 1;
				SELECT RAISE(ABORT, 'injected') FROM countdown WHERE rows = 0; END`, table, what))
		}
	}
	return func(row int) { exec("UPDATE countdown SET rows = ?", row) }
}

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
		"a long note":           {func(ctx context.Context, f *filled) (Done, error) { return f.EditBlock(ctx, f.block, &long, nil) }, Unfit},
		"change no block":       {func(ctx context.Context, f *filled) (Done, error) { return f.EditBlock(ctx, 4711, &long, nil) }, Gone},
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
