package backups

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Seven are kept, one a day, each whole.
func TestListDaily(t *testing.T) {
	_, data := opened(t)
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	for day := range 9 {
		for range 2 { // the second finds that there is one
			must(t, MakeDaily(t.Context(), data, now.AddDate(0, 0, day).Add(time.Hour)))
		}
	}
	later := now.AddDate(0, 0, 10)
	all, err := ListDaily(data, later)
	must(t, err)
	if len(all) != dailyKept || !all[0].Made.Equal(now.AddDate(0, 0, 8).Add(time.Hour)) {
		t.Errorf("%+v", all)
	}
	for _, b := range all {
		must(t, sqlite.Whole(context.WithoutCancel(t.Context()), b.Path))
	}
	// No room for another, and all the old ones would not make it: none goes.
	if err := makeDaily(t.Context(), data, now.AddDate(0, 0, 9), 1<<60); err == nil || !strings.Contains(err.Error(), "room") {
		t.Errorf("a full disk: %v", err)
	}
	if kept, err := ListDaily(data, later); err != nil || !slices.Equal(kept, all) {
		t.Errorf("%+v %v", kept, err)
	}
	entries, err := os.ReadDir(filepath.Join(data, datafolder.Backups))
	if err != nil || len(entries) != dailyKept {
		t.Errorf("%v %v", entries, err)
	}
}

// A date ahead of now, from a clock that was wrong, holds nothing up, and its backup is not the newest.
func TestABackupDatedAheadIsNotTheNewest(t *testing.T) {
	_, data := opened(t)
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{now.AddDate(70, 0, 0), now.AddDate(0, 0, -1), now} {
		must(t, MakeDaily(t.Context(), data, at))
	}
	all, err := ListDaily(data, now)
	if err != nil || len(all) != 3 || !all[0].Made.Equal(now) || !all[2].Made.Equal(now.AddDate(70, 0, 0)) {
		t.Errorf("%+v %v", all, err)
	}
	must(t, MakeDaily(t.Context(), data, now.Add(24*time.Hour)))
	if all, err := ListDaily(data, now.Add(24*time.Hour)); err != nil || !all[0].Made.Equal(now.Add(24*time.Hour)) {
		t.Errorf("%+v %v", all, err)
	}
}

// Old backups give way for lack of room alone, and only as many as make room.
func TestOldBackupsGiveWayOnlyWhereThatMakesRoom(t *testing.T) {
	folder := t.TempDir()
	var all []datafolder.Copy
	for i := range 4 {
		path := filepath.Join(folder, fmt.Sprint(i))
		must(t, os.WriteFile(path, make([]byte, 1000), 0o600))
		all = append(all, datafolder.Copy{Path: path})
	}
	for lacking, want := range map[int64]int{-5: 4, 0: 4, 1: 3, 1000: 3, 1001: 2, 3000: 1, 3001: 4} {
		if kept, err := giveWay(all, lacking); err != nil || kept != want {
			t.Errorf("with %d bytes lacking %d stay, not %d (%v)", lacking, kept, want, err)
		}
	}
	_, data := opened(t)
	must(t, MakeDaily(t.Context(), data, time.Now().Add(-48*time.Hour)))
	must(t, MakeDaily(t.Context(), data, time.Now().Add(-24*time.Hour)))
	// The size of the database can't be told, which is no lack of room.
	path := filepath.Join(data, memberDatabase)
	if _, err := lackingForCopy(path, 0); err == nil {
		t.Fatal("the size can be told")
	}
	if all, err := ListDaily(data, time.Now()); err != nil || len(all) != 2 {
		t.Errorf("%+v %v", all, err)
	}
}
