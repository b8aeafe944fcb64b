package export

import (
	"slices"

	"ringfence/screening"
	"ringfence/store"
)

// Folders in the zip.
const (
	recordingsFolder = "recordings/"
	phrasesFolder    = "phrases/"
)

// part is one of the files, with JSON.
type part struct {
	name  string
	about string // what it is, for README.txt
	query string // an object a row; ?1 is the household's ID
	// shape turns an object of the query into the one that is written; nil: it is written as it is.
	shape func(object []byte) ([]byte, error)
	one   bool // there is one object, else an array of them
}

// parts are all files but the recordings. Where /api/v1 has the same things, fields are called as they are there. What is a secret, and what is not the
// household's, is in none of them: see the test for what that is, and why.
var parts = []part{
	{name: "household.json", one: true, shape: withSpans, query: household, about: "What the household is called, and what it has chosen. An empty field or 0 means the usual setting."},
	{name: "people.json", query: people, about: "Who looks after the household, and who has been invited."},
	{name: "contacts.json", query: contacts, about: "Who always gets through, and where they were imported from."},
	{name: "contact-sync.json", query: contactSync, about: "The address book on a server that the contacts are kept in step with, as it was the last time. The password is left out."},
	{name: "pass-codes.json", query: passCodes, about: "People with a code that lets them through from any phone. The codes themselves are left out."},
	{name: "blocks.json", query: blocks, shape: withNumber, about: "Whom the household turns away."},
	{name: "calls.json", query: calls, shape: withWords, about: "Every call: who rang, what was done and why, how it went, and the recordings of it with what a machine has read in them."},
	{name: "names.json", query: names, about: "The names that the household has given callers."},
	{name: "dialled.json", query: dialled, about: "Numbers that the household has rung itself."},
	{name: "emergencies.json", query: emergencies, about: "When somebody in the house rang for help."},
	{name: "notices.json", query: notices, about: "What carers should know."},
	{name: "alerts.json", query: alerts, about: "Alerts that carers got or will get, and who gets them."},
	{name: "reports.json", query: reports, about: "Numbers that the household has reported as a scam."},
	{name: "groups.json", query: groups, about: "Groups that the household reports to, and what was sent to them."},
	{name: "lists.json", query: lists, about: "Shared lists that the household uses, without the numbers that others have put on them."},
	{name: "phoneblock.json", query: inquiries, about: "What PhoneBlock answered about callers within the last day."},
	{name: "address-book.json", query: books, about: "The address book that phones at home fetch from the household's lists."},
	{name: "changes.json", query: changes, about: "Who changed what, and when."},
}

var household = object("households h WHERE h.id = ?1", slices.Concat(chosen(), []string{
	"name", "h.name", "title", "h.title", "region", "h.region", "set_up", seconds("h.finished_at"), "mode", "h.mode",
	"temporary_mode", "nullif(h.temporary_mode, '')", "temporary_until", seconds("h.temporary_until"), "expecting_until", seconds("h.expecting_until"),
	"schedule", array(object("schedule_spans s WHERE s.household_id = h.id ORDER BY s.id", "days", "s.days", "from", "s.from_min", "to", "s.to_min", "mode", "s.mode", "quiet", flag("s.quiet"))),
	"emergency_hours", "h.emergency_s / 3600.0", "keep_days", "h.keep_days", "alerts_at_home", flag("h.alerts_at_home"),
	"report_words", flag("h.report_words"), "smart_home", "h.smart_home", "smart_home_keys", flag("h.smart_home_keys"),
})...)

// chosen has the options that a verdict needs, but for that which is in hours.
func chosen() (pairs []string) {
	for _, c := range store.OptionColumns(&screening.Household{}) {
		value := "h." + string(c.Name)
		if _, is := c.Into.(*bool); is {
			value = flag(value)
		}
		if c.Name != "emergency_s" {
			pairs = append(pairs, c.Name.Field(), value)
		}
	}
	return pairs
}

// people are members, then invitations.
var people = object("memberships m JOIN people p ON p.id = m.person_id WHERE m.household_id = ?1",
	"name", "p.name", "email", "p.email", "role", "m.role", "hears", flag("m.hears")) + " UNION ALL " +
	object("invitations i WHERE i.household_id = ?1",
		"name", "i.name", "role", "i.role", "hears", flag("i.hears"), "invited_by", "i.made_by", "invited", seconds("i.made_at"),
		"expires", seconds("i.expires_at"), "accepted", seconds("i.used_at"))

var contacts = object("contacts c WHERE c.household_id = ?1 ORDER BY c.id",
	"id", "c.id", "name", "c.name", "language", "c.language", "notes", "c.notes", "added", seconds("c.added_at"),
	"numbers", array("SELECT json_quote("+number("n.number")+") FROM contact_numbers n WHERE n.household_id = c.household_id AND n.contact_id = c.id ORDER BY n.number"),
	"imported", array(object("contact_imports i WHERE i.household_id = c.household_id AND i.id IN (SELECT n.import_id FROM contact_numbers n WHERE n.contact_id = c.id) ORDER BY i.id",
		"at", seconds("i.at"), "source", "i.source")))

var contactSync = object("contact_syncs s WHERE s.household_id = ?1",
	"title", "s.title", "url", "s.url", "user", "s.username", "at_home", flag("s.at_home"), "by", "s.made_by", "since", seconds("s.begun_at"),
	"confirmed", seconds("s.confirmed_at"), "checked", seconds("s.checked_at"), "changed", seconds("s.changed_at"), "error", "s.error", "held", seconds("s.held_at"),
	"cards", array(object("synced_cards c WHERE c.household_id = s.household_id ORDER BY c.href", "address", "c.href", "people", "iif(json_valid(c.people), json(c.people), c.people)")),
	"contacts", array(object("synced_contacts c WHERE c.household_id = s.household_id ORDER BY c.id", "contact", "c.contact_id", "name", "c.name", "notes", "c.notes", "language", "c.language")))

var passCodes = object("pass_codes c WHERE c.household_id = ?1 ORDER BY c.id",
	"name", "c.name", "contact", "c.contact_id", "added", seconds("c.added_at"), "used", seconds("c.used_at"), "uses", "c.uses")

var blocks = object("blocks b WHERE b.household_id = ?1 ORDER BY b.id",
	"id", "b.id", "number", "iif(b.is_prefix, '' || b.digits, "+number("b.digits")+")",
	"prefix", flag("b.is_prefix"), "note", "b.note", "farewell", "b.farewell", "added", seconds("b.added_at"), "by", "b.added_by")

// calls has what the network said of a caller, but only of one who shows their number: some networks send it all the same, and nobody is shown it.
var calls = object("calls c WHERE c.household_id = ?1 ORDER BY c.at_ms, c.id",
	"id", "c.id", "at", milliseconds("c.at_ms"), "ended", milliseconds("c.ended_ms"), "number", "c.number_text", "name", "c.name", "presentation", "c.presentation",
	"action", "c.action", "would", "c.would", "reasons", "json(c.reasons)", "outcome", "c.outcome",
	"network", "iif(c.presentation = 'allowed', "+fields("number", "c.said_number", "name", "c.said_name", "presentation", "c.said_pres")+", NULL)",
	"steps", array(object("call_steps s WHERE s.call_id = c.id ORDER BY s.at_ms, s.id", "at", milliseconds("s.at_ms"), "step", "s.step", "detail", "s.detail")),
	"recordings", array(object("recordings r WHERE r.call_id = c.id ORDER BY r.id",
		"kind", "r.kind", "file", "'"+recordingsFolder+"' || r.file", "seconds", "r.length_ms / 1000.0", "at", seconds("r.at"), "heard", seconds("r.heard_at"),
		"words", "r.words", "unsure", "iif(r.words_unsure, json('true'), NULL)",
		"opinion", "iif(r.opinion = '', NULL, "+fields("level", "r.opinion", "sentence", "r.opinion_sentence")+")")))

var names = object("caller_names n WHERE n.household_id = ?1 ORDER BY n.number", "number", number("n.number"), "name", "n.name")

var dialled = object("dialled d WHERE d.household_id = ?1 ORDER BY d.at", "number", number("d.number"), "at", seconds("d.at"))

var emergencies = object("emergencies e WHERE e.household_id = ?1 ORDER BY e.at", "number", "e.number", "at", seconds("e.at"))

var notices = object("notices n WHERE n.household_id = ?1 ORDER BY n.id",
	"id", "n.id", "at", seconds("n.at"), "kind", "n.kind", "text", "n.text", "call", "n.call_id")

var alerts = object("notify_outbox o JOIN notify_channels n ON n.id = o.channel_id LEFT JOIN people p ON p.id = n.person_id WHERE n.household_id = ?1 ORDER BY o.id",
	"at", seconds("o.at"), "event", "o.event", "text", "o.text", "words", "nullif(o.words, '')", "urgent", flag("o.urgent"), "call", "o.call_id", "to", "p.name", "by", "n.service",
	"sent", seconds("o.sent_at"))

var reports = object("reports r WHERE r.household_id = ?1 ORDER BY r.at",
	"number", number("r.number"), "category", "r.category", "at", seconds("r.at"), "by", "r.reported_by", "withdrawn", seconds("r.withdrawn_at"))

var groups = object("joined_groups g WHERE g.household_id = ?1 ORDER BY g.id",
	"id", "g.id", "name", "g.name", "url", "g.url", "joined", seconds("g.joined_at"), "by", "g.joined_by", "sends_from", seconds("g.sends_from"),
	"paused", flag("g.paused"), "left", seconds("g.left_at"), "error", "g.last_error",
	"sent", array(object("sent_reports s WHERE s.group_id = g.id ORDER BY s.id",
		"number", number("s.number"), "kind", "s.kind", "category", "s.category", "body", "s.body", "at", seconds("s.sent_at"), "refused", "s.refused")))

var lists = object("lists l LEFT JOIN subscriptions s ON s.list_id = l.id LEFT JOIN list_sources o ON o.id = s.source_id LEFT JOIN list_versions v ON v.id = l.version_id WHERE l.household_id = ?1 ORDER BY l.id",
	"name", "l.name", "source", "l.source", "imported", seconds("coalesce(nullif(v.changed_at, 0), l.imported_at)"), "entries", "coalesce(v.entries, 0)", "doubt", "v.doubt",
	"subscription", "iif(s.list_id IS NULL, NULL, "+fields("kind", "o.kind", "url", "o.url", "key", "o.public_key", "only_warns", flag("s.only_warns"), "asks", flag("s.asks"),
		"publisher", "o.publisher", "title", "o.title", "since", seconds("s.begun_at"), "by", "s.made_by", "checked", seconds("o.checked_at"),
		"changed", seconds("coalesce(v.changed_at, 0)"), "error", "o.error", "column", "o.chosen_column", "held", seconds("s.held_at"))+")")

var inquiries = object("inquiries i WHERE i.household_id = ?1 ORDER BY i.at", "at", seconds("i.at"), "said", "i.said", "spam", flag("i.spam"))

var books = object("books b WHERE b.household_id = ?1",
	"numbers", "b.most", "made", seconds("b.made_at"), "by", "b.made_by", "used", seconds("b.used_at"))

var changes = object("changes c WHERE c.household_id = ?1 ORDER BY c.id",
	"id", "c.id", "at", seconds("c.at"), "by", "c.person", "way", "c.way", "what", "c.what", "text", "c.text", "before", "c.was", "after", "c.is_now",
	"undoes", "c.undoes")

// phrases are what a household may have recorded in its own voice.
var phrases = []string{store.PhraseGreeting, store.PhraseAskName, store.PhraseInspection}
