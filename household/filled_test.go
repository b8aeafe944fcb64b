package household

import (
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
		Actor: Actor{Name: "Anna", Way: store.WayPage, Role: store.RoleOwner}, Now: time.Now(),
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

func (f *filled) lines(t *testing.T) int {
	t.Helper()
	all, err := f.Store.AuditLog(t.Context(), "home", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
