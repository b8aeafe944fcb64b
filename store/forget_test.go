package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// erasedTables have what is kept of callers: EraseCaller deletes their rows, or empties them.
var erasedTables = strings.Fields(`calls call_steps recordings caller_names dialled reports sent_reports notices notify_outbox stranger_alerts changes inquiries`)

// keptTables have nothing of a caller, or what stays although they are forgotten, and why. Every table is here or above.
var keptTables = map[string]string{
	"contacts contact_numbers contact_imports":   "whom the household has chosen to know; they are removed as contacts",
	"contact_syncs synced_cards synced_contacts": "likewise, from their address book",
	"blocks":                                     "what the household has chosen; a block is lifted as a block",
	"pass_codes pass_code_tries":                 "a code belongs to somebody whom the household knows",
	"lists list_versions list_entries":           "others have published it",
	"list_changes list_sources subscriptions":    "likewise",
	"blocklist_fetches books":                    "about lists as a whole",
	"emergencies":                                "whom the household rang for help",
	"households schedule_spans phrase_changes":   "what the household has chosen and recorded",
	"joined_groups":                              "about a group as a whole",
	"notify_channels notify_cursors push_keys":   "how carers get alerts",
	"people memberships invitations api_tokens":  "who looks after the household",
	"own_roles areas area_households area_roles": "likewise",
	"recovery_codes logins passkeys":             "how they sign in",
	"password_links start_link web_sessions":     "likewise",
	"homes":                                      "the machine's lines and households, as ringfence.toml has them elsewhere",
	"goose_db_version":                           "the database's own",
}

// keptNumbers are the columns of kept tables that look as if they had a number, and why they may.
var keptNumbers = map[string]string{
	"contact_numbers.number":  "a contact's",
	"synced_contacts.numbers": "a contact's",
	"blocks.digits":           "a block's",
	"list_entries.number":     "others have published it",
	"list_changes.number":     "likewise",
	"emergencies.number":      "an emergency number or an alarm centre's",
	"households.carer_number": "a carer's",
	// Whether words of callers are shown and sent, and what is done with them.
	"households.display_words": "a choice", "households.report_words": "a choice", "households.smart_home": "a choice", "households.scam_words": "a choice", "notify_channels.words": "a choice",
}

// Every table, whoever adds it and when, either goes with a caller who is forgotten, or stays for a reason; and so does every number.
func TestEveryTableIsForgottenOrStaysForAReason(t *testing.T) {
	s, _ := open(t)
	known := map[string]bool{}
	for _, table := range erasedTables {
		known[table] = true
	}
	kept := map[string]bool{}
	for tables := range keptTables {
		for table := range strings.FieldsSeq(tables) {
			known[table], kept[table] = true, true
		}
	}
	columns := columnsOf(t, s)
	for table, names := range columns {
		if !known[table] {
			t.Errorf("what happens to the table %s when a caller is forgotten? Have EraseCaller delete what is theirs in it, or write into keptTables why it stays", table)
		}
		for _, name := range names {
			is := strings.Contains(name, "number") || strings.Contains(name, "digits") || strings.Contains(name, "caller") || strings.Contains(name, "words")
			if kept[table] && is && keptNumbers[table+"."+name] == "" {
				t.Errorf("does %s.%s have something of a caller? Have EraseCaller delete it, or write into keptNumbers why it stays", table, name)
			}
		}
	}
	for table := range known {
		if columns[table] == nil {
			t.Errorf("there is no table %s", table)
		}
	}
}

// columnsOf are the columns of all tables.
func columnsOf(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	must(t, sqlite.Each(t.Context(), s.read, func(scan func(...any) error) error {
		var table, column string
		err := scan(&table, &column)
		all[table] = append(all[table], column)
		return err
	}, "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid"))
	if len(all) < 35 {
		t.Fatalf("only %d tables were found", len(all))
	}
	return all
}

// Lines that wait in a file would come back with the next start: until then nobody is forgotten.
func TestNobodyIsForgottenWhileLinesWait(t *testing.T) {
	t.Parallel()
	s, path := open(t)
	file := filepath.Join(filepath.Dir(path), unwrittenFile)
	must(t, os.WriteFile(file, []byte("[]"), 0o600))
	none := func(string) bool { return false }
	forget := func() error {
		_, err := s.TracesOf(t.Context(), "home", steve, func(AuditLine) bool { return false }, none)
		return err
	}
	if err := forget(); !errors.Is(err, ErrLogWaits) {
		t.Error(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { _ = os.Remove(file) }) // as a program that runs does once it has written them
	if err := forget(); err != nil {
		t.Errorf("lines that are written soon: %v", err)
	}
}

// A call that has lost its end, in a power cut for instance, is no reason not to forget somebody for ever.
func TestACallWithoutAnEndIsForgottenAfterADay(t *testing.T) {
	s, _ := open(t)
	caller := screening.Caller{Number: steve}
	_, err := s.CallArrived(t.Context(), "home", "1.1", time.Now().Add(-longestCall-time.Minute), screening.Identity{}, caller, screening.Verdict{}, "")
	must(t, err)
	none := func(string) bool { return false }
	traces, err := s.TracesOf(t.Context(), "home", steve, func(AuditLine) bool { return false }, none)
	if err != nil || traces.Calls != 1 || traces.OnTheLine {
		t.Errorf("%+v %v", traces, err)
	}
	if _, err := s.EraseCaller(t.Context(), "home", steve, traces); err != nil {
		t.Error(err)
	}
}

// Who restores a backup from before somebody was forgotten has the lines about them as the backup has them, once.
func TestALineAboutTheForgottenIsNotTwiceAfterARestore(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	must(t, s.AddAuditLine(ctx, &AuditLine{Household: "home", At: time.Now(), By: ByCommand, What: "block-added", Text: "020 7946 0666 is blocked."}))
	backup := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, sqlite.Copy(ctx, path, backup))
	about := func(l AuditLine) bool { return steve.Mentions(l.Text, "GB") }
	traces, err := s.TracesOf(ctx, "home", steve, about, func(string) bool { return false })
	must(t, err)
	_, err = s.EraseCaller(ctx, "home", steve, traces)
	must(t, err)
	must(t, KeepLogOf(ctx, backup, path, AuditLine{At: time.Now(), By: ByCommand, What: "restored", Text: "Restored."}))
	db, err := sqlite.OpenCopy(backup)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	texts, err := sqlite.Values[string](ctx, db, "SELECT text FROM changes ORDER BY id")
	if err != nil || len(texts) != 2 || texts[0] != "020 7946 0666 is blocked." {
		t.Errorf("%q %v", texts, err)
	}
}
