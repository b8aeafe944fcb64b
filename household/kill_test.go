package household

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
)

// untilKilled names the database of a process of this test that changes a household until it is killed.
const untilKilled = "RINGFENCE_DEEDS_UNTIL_KILLED"

func TestMain(m *testing.M) {
	if path := os.Getenv(untilKilled); path != "" {
		fmt.Fprintln(os.Stderr, changeUntilKilled(context.Background(), path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// Whatever is killed while it changes a household, at any moment: each change is there with its line in the audit log, or neither is; and
// what was acknowledged is there.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ringfence.db")
	const kills = 25
	lines := 0
	for range kills {
		acknowledged := killChanging(t, path)
		lines = compareWithAuditLog(t, path, acknowledged)
		if t.Failed() {
			return
		}
	}
	t.Logf("killed %d times; %d lines in the audit log", kills, lines)
}

// killChanging has a process change the household, and kills it at a moment that nobody chose. It returns the last line of the audit log that was
// acknowledged.
func killChanging(t *testing.T, path string) (acknowledged int64) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	changing := exec.CommandContext(t.Context(), program)
	changing.Env = append(os.Environ(), untilKilled+"="+path)
	changing.Stderr = os.Stderr
	out, err := changing.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := changing.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for range 5 {
		if !said.Scan() {
			t.Fatalf("the process has ended by itself: %v", changing.Wait())
		}
	}
	time.AfterFunc(rand.N(50*time.Millisecond), func() { _ = changing.Process.Signal(syscall.SIGKILL) })
	for said.Scan() {
		if acknowledged, err = strconv.ParseInt(said.Text(), 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	_ = changing.Wait() // it was killed
	return acknowledged
}

// changing is the household that is changed.
func changing(ctx context.Context, path string) (Admin, error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return Admin{}, err
	}
	return Admin{
		Store: db, Household: "home", Line: screening.Line{Region: "GB", Zone: time.UTC}, Actor: CommandLine, Now: time.Now(),
	}, db.EnsureHousehold(ctx, "home")
}

// changeUntilKilled does one deed after another, and writes of each the line in the audit log.
func changeUntilKilled(ctx context.Context, path string) error {
	a, err := changing(ctx, path)
	if err != nil {
		return err
	}
	last := int64(0)
	for {
		done, err := a.changeSomething(ctx, last)
		var refusal *Refusal
		if err != nil && !errors.As(err, &refusal) { // what is refused is in the way of what was done before
			return err
		}
		if done.Line != 0 {
			last = done.Line
			fmt.Println(last)
		}
	}
}

// changeSomething does a deed by chance. Blocks and contacts have numbers of their own, for who becomes a contact is not blocked any more.
func (a Admin) changeSomething(ctx context.Context, last int64) (Done, error) {
	n := rand.IntN(100)
	blocked, known := fmt.Sprintf("+4416149600%02d", n), screening.Number(fmt.Sprintf("+4412149600%02d", n))
	switch rand.IntN(12) {
	case 0, 1:
		return a.AddBlock(ctx, BlockRequest{Number: blocked, Note: "note " + strconv.Itoa(n), Change: true})
	case 2:
		return a.Unblock(ctx, blocked, false)
	case 3, 4:
		return a.AddContact(ctx, "Contact "+strconv.Itoa(n), "", known)
	case 5:
		return a.RemoveContactNamed(ctx, string(known))
	case 6:
		return a.SetMode(ctx, "", screening.Mode(modes[n%len(modes)].Word), time.Time{})
	case 7:
		return a.SetOptions(ctx, "", map[string]string{"emergency": strconv.Itoa(1+n) + "h"})
	case 8:
		span := screening.Span{Days: screening.Daily, From: screening.Clock(n), To: screening.Clock(n + 60), Quiet: true}
		return a.ReplaceWeek(ctx, "", []screening.Span{span, {Days: screening.Daily, From: 0, To: screening.Clock(n + 1), Mode: screening.Ask}})
	case 9:
		return a.SetPhrase(ctx, "", store.PhraseGreeting, sound.WAV(8000, aSound()[44:46+2*n]))
	case 10:
		return a.RemovePhrase(ctx, "", store.PhraseGreeting)
	default:
		return a.Undo(ctx, last)
	}
}

// compareWithAuditLog compares what there is with what the audit log tells.
func compareWithAuditLog(t *testing.T, path string, acknowledged int64) (lines int) {
	t.Helper()
	ctx := t.Context()
	a, err := changing(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Store.Close() }() // only read
	told, last, lines := a.told(t)
	if last < acknowledged {
		t.Errorf("line %d was acknowledged, and the last one is %d", acknowledged, last)
	}
	there := map[Word][]string{}
	blocks, err := a.Store.Blocks(ctx, "home")
	for _, b := range blocks {
		there[BlockAdded] = append(there[BlockAdded], a.blockInWords(b.Block))
	}
	contacts, err2 := a.Store.Contacts(ctx, "home")
	for _, c := range contacts {
		there[ContactAdded] = append(there[ContactAdded], a.contactInWords(c))
	}
	chosen, err3 := a.Chosen(ctx)
	_, _, recorded, err4 := a.Store.Phrase(ctx, "home", store.PhraseGreeting)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	emergency, _ := OptionByName("emergency")
	for word, words := range map[Word]string{
		ModeChanged: a.modeInWords(modeOf(chosen.Household, a.Now)), OptionChanged: emergency.Words(chosen), ScheduleChanged: WeekInWords(chosen.Times.Week),
		PhraseSet: voice(recorded),
	} {
		if told[word] != nil {
			there[word] = []string{words}
		}
	}
	for word, words := range told {
		slices.Sort(words)
		slices.Sort(there[word])
		if !slices.Equal(words, there[word]) {
			t.Errorf("%s: the audit log tells of\n%q\nand there is\n%q", word, words, there[word])
		}
	}
	return lines
}

// told is what there is by the audit log: what was before each deed is gone, and what is after it is there.
func (a Admin) told(t *testing.T) (told map[Word][]string, last int64, lines int) {
	t.Helper()
	all, err := a.Store.AuditLog(t.Context(), "home", 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	told, what := map[Word][]string{}, map[int64]Word{}
	for _, l := range slices.Backward(all) { // the oldest first
		word := Word(l.What)
		switch {
		case word == Undone:
			word = what[l.Undoes]
		case strings.HasPrefix(l.What, "block-"):
			word = BlockAdded
		case strings.HasPrefix(l.What, "contact-"):
			word = ContactAdded
		case word == PhraseRemoved:
			word = PhraseSet
		}
		what[l.ID] = word
		if i := slices.Index(told[word], l.Before); i >= 0 {
			told[word] = slices.Delete(told[word], i, i+1)
		}
		if l.After != "" {
			told[word] = append(told[word], l.After)
		}
	}
	if len(all) > 0 {
		last = all[0].ID
	}
	return told, last, len(all)
}
