package household

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// deed is one thing that somebody does, and what the audit log has of it.
type deed struct {
	name    string
	before  func(ctx context.Context, f *filled) error // what there has to be; nil: nothing
	do      func(ctx context.Context, f *filled) (Done, error)
	word    Word
	was, is string
	stays   string // why this one cannot be undone, though others of its word can
}

// final are the deeds that cannot be undone, and why.
var final = map[Word]string{
	MessageDeleted: "what a caller has said is erased", CallerForgotten: "it is erased", DialledRemoved: "likewise",
	AlertRemoved: "its address is a secret, and erased", ListKeyChanged: "the key before is a secret, and erased", ContactSyncPassword: "likewise",
	BookMade: "the password before is kept by nobody", BookWithdrawn: "likewise", InvitationWithdrawn: "a link that may be in the wrong hands must not open again",
	GroupJoined: "the group's hub has to be told: leave the group", GroupLeft: "the hub takes the household's key no more", GroupEarlier: "nobody gets back what was sent",
	ContactSyncBegun: "it has changed nothing yet: end it", ContactsSynced: "the next check would do it again", ContactSyncEnded: "the password is erased; contacts that went are restored",
	LetThrough: "it was said to a caller", NotNow: "likewise", TestCalled: "the phones have rung", Joined: "they have come by themselves: remove the member",
	Exported: "it has left the house", BackedUp: "likewise", ListPublished: "likewise", Restored: "it is of another database", SetUp: "there is nothing to go back to",
	Undone: "do it again instead",
}

// Each deed can be undone, or a reason stands here.
func TestWhatCannotBeUndoneHasItsReason(t *testing.T) {
	undone := map[Word]bool{Invited: true} // TestInvitingIsUndone
	for _, d := range append(moreDeeds, deeds...) {
		undone[d.word] = undone[d.word] || final[d.word] == ""
	}
	for _, word := range words(t) {
		if undone[word] == (final[word] != "") {
			t.Errorf("%s: it is undone %v, and the reason is %q", word, undone[word], final[word])
		}
	}
}

var deeds = []deed{
	{name: "block", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddBlock(ctx, BlockRequest{Number: "020 7946 0123", Note: "rude"})
	}, word: BlockAdded, is: "020 7946 0123 (rude)"},
	{name: "block a beginning", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddBlock(ctx, BlockRequest{Number: "0121", Prefix: true, Sure: true, Farewell: screening.NotWanted})
	}, word: BlockAdded, is: "0121…, who hear that they are not wanted"},
	{name: "block a contact all the same", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddBlock(ctx, BlockRequest{Number: string(daughter), EvenContact: true})
	}, word: BlockAdded, is: "020 7946 0301"},
	{name: "change a block", do: func(ctx context.Context, f *filled) (Done, error) {
		note := "rings at night"
		return f.EditBlock(ctx, f.block, "", &note, nil)
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
		return f.ImportContacts(ctx, "book.vcf", "", []store.Contact{{Name: "Joan", Numbers: []screening.Number{stranger}}, {ID: f.contact, Numbers: []screening.Number{"+442079460303"}}})
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
	{name: "forget a caller", do: func(ctx context.Context, f *filled) (Done, error) {
		f.Sure = true
		return f.ForgetCaller(ctx, string(stranger))
	}, word: CallerForgotten},
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
	}, word: MessageHeard, was: "not heard", is: "heard"},
	{name: "delete a message", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.DeleteMessage(ctx, f.call)
	}, word: MessageDeleted, was: "a message of"},
	{name: "record a phrase", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SetPhrase(ctx, "", store.PhraseGreeting, aSound())
	}, word: PhraseSet, was: "the usual words", is: "an own recording"},
	{name: "go back to the usual words", before: func(ctx context.Context, f *filled) error {
		return f.Store.SetPhrase(ctx, "home", store.PhraseGreeting, aSound())
	}, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.RemovePhrase(ctx, "", store.PhraseGreeting)
	}, word: PhraseRemoved, was: "an own recording", is: "the usual words"},
	{name: "export everything", do: func(ctx context.Context, f *filled) (Done, error) {
		e, done, err := f.Export(ctx)
		if err == nil {
			err = e.Close()
		}
		return done, err
	}, word: Exported},
	{name: "let a caller through", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.OnLetThrough(ctx, store.LoggedCall{})
	}, word: LetThrough},
	{name: "ask a caller for a message", do: func(ctx context.Context, f *filled) (Done, error) {
		return f.OnNotNow(ctx, store.LoggedCall{})
	}, word: NotNow},
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
			if done.CanUndo != (final[d.word]+d.stays == "") {
				t.Fatalf("it can be undone: %v", done.CanUndo)
			}
			if !done.CanUndo {
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
			if line := lastLine(t, f.Admin); line.Undo != "" {
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
		"notify_channels", "books", "dialled", "households", "changes", "memberships", "lists"} {
		for _, what := range []string{"INSERT", "UPDATE", "DELETE"} {
			exec(fmt.Sprintf(`CREATE TRIGGER fail_%[1]s_%[2]s BEFORE %[2]s ON %[1]s BEGIN
				UPDATE countdown SET rows = rows - 1;
				SELECT RAISE(ABORT, 'injected') FROM countdown WHERE rows = 0; END`, table, what))
		}
	}
	return func(row int) { exec("UPDATE countdown SET rows = ?", row) }
}
