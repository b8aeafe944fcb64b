package export

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

// staysOut are tables and columns that are not exported, and why.
var staysOut = map[string]string{
	"goose_db_version": "the database's own",
	"list_entries":     "others have published it: `ringfence list export` writes it",
	"list_changes":     "likewise",
	"list_versions":    "but for how many entries it has, since when, and whether they are certain: which of a list's versions is in force",
	"web_sessions":     "lets somebody in",
	"start_link":       "likewise",
	"password_links":   "likewise, and belongs to a person",
	"recovery_codes":   "likewise",
	"passkeys":         "likewise",
	"logins":           "belongs to a person: where they are signed in",
	"api_tokens":       "belongs to a person",
	"pass_code_tries":  "how many wrong codes there were within minutes",
	"notify_cursors":   "up to where alerts were made",
	"stranger_alerts":  "for completing alerts of calls in progress",
	"push_keys":        "a secret",
	"phrase_changes":   "where recordings are for a moment: the recordings are there",

	"blocklist_fetches": "when a list may be asked for again",
	"homes":             "the machine's: it has the passwords of phones and providers",

	"people.password": "a secret", "people.totp_secret": "a secret", "people.totp_step": "of a secret", "people.handle": "a secret name", "people.added_at": "belongs to a person",
	"contact_syncs.password": "a secret", "contact_syncs.version": "for getting it again", "contact_syncs.next_at": "likewise", "contact_syncs.failures": "likewise", "synced_cards.etag": "likewise",
	"synced_contacts.numbers": "the contact and the card are there",
	"invitations.hash":        "lets somebody in", "books.hash": "of a password", "joined_groups.key": "a secret", "list_sources.api_key": "a secret",
	"pass_codes.code":         "lets somebody through",
	"inquiries.mark":          "nobody can read it",
	"changes.undo":            "has secrets, such as pass codes",
	"changes.person_id":       "the name is there",
	"calls.channel":           "Asterisk's name of the call while it went on",
	"calls.number":            "number_text says it",
	"recordings.told_at":      "whether carers were alerted to it: alerts say so",
	"reports.changed_at":      "for sending it",
	"notify_outbox.source":    "for sending nobody the same twice",
	"notify_outbox.topic":     "likewise",
	"joined_groups.failures":  "for sending it again",
	"joined_groups.next_try":  "likewise",
	"notify_channels.address": "a secret, and a carer's own",

	"notify_channels.name": "a carer's own", "notify_channels.events": "a carer's own choice", "notify_channels.quiet_from": "likewise", "notify_channels.quiet_to": "likewise",
	"notify_channels.break_quiet": "likewise", "notify_channels.digest_at": "likewise", "notify_channels.zone": "likewise", "notify_channels.paused": "likewise",
	"notify_channels.at_home": "likewise", "notify_channels.words": "likewise", "notify_channels.made_at": "likewise", "notify_channels.sent_at": "alerts say so",
	"notify_channels.failures": "for sending it again", "notify_channels.failing_since": "likewise", "notify_channels.last_error": "likewise", "notify_channels.next_try": "likewise",

	"lists.version_id":       "which of a list's versions is in force",
	"subscriptions.period_s": "for getting it again", "list_sources.serial": "likewise", "list_sources.next_at": "likewise", "list_sources.failures": "likewise",
	"subscriptions.told": "likewise", "list_sources.hash": "likewise", "subscriptions.held_version": "likewise", "list_sources.etag": "likewise", "list_sources.modified": "likewise",
	"list_sources.version_id": "likewise", "list_sources.region": "the line's", "subscriptions.source_id": "the address is there",
	"list_sources.purpose": "of what others have published", "list_sources.licence": "likewise", "list_sources.contact": "likewise", "list_sources.appeals": "likewise",

	// What people may do in the household is there, whatever gives it to them.
	"areas.id": "a row's", "areas.name": "of the machine", "areas.added_at": "likewise", "area_households.area_id": "likewise",
	"area_roles.area_id": "likewise", "area_roles.person_id": "likewise", "area_roles.role": "likewise", "area_roles.hears": "likewise",
	"own_roles.person_id": "memberships has it", "own_roles.role": "likewise", "own_roles.hears": "likewise",

	// What rows are called, where nothing else in the export says it.
	"call_steps.id": "a row's", "recordings.id": "a row's", "schedule_spans.id": "a row's", "emergencies.id": "a row's", "pass_codes.id": "a row's", "lists.id": "a row's",
	"contact_imports.id": "a row's", "synced_contacts.id": "a row's", "contact_numbers.import_id": "the imports are there", "sent_reports.id": "a row's", "people.id": "a row's", "households.id": "a row's",
	"invitations.id": "a row's", "notify_outbox.id": "a row's", "notify_outbox.channel_id": "the carer's name is there", "notify_channels.id": "a row's", "notify_channels.person_id": "the name is there",
	"memberships.person_id": "the name is there", "subscriptions.list_id": "the list is there", "sent_reports.group_id": "the group is there",
	"call_steps.call_id": "the call is there", "recordings.call_id": "the call is there", "contact_numbers.contact_id": "the contact is there",
}

// column is a column of the database.
type column struct {
	table, name, kind string
	key               int // its place in the primary key
}

func columnsOf(t *testing.T, path string) (all []column) {
	t.Helper()
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all, err = sqlite.Rows(t.Context(), db, func(c *column) []any { return []any{&c.table, &c.name, &c.kind, &c.key} },
		"SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid")
	if err != nil || len(all) < 200 {
		t.Fatalf("%d columns, %v", len(all), err)
	}
	return all
}

// ids are the columns that lead from one row to another: all rows of a household have its number there.
var ids = regexp.MustCompile(`^(id|household_id|person_id|call_id|contact_id|import_id|channel_id|list_id|group_id|version_id|source_id|notice_id|update_id|area_id)$`)

// special are the values that a column needs, so that it is found and read.
var special = map[string]string{
	"households.name": "home%d", "calls.presentation": "allowed", "calls.reasons": `[{"code":"x","text":"T%d-calls-reasons"}]`, "notify_channels.events": "[]", "call_steps.step": "other%d",
	"recordings.file": "%d-message.wav", "households.mode": "ask", "schedule_spans.mode": "known-only",
}

// value is what a column has in the row of a household: nothing else has it.
func (c column) value(home, at int) any {
	one, is := special[c.table+"."+c.name]
	switch {
	case is && strings.Contains(one, "%d"):
		return fmt.Sprintf(one, home)
	case is:
		return one
	case ids.MatchString(c.name):
		return home
	case c.table == "schedule_spans" && c.name == "days":
		return 1 << home
	case c.kind == "TEXT":
		return fmt.Sprintf("T%d-%s-%s", home, c.table, c.name)
	case c.kind == "BLOB":
		return fmt.Appendf(nil, "T%d-%s-%s", home, c.table, c.name)
	case c.kind == "REAL":
		return float64(home) + float64(at)/1000
	case strings.HasSuffix(c.name, "_ms"):
		return (1_700_000_000+int64(home)*1_000_000+int64(at)*1000)*1000 + 500
	}
	return 1_700_000_000 + int64(home)*1_000_000 + int64(at)*1000
}

// filled is a database in which two households have a row in every table, and every column says whose it is and which.
func filled(t *testing.T) (db *store.Store, columns []column) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringfence.db")
	if err := storetest.Ready(t.Context(), path, store.Open); err != nil {
		t.Fatal(err)
	}
	columns = columnsOf(t, path)
	raw, err := sqlite.OpenCopy(path)
	if err != nil {
		t.Fatal(err)
	}
	// A row of everything, whatever fits together.
	err = sqlite.Exec(t.Context(), raw, "PRAGMA foreign_keys = off; PRAGMA ignore_check_constraints = on")
	for home := 1; home <= 2; home++ {
		rows, names := map[string][]any{}, map[string][]string{}
		for at, c := range columns {
			if c.table != "goose_db_version" {
				rows[c.table], names[c.table] = append(rows[c.table], c.value(home, at)), append(names[c.table], c.name)
			}
		}
		for table, values := range rows {
			statement := "INSERT INTO " + table + " (" + strings.Join(names[table], ", ") + ") VALUES (?" + strings.Repeat(", ?", len(values)-1) + ")"
			if failed := sqlite.Exec(t.Context(), raw, statement, values...); failed != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", table, failed))
			}
		}
	}
	if err = errors.Join(err, raw.Close()); err != nil {
		t.Fatal(err)
	}
	if db, err = store.Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for home := 1; home <= 2; home++ {
		for _, name := range []string{"recordings/%d-message.wav", "phrases/%d-greeting.wav"} {
			name = filepath.Join(db.Folder(), fmt.Sprintf(name, home))
			if err := os.WriteFile(name, fmt.Appendf(nil, "RIFF of household T%d-", home), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return db, columns
}

// exported are the files in an export of a household.
func exported(t *testing.T, db *store.Store, household string) map[string]string {
	t.Helper()
	e, err := Make(t.Context(), db, household, time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	return written(t, e)
}

func written(t *testing.T, e *Export) map[string]string {
	t.Helper()
	var whole bytes.Buffer
	if err := e.Write(t.Context(), &whole); err != nil {
		t.Fatal(err)
	}
	return unzipped(t, whole.Bytes())
}

func unzipped(t *testing.T, whole []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// Every table and column, whoever adds it and when, is exported or stays out for a reason; and nothing of another household, and no secret, is in it.
func TestEveryColumnIsExportedOrStaysOutForAReason(t *testing.T) {
	db, columns := filled(t)
	files := exported(t, db, "home1")
	var all strings.Builder
	for name, text := range files {
		all.WriteString(name + "\n" + text + "\n")
	}
	text := all.String()
	if strings.Contains(text, "T2-") || strings.Contains(text, "home2") {
		t.Errorf("something of the other household is in it: %s", text)
	}
	known := map[string]bool{}
	for at, c := range columns {
		name := c.table + "." + c.name
		known[name], known[c.table] = true, true
		why := staysOut[name] + staysOut[c.table]
		if c.name == "household_id" {
			continue
		}
		switch in := appears(text, c.value(1, at)); {
		case !in && why == "" && !mentioned(c):
			t.Errorf("%s is not in the export: put it into a part, or write into staysOut why it stays out", name)
		case in && why != "" && !slices.Contains([]string{"list_versions.entries", "list_versions.doubt", "list_versions.changed_at"}, name) && !ids.MatchString(c.name):
			t.Errorf("%s is in the export, although it stays out: %s", name, why)
		}
		if two, is := c.value(2, at).(int64); is && appears(text, two) {
			t.Errorf("%s of the other household is in the export", name)
		}
	}
	for name := range staysOut {
		if !known[name] {
			t.Errorf("there is no %s", name)
		}
	}
	if files["recordings/1-message.wav"] != "RIFF of household T1-" || files["phrases/greeting.wav"] != "RIFF of household T1-" || len(files) != len(parts)+3 {
		t.Errorf("the files are %v", files)
	}
	for _, p := range parts {
		if !strings.Contains(files["README.txt"], p.name) {
			t.Errorf("README.txt doesn't say what %s is", p.name)
		}
	}
}

// appears says whether a value is in the export, in any of the ways in which it may be written.
func appears(text string, value any) bool {
	ways := []string{fmt.Sprintf("%s", value)}
	if n, is := value.(int64); is {
		ways = []string{strconv.FormatInt(n, 10), time.Unix(n, 0).UTC().Format(time.RFC3339), time.UnixMilli(n).UTC().Format("2006-01-02T15:04:05.000Z")}
	}
	return len(ways[0]) > 5 && slices.ContainsFunc(ways, func(way string) bool { return strings.Contains(text, way) })
}

// mentioned says whether a query names a column whose value can't be told from others in what it selects: a switch, or something worked out.
func mentioned(c column) bool {
	if c.kind == "TEXT" && special[c.table+"."+c.name] == "" {
		return false
	}
	for _, p := range parts {
		for _, alias := range regexp.MustCompile(`\b`+c.table+` (\w+)\b`).FindAllStringSubmatch(p.query, -1) {
			if regexp.MustCompile(`\b` + alias[1] + `\.` + c.name + `\b`).MatchString(p.query) {
				return true
			}
		}
	}
	return false
}

// change changes the database of a store, which is open.
func change(t *testing.T, db *store.Store, statement string) {
	t.Helper()
	raw, err := sqlite.Writer(filepath.Join(db.Folder(), "ringfence.db"))
	if err == nil {
		err = errors.Join(sqlite.Exec(t.Context(), raw, statement), raw.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
