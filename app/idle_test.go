package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/demo/testbed"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/storetest"
)

// settingsOfMany are those of so many households, without an Asterisk.
func settingsOfMany(t *testing.T, households int) config.Settings {
	t.Helper()
	data := t.TempDir()
	text := fmt.Sprintf("data = %q\nregion = \"GB\"\n[asterisk]\nari = \"127.0.0.1:1\"\nsip = \"127.0.0.1:2\"\n[web]\nlisten = \"\"\n[speech]\nreader = \"none\"\n", data) +
		testbed.VillageSettings(testbed.Village(households))
	file := filepath.Join(data, "ringfence.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := config.Read(file, data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	return s
}

// furnish gives households, which are not new then, what people use: alerts, a list that is not due, a group that has been sent all, and past calls.
func furnish(t *testing.T, s config.Settings) {
	t.Helper()
	db, err := OpenStore(t.Context(), s)
	no := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	no(err)
	anna, err := db.People.Add(t.Context(), "Anna", "anna@example.org")
	no(err)
	began := time.Date(1999, 12, 31, 12, 0, 0, 0, time.UTC) // before the day on which synctest's clock begins
	for _, h := range s.HouseholdNames() {
		no(db.SetMembership(t.Context(), h, anna.ID, store.RoleOwner, true))
		_, err := db.Outbox.AddChannel(t.Context(), h, anna.ID, "her phone", "webhook", "generic://127.0.0.1:1", outbox.Choices{Events: []outbox.Event{outbox.EventLetThrough}})
		no(err)
		no(db.Lists.Subscribe(t.Context(), lists.Subscription{
			Household: h, List: "parish", URL: "https://parish.example/list/", Key: "x", Region: "GB", Period: 24 * time.Hour, Begun: began, Next: began.Add(48 * time.Hour),
		}))
		number := screening.Number("+442079460001")
		group, err := db.Outbox.JoinGroup(t.Context(), outbox.Group{Household: h, Name: "parish", URL: "https://parish.example", Joined: began}, "key")
		no(err)
		no(db.ReportNumber(t.Context(), h, number, store.CategoryOther, store.ByCommand))
		no(db.Outbox.ReportSent(t.Context(), group, outbox.SentReport{Number: number, Kind: outbox.SaysFor, Category: store.CategoryOther, At: time.Now()}))
		_, err = db.CallArrived(t.Context(), h, "past "+h, began, screening.Identity{}, screening.Caller{Number: number}, screening.Verdict{}, calllog.Talked)
		no(err)
	}
	no(db.Close())
}

// idling is how many statements the database runs for a start, and for an hour in which nothing happens. They are counted from an hour after the start on: by
// then everybody has been told that there is no Asterisk.
func idling(t *testing.T, households int) (start, idle int) {
	begun, err := storetest.CountStatements()
	if err != nil {
		t.Fatal(err)
	}
	s := settingsOfMany(t, households)
	furnish(t, s)
	synctest.Test(t, func(t *testing.T) {
		before := begun()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		db, err := OpenStore(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		service, err := New(ctx, Options{Settings: s, Log: slog.New(slog.DiscardHandler)}, db)
		if err != nil {
			t.Fatal(err)
		}
		start = begun() - before
		ended := make(chan error, 1)
		go func() { ended <- service.Run(ctx) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		before = begun()
		time.Sleep(time.Hour)
		synctest.Wait()
		idle = begun() - before
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return start, idle
}

// While nothing happens, and at a start, many households cost no more questions than one: whoever looks at them all asks once.
func TestIdleHouseholdsAreNotAskedAboutOneByOne(t *testing.T) {
	start, idle := idling(t, 1)
	startOfMany, idleOfMany := idling(t, 200)
	t.Logf("statements for one household and for 200: %d and %d at the start, %d and %d in an hour", start, startOfMany, idle, idleOfMany)
	if startOfMany > start+5 || idleOfMany > idle+20 {
		t.Error("the database is asked about households one by one")
	}
}
