package main

import (
	"strings"
	"testing"

	"ringfence/app"
	"ringfence/household"
	"ringfence/store"
)

// Every option is the same deed by a command as by a page, by a program or by telephone: the same word in the audit log, and what was before
// and what after. Those of web are held to the same in web.
func TestEveryOptionByCommand(t *testing.T) {
	beside(t)
	values := map[string]string{"carer-number": "07700 900123", "title": "The bungalow", "keep-days": "100", "region": "IE", "countries": "NG=turn-away"}
	h := newHome(t, usualSettings)
	h.says(0, "", "option")
	s, err := (&program{Config: h.config, Data: h.data}).settings()
	if err != nil {
		t.Fatal(err)
	}
	chosen := func() household.Chosen {
		t.Helper()
		db := h.store()
		defer func() { _ = db.Close() }()
		c, err := app.Admin(s, db, "home", household.CommandLine).Chosen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, o := range household.Options() {
		was := chosen()
		value, is := values[o.Name]
		if !is {
			value = o.Values[len(o.Values)-1].Word
		}
		h.says(0, o.Name+" is now "+value+".", "option", o.Name, value)
		now := chosen()
		if l := h.lastAuditLine(t); l.What != "option-changed" || l.Way != store.WayCommand || l.Before != o.Words(was) || l.After != o.Words(now) || l.Text != o.Sentence(now) {
			t.Errorf("%s: %+v", o.Name, l)
		}
	}
}

func (h home) lastAuditLine(t *testing.T) store.AuditLine {
	t.Helper()
	db := h.store()
	defer func() { _ = db.Close() }()
	lines, err := db.AuditLog(t.Context(), "home", 0, 1)
	if err != nil || len(lines) != 1 {
		t.Fatalf("%+v %v", lines, err)
	}
	return lines[0]
}

// So are the mode, an expected call and the schedule.
func TestModeAndScheduleByCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	for _, c := range []struct {
		what, before, after string
		args                []string
	}{
		{"mode-changed", "Ask who it is", "Only people you know", []string{"mode", "known-only"}},
		{"schedule-changed", "Every hour is the same.", "Every day, 22:00 to 07:00 the next morning: quiet hours.", []string{"schedule", "add", "daily", "22:00-07:00", "quiet"}},
		{"schedule-changed", "Every day, 22:00 to 07:00 the next morning: quiet hours.", "Every hour is the same.", []string{"schedule", "remove", "daily", "22:00-07:00", "quiet"}},
	} {
		h.says(0, "", c.args...)
		if l := h.lastAuditLine(t); l.What != c.what || l.Way != store.WayCommand || l.Before != c.before || l.After != c.after {
			t.Errorf("%q: %+v", c.args, l)
		}
	}
	h.says(0, "", "expect")
	h.says(0, "", "expect", "--off")
	if l := h.lastAuditLine(t); l.What != "expecting" || l.Way != store.WayCommand || !strings.HasPrefix(l.Before, "until ") || l.After != "" {
		t.Errorf("%+v", l)
	}
}
