package main

import (
	"strings"
	"testing"

	"ringfence/store"
)

// village is a machine with three households.
const village = `
[[trunk]]
name = "line"
address = "127.0.0.2"

[[household]]
name = "hill"
trunk = "line"
number = "020 7946 0100"

[[household.phone]]
name = "hall"
password = "wet herons on 7 walls 0100"

[[household]]
name = "dale"
trunk = "line"
number = "020 7946 0101"

[[household.phone]]
name = "hall"
password = "wet herons on 7 walls 0101"

[[household]]
name = "barn"
trunk = "line"
number = "020 7946 0102"

[[household.phone]]
name = "hall"
password = "wet herons on 7 walls 0102"
`

func TestAreas(t *testing.T) {
	beside(t)
	h := newHome(t, village)
	h.says(0, "There are no areas yet", "area")
	h.says(2, `there is no household "mill"`, "area", "add", "North", "mill")
	h.says(0, "2 households are in the area “North” now: hill, dale.", "area", "add", "North", "hill", "dale")
	h.says(1, "There is an area of this name already", "area", "add", "north")
	h.says(1, `there is no area "South"`, "area", "include", "South", "barn")
	h.says(0, "Anna is a carer of all households in the area “North” now.", "user", "add", "anna@example.org", "--name", "Anna", "--area", "North")
	h.says(0, "There is no password yet", "user", "add", "ben@example.org", "--name", "Ben", "--area", "North", "--role", "viewer")
	h.says(0, "1 household is in the area “North” now: barn.", "area", "include", "North", "barn", "hill")
	h.says(0, "North  barn, dale, hill  Anna: carer, Ben: viewer", "area")
	h.says(0, "barn: carer", "user")
	h.says(0, `"households":["barn","dale","hill"]`, "area", "list", "--json")
	h.says(0, "1 household is not in the area “North” any more: hill.", "area", "exclude", "North", "hill")
	h.says(0, "called “Northern parish” now", "area", "rename", "North", "Northern parish")
	h.says(0, "doesn't look after the area", "user", "remove", "ben@example.org", "--area", "northern parish")
	h.says(0, "is removed. Its households stay.", "area", "remove", "Northern parish")

	db := h.store()
	defer func() { _ = db.Close() }()
	log, err := db.AuditLog(t.Context(), "barn", 0, 10)
	if err != nil || log[0].By != store.ByCommand || log[0].Text != "Anna does not belong to this household any more, by the area “Northern parish”." {
		t.Errorf("%+v %v", log, err)
	}
}

// A change in several households is previewed, made in each by itself, and reported for each; one that is refused stops none of the others.
func TestCommandsInSeveralHouseholds(t *testing.T) {
	beside(t)
	h := newHome(t, village)
	h.says(0, "now: hill, dale.", "area", "add", "North", "hill", "dale")
	h.says(2, `there is no household "mill"`, "mode", "known-only", "--households", "hill,mill")
	h.says(1, `there is no area "South"`, "mode", "known-only", "--area", "South")
	h.says(2, "say which mode", "mode", "--area", "North")
	h.says(0, "Would change in 2 households.", "mode", "known-only", "--area", "North", "--dry-run")
	h.says(0, "ask", "--household", "hill", "mode")
	out := h.says(0, "Changed in 2 households.", "mode", "known-only", "--area", "north")
	if !strings.Contains(out, "dale: “Only people you know” holds from now on.\nhill: “Only people you know” holds from now on.") {
		t.Error(out)
	}
	h.says(0, "ask", "--household", "barn", "mode")
	h.says(0, "Changed in 1 household, nothing to do in 2.", "mode", "known-only", "--households", "hill,dale,barn")

	h.says(0, "Changed in 2 households.", "contact", "add", "Surgery", "0121 496 0123", "--area", "North")
	code, out, problem := h.run("block", "add", "0121 496 0123", "--households", "hill,dale,barn")
	if code != exitFailed || problem != "ringfence: changed in 1 household, skipped in 2\n" || !strings.Contains(out, "hill: 0121 496 0123 is the number of the contact Surgery") || !strings.Contains(out, "barn: 0121 496 0123 is blocked") {
		t.Error(code, out, problem)
	}
	h.says(0, "Changed in 3 households.", "option", "ring-dialled", "on", "--households", "hill,dale,barn")
	h.says(2, "say which option", "option", "--area", "North")
	h.says(1, "each household's own", "option", "title", "Mum", "--area", "North")
	if code, out, problem := h.run("list", "unsubscribe", "parish", "--area", "North"); code != exitFailed || !strings.Contains(problem, "skipped in 2") {
		t.Error(code, out, problem)
	}
}
