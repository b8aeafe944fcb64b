package main_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/store/rescue"
)

// inDatabase is the household's database as another program has it.
func (h *house) inDatabase(do func(db *sql.DB)) {
	h.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.Dir, "data", "ringfence.db")+"?_busy_timeout=5000&_txlock=immediate")
	h.must(err)
	do(db)
	h.must(db.Close())
}

// A database that is damaged while the application runs costs the call that finds it its screening, and no other: the damaged one is
// set aside, a good one put in its place, and a minute later at the most scammers are turned away again, who were blocked since the last
// backup too.
func TestADamagedDatabaseIsReplaced(t *testing.T) {
	h := openHouse(t)
	h.killed = true // as far as Asterisk can see
	h.run("block", "add", scammer)
	var page int64
	h.inDatabase(func(db *sql.DB) {
		h.must(db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_blocks_1'").Scan(&page))
		var busy, pages, moved int
		h.must(db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved))
	})
	f, err := os.OpenFile(filepath.Join(h.Dir, "data", "ringfence.db"), os.O_WRONLY, 0)
	h.must(err)
	_, err = f.WriteAt([]byte(strings.Repeat("rubbish ", 512)), (page-1)*4096)
	h.must(err)
	h.must(f.Close())

	out := h.dials(scammer)
	in := h.picksUp(h.hall)
	found := time.Now()
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	for {
		if _, replaced, err := rescue.Last(filepath.Join(h.Dir, "data")); err == nil && replaced {
			break
		}
		if h.ctx.Err() != nil {
			t.Fatal("the database was not replaced")
		}
		time.Sleep(50 * time.Millisecond) // by another process
	}
	for connected := ""; !strings.Contains(connected, "channel_ids"); {
		if connected, err = h.Query(h.ctx, "/applications/ringfence"); h.ctx.Err() != nil {
			t.Fatal("the application has not come back", err)
		}
		time.Sleep(50 * time.Millisecond) // likewise
	}
	again := h.dials(scammer)
	h.hears(again, "inspection")
	h.ended(again)
	h.within(time.Minute, found, time.Now(), "screening again")
	figures.Note(t, "the next scammer heard the goodbye %.0f seconds after the damage", time.Since(found).Seconds())
	if said := h.run("notices"); !strings.Contains(said, "The database was damaged.") {
		t.Errorf("the carers are told %q", said)
	}
}

// While another program keeps the database locked for a minute a caller is asked, heard and announced as ever, and the log has all of it
// in the end.
func TestALockedDatabaseHoldsUpNoCaller(t *testing.T) {
	h := openLongHouse(t)
	var release func()
	h.inDatabase(func(db *sql.DB) {
		tx, err := db.BeginTx(context.WithoutCancel(h.ctx), nil)
		h.must(err)
		release = func() { h.must(tx.Rollback()) }
		out := h.dials(neighbour)
		h.statesName(out, "neighbour")
		in := h.picksUp(h.hall)
		h.beginsToHear(in, "choices")
		h.presses(in, "2")
		h.hears(out, "not-now", "leave-message", "beep")
		h.says(out, "leaves-message")
		h.presses(out, "#")
		h.hears(out, "message-kept")
		h.ended(out)
		h.ended(in)
		// What the caller says of themselves ends with two seconds of silence; no more than two beyond those are allowed.
		if quiet := out.LongestSilence(); quiet.Length > 4*time.Second {
			t.Errorf("the caller heard nothing for %v, %v after the answer; heard: %s", quiet.Length, quiet.At, out.Transcript())
		}
		figures.Note(t, "the longest silence was %.1f seconds", out.LongestSilence().Length.Seconds())
		// Once it can be written, the log has all of it.
		release()
	})
	call := h.lastCall("screen", "message-left")
	if len(call.Recordings) != 2 || len(call.Steps) < 6 {
		t.Errorf("the log has %+v", call)
	}
}
