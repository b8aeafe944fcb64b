package household

import (
	"context"
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/people"
)

// moreDeeds are those with a test of their own for their lines in the audit log.
var moreDeeds = []deed{
	{name: "set the mode", word: ModeChanged, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SetMode(ctx, "", screening.KnownOnly, time.Time{})
	}},
	{name: "set the mode for a time", word: ModeChanged, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SetMode(ctx, "", screening.Off, f.Now.Add(time.Hour))
	}},
	{name: "set the mode by telephone", word: ModeChanged, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SetModeNow(ctx, screening.KnownOnly)
	}},
	{name: "expect a call", word: Expecting, do: func(ctx context.Context, f *filled) (Done, error) { return f.ExpectNext(ctx, "") }},
	{name: "expect nobody", word: Expecting, before: func(ctx context.Context, f *filled) error {
		return f.Store.SetExpecting(ctx, "home", f.Now.Add(time.Hour))
	}, do: func(ctx context.Context, f *filled) (Done, error) { return f.ExpectNobody(ctx, "") }},
	{name: "add a time", word: ScheduleChanged, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.AddTime(ctx, "", screening.Span{Days: screening.Daily, To: 60, Quiet: true})
	}},
	{name: "replace the week", word: ScheduleChanged, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.ReplaceWeek(ctx, "", []screening.Span{{Days: screening.Daily, To: 60, Quiet: true}})
	}},
	{name: "clear the week", word: ScheduleChanged, before: func(ctx context.Context, f *filled) error {
		return f.Store.SetWeek(ctx, "home", []screening.Span{{Days: screening.Daily, To: 60, Quiet: true}})
	}, do: func(ctx context.Context, f *filled) (Done, error) { return f.ClearWeek(ctx, "") }},
	{name: "take a name away", word: CallerNamed, before: func(ctx context.Context, f *filled) error {
		_, err := f.Store.NameCaller(ctx, "home", stranger, "Dr Patel")
		return err
	}, do: func(ctx context.Context, f *filled) (Done, error) { return f.NameCaller(ctx, stranger, "") }},
	{name: "choose options", word: OptionChanged, do: func(ctx context.Context, f *filled) (Done, error) {
		return f.SetOptions(ctx, "", map[string]string{"emergency": "48h", "title": "Mum's house", "withheld": "turn-away", "region": "GB"})
	}},
	{name: "accept a list", word: ListImported, do: func(ctx context.Context, f *filled) (Done, error) {
		id, err := f.Store.Lists.Prepare(ctx, "home", "parish", "parish.csv", func(yield func(lists.Entry, error) bool) {
			yield(lists.Entry{Digits: "442079460666", Confidence: 1}, nil)
		})
		if err != nil {
			return Done{}, err
		}
		return f.AcceptList(ctx, id, "parish.csv", "")
	}},
	{name: "invite", word: Invited, do: func(ctx context.Context, f *filled) (Done, error) {
		_, _, err := f.Invite(ctx, "Ben", store.RoleCarer, true)
		return Done{}, err
	}},
	{name: "withdraw an invitation", word: InvitationWithdrawn, before: func(ctx context.Context, f *filled) error {
		_, _, err := f.Invite(ctx, "Ben", store.RoleCarer, true)
		return err
	}, do: func(ctx context.Context, f *filled) (Done, error) { return f.WithdrawInvitation(ctx, 1) }},
	{name: "undo", word: Undone, before: func(ctx context.Context, f *filled) error {
		_, err := f.SetModeNow(ctx, screening.KnownOnly)
		return err
	}, do: func(ctx context.Context, f *filled) (Done, error) {
		all, err := f.Store.AuditLog(ctx, "home", 0, 10)
		if err != nil {
			return Done{}, err
		}
		return f.Undo(ctx, all[len(all)-1].ID)
	}},
}

// aSecond makes another account beside that of the owner.
func aSecond(ctx context.Context, f *filled) error {
	_, err := f.Store.People.Add(ctx, "Ben", "ben@example.org")
	return errors.Join(err, isSomebody(ctx, f))
}

func second(ctx context.Context, f *filled) people.Person {
	ben, _, _ := f.Store.People.ByEmail(ctx, "ben@example.org") // who is there, or the deed fails
	return ben
}

// loggedAgain are the words of deeds that change something each time, and why.
var loggedAgain = map[Word]string{
	SentAway: "another caller was sent away", LetThrough: "it is about a call", NotNow: "it is about a call", TestCalled: "the phones ring again",
	BackedUp: "everything leaves the house again", Exported: "likewise", ListPublished: "others get the list again", ListImported: "the list is of another time",
	BookMade: "the earlier password is over", AlertAdded: "there is another alert", Invited: "there is another link",
}

// elsewhereOnce are the words of deeds that cannot be done twice, as other tests see.
var elsewhereOnce = map[Word]string{
	GroupJoined: "TestJoinGroup", ContactsAdded: "TestEmptyImport", Joined: "a link opens once", Restored: "it is of another database",
	ContactSyncBegun: "TestContactSyncTwice", ContactsSynced: "TestContactSyncTwice", ContactSyncEnded: "TestContactSyncTwice", ContactSyncPassword: "the earlier password is over",
}

// A deed that finds everything as it should be says so, and neither writes a line into the audit log nor offers to undo anything.
func TestADeedThatChangesNothingIsNotLogged(t *testing.T) {
	seen := map[Word]bool{}
	for _, d := range append(moreDeeds, deeds...) {
		seen[d.word] = true
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f, ctx := newFilled(t), t.Context()
			if d.before != nil {
				if err := d.before(ctx, f); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := d.do(ctx, f); err != nil || lastLine(t, f.Admin).What != string(d.word) {
				t.Fatalf("%+v %v", lastLine(t, f.Admin), err)
			}
			before, lines := f.state(t), f.lines(t)
			done, err := d.do(ctx, f)
			var refusal *Refusal
			if err != nil && !errors.As(err, &refusal) {
				t.Fatal(err)
			}
			if loggedAgain[d.word] != "" {
				if err != nil || f.lines(t) != lines+1 {
					t.Errorf("it is not logged again: %+v %v", done, err)
				}
				return
			}
			if f.lines(t) != lines || f.state(t) != before || done.Line != 0 || done.CanUndo || err == nil && done.Sentence == "" {
				t.Errorf("the second time: %+v, and the audit log has %+v", done, lastLine(t, f.Admin))
			}
		})
	}
	for _, word := range words(t) {
		if !seen[word] && elsewhereOnce[word] == "" {
			t.Errorf("no deed is done twice that is called %s", word)
		}
	}
}

// words are all that the audit log calls what is done to a household.
func words(t *testing.T) (all []Word) {
	t.Helper()
	for _, file := range []string{"words.go", "people.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`[^.]Word += "([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
			all = append(all, Word(found[1]))
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %q were found", all)
	}
	return all
}

func TestEmptyImport(t *testing.T) {
	f := newFilled(t)
	if done, err := f.ImportContacts(t.Context(), "book.vcf", "", nil); err != nil || done.Line != 0 || f.lines(t) != 0 {
		t.Errorf("%+v %v", done, err)
	}
}

// An imported contact that somebody looks at and saves as it is goes with its import, as it has come.
func TestSavingAContactAsItIsDetachesItFromNoImport(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	made, err := f.Store.ImportContacts(ctx, "home", "book.vcf", []store.Contact{{Name: "Joan", Numbers: []screening.Number{stranger}}})
	if err != nil {
		t.Fatal(err)
	}
	joan, _, err := f.Store.ContactByNumber(ctx, "home", stranger)
	if err == nil {
		_, err = f.SaveContact(ctx, joan, Mark(joan), false)
	}
	if err == nil {
		_, err = f.UndoImport(ctx, made.ID)
	}
	if _, there, failed := f.Store.ContactByNumber(ctx, "home", stranger); errors.Join(err, failed) != nil || there {
		t.Errorf("she is there: %v %v", err, failed)
	}
}

// Who is called what they were called before has not been renamed.
func TestTheSameNameForAnAccount(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	if err := errors.Join(aSecond(ctx, f), f.Store.SetMembership(ctx, "home", second(ctx, f).ID, store.RoleCarer, true)); err != nil {
		t.Fatal(err)
	}
	ben := second(ctx, f)
	for name, lines := range map[string]int{" Ben ": 0, "Benjamin": 1} { //nolint:gocritic // spaces that do not count
		lines += f.lines(t)
		if _, err := (People{f.Store}).Rename(ctx, ben, name, accounts.Themselves(ben, f.Now)); err != nil || f.lines(t) != lines {
			t.Errorf("%q: %d lines, not %d: %v", name, f.lines(t), lines, err)
		}
	}
}

// What a program does for somebody is remembered as the program's, as the audit log has it.
func TestWhatAProgramMakesIsTheProgramsWork(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	f.Actor.Program = "night watch"
	_, err := f.AddBlock(ctx, BlockRequest{Number: string(stranger)})
	_, err2 := f.Report(ctx, stranger, "bank")
	_, _, err3 := f.MakeBook(ctx, 5)
	_, _, err4 := f.Invite(ctx, "Ben", store.RoleCarer, true)
	_, _, err5 := f.SendAway(ctx, "+442079460777", "a scam")
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	var by []string
	blocks, err := f.Store.Blocks(ctx, "home")
	for _, b := range blocks[1:] { // the first was there
		by = append(by, b.By)
	}
	reports, err2 := f.Store.Reports(ctx, "home")
	for _, r := range reports {
		if r.Number != scammer {
			by = append(by, r.By)
		}
	}
	book, err3 := f.Store.BookOf(ctx, "home")
	asked, err4 := f.Store.Invitations(ctx, "home")
	if err := errors.Join(err, err2, err3, err4); err != nil || len(asked) != 1 {
		t.Fatal(asked, err)
	}
	for _, who := range append(by, book.By, asked[0].By) {
		if want := "Anna, by the program “night watch”"; who != want {
			t.Errorf("%q, not %q", who, want)
		}
	}
	if len(by) != 4 {
		t.Errorf("%q", by)
	}
}
