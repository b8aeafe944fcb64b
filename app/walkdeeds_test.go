package app

import (
	"encoding/json"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store"
)

// deed is one thing that somebody does, what the audit log has of it, and by which ways it is done.
type deed struct {
	name    string
	methods string // of household.Admin
	word    household.Word
	needs   func(h *house) // what there is before; nil: nothing
	was, is string         // before and after; a time to come is written as THEN
	final   bool           // it cannot be undone
	owners  bool           // only an owner undoes it
	differs bool           // its sentence says what somebody did there: painted, added
	ways    []way
	// prepares says that what stands ready beside what is in force may stay where the deed has failed, for another try.
	prepares bool
}

const (
	blockByPhone = "blocked by phone" // the note that a telephone makes
	monday       = "mon 09:00-10:00 known-only"
	mondayWords  = "Monday, 09:00 to 10:00: “Only people you know”."
	always       = "Every hour is the same."
	reported     = "“Your computer has a problem”"
)

var cells = strings.Repeat("?", 18) + "kk" + strings.Repeat("?", 7*48-20)

func (h *house) withoutAustria() {
	h.must(h.db.SetOption(h.Context(), h.name, "countries", "AT=turn-away"))
}

func (h *house) blocked()  { h.blocks(scammer, "says Microsoft") }
func (h *house) reported() { h.reports(scammer, "tech-support") }
func (h *house) daughter() { h.knows("Daughter", daughter, neighbour) }
func (h *house) known()    { h.knows("Surgery", stranger); h.rang(stranger, "Surgery") }
func (h *house) surgery()  { h.rang(stranger, "Surgery") }

func (h *house) heard() {
	h.leftMessage()
	h.must(h.db.MarkHeard(h.Context(), h.name, h.call))
}

// imported has brought an address book in.
func (h *house) imported() {
	made, err := h.db.ImportContacts(h.Context(), h.name, "book.csv", []store.Contact{{Name: "Joan", Numbers: []screening.Number{"+442079460309"}}})
	h.must(err)
	h.book = made.ID
}

func (h *house) listed() {
	read := &forms.Import{Region: "GB"}
	id, err := h.db.Lists.Prepare(h.Context(), h.name, "parish", "somebody", read.Entries(strings.NewReader(aList)))
	h.must(err)
	h.must(h.db.Lists.NoteDoubt(h.Context(), id, read.Doubt))
	h.must(h.db.Lists.Accept(h.Context(), h.name, id, "somebody"))
}

func (h *house) expecting() {
	h.must(h.db.SetExpecting(h.Context(), h.name, time.Now().Add(time.Hour)))
}

func (h *house) onMonday() {
	span, err := screening.ParseSpan("mon 09:00-10:00 known-only")
	h.must(err)
	h.must(h.db.SetWeek(h.Context(), h.name, []screening.Span{span}))
}

func (h *house) passCode() {
	_, err := h.db.AddPassCode(h.Context(), h.name, "Nurse", "48213375")
	h.must(err)
}

var deeds = []deed{
	{name: "block", methods: "AddBlock", word: household.BlockAdded, needs: (*house).surgery, is: "020 7946 0123 (blocked by phone)", ways: []way{
		page("blocks", form("blocks", "number", "020 7946 0123", "note", blockByPhone)),
		page("why?number=02079460123", form("why/block", "note", blockByPhone)),
		program("POST blocks", `{"number": "020 7946 0123", "note": "blocked by phone"}`),
		command("block", "add", "020 7946 0123", "--note", blockByPhone),
		dials("block-last", ""),
	}},
	{name: "block a caller", methods: "Block AddBlock", word: household.BlockAdded, needs: (*house).surgery, is: "020 7946 0123", ways: []way{
		page("calls/{call}", form("calls/{call}/block")),
		program("POST blocks", `{"number": "020 7946 0123"}`),
		command("block", "add", "020 7946 0123"),
		command("block", "add", "020 7946 0123", "--households", "{household}"),
	}},
	{name: "block a beginning", methods: "AddBlock", word: household.BlockAdded, is: "01214960…, who hear that they are not wanted", ways: []way{
		page("blocks", form("blocks", "number", "0121 496 0", "which", "prefix", "farewell", "not-wanted"), form("blocks")),
		program("POST blocks", `{"number": "0121 496 0", "prefix": true, "farewell": "not-wanted", "sure": true}`),
		command("block", "add", "0121 496 0", "--prefix", "--farewell", "not-wanted"),
	}},
	{name: "block a country", methods: "SetCountries AddBlock", word: household.OptionChanged, was: "No rules", is: "Austria: Turn them away", ways: []way{
		page("blocks", form("blocks/countries", "countries", "Austria", "do", "turn-away")),
		page("blocks", form("blocks", "number", "+43", "which", "prefix")),
		program("POST blocks", `{"number": "+43", "prefix": true}`),
		command("country", "add", "Austria"),
		command("block", "add", "+43", "--prefix"),
	}},
	{name: "remove a country's rule", methods: "RemoveCountries Unblock", word: household.OptionChanged, needs: (*house).withoutAustria, was: "Austria: Turn them away", is: "No rules", ways: []way{
		page("blocks", form("blocks/countries/remove", "country", "AT")),
		command("country", "remove", "AT"),
		command("block", "remove", "+43", "--prefix"),
	}},
	{name: "block a contact all the same", methods: "AddBlock", word: household.BlockAdded, needs: (*house).known, is: "020 7946 0123 (blocked by phone)", ways: []way{
		dials("block-last", "1"),
	}},
	{name: "change a block", methods: "EditBlock", word: household.BlockChanged, needs: (*house).blocked,
		was: "020 7946 0666 (says Microsoft)", is: "020 7946 0666 (rings at night)", ways: []way{
			page("blocks", form("blocks/{block}", "note", "rings at night")),
			program("PATCH blocks/{block}", `{"note": "rings at night"}`),
			program("POST blocks", `{"number": "020 7946 0666", "note": "rings at night"}`),
			command("block", "add", "020 7946 0666", "--note", "rings at night"),
		}},
	{name: "lift a block", methods: "RemoveBlock Unblock", word: household.BlockRemoved, needs: (*house).blocked, was: "020 7946 0666 (says Microsoft)", ways: []way{
		page("blocks", form("blocks/{block}/remove")),
		page("why?number=02079460666", form("blocks/{block}/remove")),
		program("DELETE blocks/{block}", ""),
		command("block", "remove", "020 7946 0666"),
	}},
	{name: "allow", methods: "Allow AddContact SaveContact", word: household.ContactAdded, needs: (*house).surgery, is: "Surgery, 020 7946 0123", ways: []way{
		page("calls/{call}", form("calls/{call}/allow")),
		page("why?number=02079460123", form("why/allow", "name", "Surgery")),
		page("contacts/new", form("contacts/new", "name", "Surgery", "number-0", "020 7946 0123")),
		page("start/contacts", form("start/contacts", "name", "Surgery", "number", "020 7946 0123")).byOwner(),
		program("POST contacts", `{"name": "Surgery", "numbers": ["020 7946 0123"]}`),
		command("contact", "add", "Surgery", "020 7946 0123"),
		command("contact", "add", "Surgery", "020 7946 0123", "--households", "{household}"),
		dials("allow-last", ""),
		answers(stranger, "Surgery", "4"),
	}},
	{name: "allow one who is blocked and reported", methods: "SaveContact AddContact", word: household.ContactAdded, needs: func(h *house) {
		h.blocked()
		h.reported()
	}, is: "The bank, 020 7946 0666", ways: []way{
		program("POST contacts", `{"name": "The bank", "numbers": ["020 7946 0666"], "even_so": true}`),
		command("contact", "add", "The bank", "020 7946 0666"),
	}},
	{name: "add a contact who speaks French", methods: "SaveContact", word: household.ContactAdded, is: "Neighbour, 020 7946 0302, spoken to in fr-FR, with notes", ways: []way{
		page("contacts/new", form("contacts/new", "name", "Neighbour", "number-0", "020 7946 0302", "language", "fr-FR", "notes", "next door")),
		program("POST contacts", `{"name": "Neighbour", "numbers": ["020 7946 0302"], "language": "fr-FR", "notes": "next door"}`),
	}},
	{name: "give a contact another number", methods: "SaveContact AddContact", word: household.ContactChanged, needs: func(h *house) { h.knows("Daughter", daughter) },
		was: "Daughter, 020 7946 0301", is: "Daughter, 020 7946 0301, 020 7946 0302", ways: []way{
			page("contacts/{contact}", form("contacts/{contact}", "number-1", "020 7946 0302")),
			program("PUT contacts/{contact}", `{"name": "Daughter", "numbers": ["020 7946 0301", "020 7946 0302"]}`),
			command("contact", "add", "Daughter", "020 7946 0302"),
		}},
	{name: "take a number from a contact", methods: "SaveContact RemoveContactNamed", word: household.ContactChanged, needs: (*house).daughter,
		was: "Daughter, 020 7946 0301, 020 7946 0302", is: "Daughter, 020 7946 0301", ways: []way{
			page("contacts/{contact}", form("contacts/{contact}", "number-1", "")),
			program("PUT contacts/{contact}", `{"name": "Daughter", "numbers": ["020 7946 0301"]}`),
			command("contact", "remove", "020 7946 0302"),
		}},
	{name: "remove a contact", methods: "RemoveContact RemoveContactNamed", word: household.ContactRemoved, needs: (*house).daughter, was: "Daughter, 020 7946 0301, 020 7946 0302", ways: []way{
		page("contacts/{contact}", form("contacts/{contact}/remove")),
		program("DELETE contacts/{contact}", ""),
		command("contact", "remove", "Daughter"),
	}},
	{name: "import contacts", methods: "ImportContacts", word: household.ContactsAdded, is: "1 contact with 1 number from book.csv, from the column “Phone”", ways: []way{
		page("contacts/import", form("contacts/import", "file", "book.csvFILE:Name,Phone\nJoan,020 7946 0309\n"), form("contacts/import/preview/{upload}")),
		commandWith("book.csv", "Name,Phone\nJoan,020 7946 0309\n", "contact", "import"),
	}},
	{name: "undo an import", methods: "UndoImport", word: household.Undone, needs: (*house).imported, was: "1 number and 1 contact", final: true, ways: []way{
		page("contacts", form("contacts/imports/{book}/undo")),
	}},
	{name: "report", methods: "Report", word: household.Reported, needs: func(h *house) { h.rang(scammer, "") }, is: "Something else", ways: []way{
		page("calls/{call}", form("calls/{call}/report")),
		page("why?number=02079460666", form("why/report")),
		program("PUT reports/{number}", `{"category": "other"}`),
	}},
	{name: "report as something else", methods: "Report", word: household.Reported, needs: (*house).reported, was: reported, is: "“The tax office”", ways: []way{
		page("blocks", form("reports/{number}", "category", "tax")),
		program("PUT reports/{number}", `{"category": "tax"}`),
	}},
	{name: "withdraw a report", methods: "WithdrawReport", word: household.ReportWithdrawn, needs: (*house).reported, was: reported, ways: []way{
		page("blocks", form("reports/{number}/withdraw")),
		program("DELETE reports/{number}", ""),
	}},
	{name: "name a caller", methods: "NameCaller", word: household.CallerNamed, needs: (*house).surgery, is: "Dr Patel", ways: []way{
		page("calls/{call}", form("calls/{call}/name", "name", "Dr Patel")),
	}},
	{name: "forget a caller", methods: "ForgetCaller", word: household.CallerForgotten, needs: (*house).reported, final: true, ways: []way{
		page("forget?number=02079460666", form("forget")).byOwner(),
		program("DELETE callers/{number}", "").byOwner(),
		command("forget", "--sure", "020 7946 0666"),
	}},
	{name: "export everything", methods: "Export", word: household.Exported, final: true, ways: []way{
		page("export", form("export", "current", password)).byOwner(),
		program("POST export", "").byOwner(),
		command("export", "-"),
	}},
	{name: "send away as a scam", methods: "SendAway", word: household.SentAway, is: "blocked and reported", ways: []way{
		page("", form("calls/{call}/away")).duringCall(),
		program("POST calls/{call}/press", `{"key": "away"}`).duringCall(),
		answers(scammer, "", "3"),
	}},
	{name: "let a caller through", methods: "OnLetThrough", word: household.LetThrough, final: true, ways: []way{
		page("", form("calls/{call}/let-through")).duringCall(),
		program("POST calls/{call}/press", `{"key": "let-through"}`).duringCall(),
	}},
	{name: "ask a caller for a message", methods: "OnNotNow", word: household.NotNow, final: true, ways: []way{
		page("", form("calls/{call}/not-now")).duringCall(),
		program("POST calls/{call}/press", `{"key": "not-now"}`).duringCall(),
	}},
	{name: "hear a message", methods: "MarkHeard", word: household.MessageHeard, needs: (*house).leftMessage, was: "not heard", is: "heard", ways: []way{
		page("calls/{call}", form("calls/{call}/heard")),
		program("POST messages/{call}/heard", ""),
		dials("messages", "2"),
	}},
	{name: "delete a message", methods: "DeleteMessage", word: household.MessageDeleted, needs: (*house).heard, was: "a message of THEN", final: true, ways: []way{
		page("calls/{call}/message/delete", form("calls/{call}/message/delete")),
		program("DELETE messages/{call}", ""),
		command("messages", "delete", "{call}"),
		dials("messages", "3"),
	}},
	{name: "give a pass code", methods: "AddPassCode", word: household.PassCodeAdded, is: "a pass code", ways: []way{
		command("passcode", "add", "Nurse", "48213375"),
	}},
	{name: "take a pass code away", methods: "RemovePassCode", word: household.PassCodeRemoved, needs: (*house).passCode, was: "a pass code", ways: []way{
		command("passcode", "remove", "Nurse"),
	}},
	{name: "set the mode", methods: "SetMode SetModeNow", word: household.ModeChanged, was: "Ask who it is", is: "Only people you know", ways: []way{
		page("settings/mode", form("settings/mode", "mode", "known-only")),
		program("PUT mode", `{"mode": "known-only"}`),
		command("mode", "known-only"),
		command("mode", "known-only", "--households", "{household}"),
		dials("mode", "1"),
	}},
	{name: "set the mode for a time", methods: "SetMode", word: household.ModeChanged, was: "Ask who it is", is: "Off until THEN", ways: []way{
		page("settings/mode", form("settings/mode", "mode", "off", "until", "2h")),
		program("PUT mode", `{"mode": "off", "until": "`+time.Now().Add(2*time.Hour).Format(time.RFC3339)+`"}`),
		command("mode", "off", "--for", "2h"),
	}},
	{name: "expect a call", methods: "Expect ExpectNext", word: household.Expecting, is: "until THEN", ways: []way{
		page("settings/mode", form("settings/mode/expect")),
		program("PUT expecting", `{}`),
		command("expect"),
		dials("expect", ""),
	}},
	{name: "expect no call any more", methods: "ExpectNobody", word: household.Expecting, needs: (*house).expecting, was: "until THEN", ways: []way{
		page("settings/mode", form("settings/mode/expect")),
		program("DELETE expecting", ""),
		command("expect", "--off"),
	}},
	{name: "add a time to the week", methods: "AddTime PaintWeek ReplaceWeek", word: household.ScheduleChanged, was: always, is: mondayWords, differs: true, ways: []way{
		page("settings/week", form("settings/week/add", "day", "mon", "from", "09:00", "to", "10:00", "what", "known-only")),
		page("settings/week", form("settings/week", "cells", cells)),
		program("PUT schedule", `{"spans": ["`+monday+`"]}`),
		command("schedule", "add", "mon", "09:00-10:00", "known-only"),
	}},
	{name: "take a time from the week", methods: "RemoveTime ClearWeek ReplaceWeek", word: household.ScheduleChanged, needs: (*house).onMonday, was: mondayWords, is: always, differs: true, ways: []way{
		page("settings/week", form("settings/week/remove", "span", monday)),
		page("settings/week", form("settings/week/clear")),
		program("PUT schedule", `{"spans": []}`),
		command("schedule", "remove", "mon", "09:00-10:00", "known-only"),
	}},
	{name: "import a list", methods: "AcceptList", prepares: true, word: household.ListImported, is: "1 number from the column “number”", ways: []way{
		page("lists", form("lists/import", "name", "parish", "file", "parish.csvFILE:"+aList), form("lists/import/{import}")),
		program("PUT lists/parish", aList),
		commandWith("parish.csv", aList, "list", "import"),
	}},
	{name: "remove a list", methods: "RemoveList", word: household.ListRemoved, needs: (*house).listed, was: "parish", ways: []way{
		page("list?name=parish", form("list/remove")),
		program("DELETE lists/parish", ""),
		command("list", "remove", "parish"),
	}},
}

const aList = "number\n020 7946 0666\n"

// phraseDeeds record what the household says, and go back to the usual words: by page, and with a code by telephone.
func phraseDeeds() (all []deed) {
	for phrase, code := range map[string]string{store.PhraseGreeting: "greeting", store.PhraseAskName: "question", store.PhraseInspection: "inspection"} {
		all = append(all, deed{
			name: "record the " + code, methods: "SetPhrase", word: household.PhraseSet, was: "the usual words", is: "an own recording", ways: []way{
				page("settings/phrases", form("settings/phrases/"+phrase, "sound", "voice.wavFILE:"+string(aSound()))),
				dials(code, "2"),
			},
		}, deed{
			name: "go back from the " + code, methods: "RemovePhrase", word: household.PhraseRemoved,
			needs: func(h *house) { h.must(h.db.SetPhrase(h.Context(), h.name, phrase, aSound())) },
			was:   "an own recording", is: "the usual words", ways: []way{
				page("settings/phrases", form("settings/phrases/"+phrase+"/standard")),
				dials(code, "3"),
			},
		})
	}
	return all
}

// optionValues are a value, other than the usual one, for each option that has none to choose from, or whose last one only an owner may choose.
var optionValues = map[string]string{"carer-number": "07700 900123", "title": "The bungalow", "keep-days": "100", "region": "IE", "countries": "NG=turn-away", "scam-words": "watch"}

// optionDeeds choose each option by every way that there is for it.
func optionDeeds() (all []deed) {
	places := map[string][2]string{"threshold": {"lists", "lists/threshold"}, "alerts-at-home": {"alerts", "alerts/at-home"}, "quiet-contacts": {"settings/week", "settings/week/contacts"}}
	for _, o := range household.Options() {
		value, is := optionValues[o.Name]
		if !is {
			value = o.Values[len(o.Values)-1].Word
		}
		at, is := places[o.Name]
		if !is {
			at = [2]string{"settings/" + o.Page, "settings/" + o.Page}
		}
		byPage := page(at[0], form(at[1], o.Name, value))
		if o.Role == store.RoleOwner {
			byPage = byPage.byOwner()
		}
		d := deed{
			name: "choose " + o.Name, methods: "SetOptions", word: household.OptionChanged, was: "?", is: "?", owners: o.Role == store.RoleOwner,
			ways: []way{byPage, command("option", o.Name, value)},
		}
		if o.Input == household.CountryRules { // its page has deeds of its own
			d.ways = d.ways[1:]
		}
		if o.Name == "title" { // all else is as it was
			d.ways = append(d.ways, page("start/house", form("start/house", o.Name, value)).byOwner())
		}
		if o.Name == "carer-when" {
			d.needs = func(h *house) { h.must(h.db.SetOption(h.Context(), h.name, "carer_number", "+447700900123")) }
		}
		if o.JSON != "" {
			d.ways = append(d.ways, program("PATCH options", asJSON(o, value)))
		}
		all = append(all, d)
	}
	return all
}

func asJSON(o household.Option, value string) string {
	var sent any = value
	switch o.Input {
	case household.Switch:
		sent = value == "on"
	case household.Number:
		sent = json.Number(value)
	case household.Hours:
		sent = json.Number(strings.TrimSuffix(value, "h"))
	}
	text, _ := json.Marshal(map[string]any{o.JSON: sent}) // words and numbers
	return string(text)
}
