package replay_test

import (
	"strings"
	"testing"
	"time"

	"ringfence/household/replay"
	"ringfence/screening"
)

// Each kind of log is read: how many calls, who rang first, when, and for how long people talked.
func TestReadingLogs(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	for name, c := range map[string]struct {
		text, form string
		calls, out int
		number     string
		at         string
		talked     time.Duration
	}{
		"ringfence calls --json": {
			text: `{"at":"2026-11-20T10:00:00Z","number":"+442079460302","name":"Bank","presentation":"allowed","action":"screen","reasons":[{"code":"unknown","text":"x"}],"outcome":"accepted","ended":"2026-11-20T10:03:00Z","steps":[{"at":"2026-11-20T10:00:20Z","step":"picked-up"},{"at":"2026-11-20T10:01:00Z","step":"pressed","detail":"1"}],"recordings":[]}
{"at":"2026-11-19T10:00:00Z","number":"","name":"","presentation":"withheld","action":"screen","reasons":[],"outcome":"caller-gone"}`,
			form: "a log of Ringfence", calls: 2, number: "+442079460302", at: "2026-11-20T11:00", talked: 2 * time.Minute,
		},
		"date, number, name": {
			text: "2026-11-20 11:00,020 7946 0302,Bank\n2026-11-21 11:00,withheld,\n", form: "a table of calls (CSV)", calls: 2, number: "020 7946 0302", at: "2026-11-20T11:00",
		},
		"with headings and a time apart": {
			text: "Name,Caller Number,Date,Time,Duration\nBank,020 7946 0302,20/11/2026,11:00,0:04\n", form: "a table of calls (CSV)", calls: 1, number: "020 7946 0302", at: "2026-11-20T11:00",
			talked: 4 * time.Minute,
		},
		"a FRITZ!Box": {
			text: "sep=;\nTyp;Datum;Name;Rufnummer;Landes-/Ortsnetzbereich;Nebenstelle;Eigene Rufnummer;Dauer\n" +
				"1;20.11.26 11:00;Bank;03023125001;Berlin;Telefon;Internet: 03023125100;0:04\n2;20.11.26 12:00;;;;;Internet: 03023125100;0:00\n" +
				"4;20.11.26 13:00;Joan;03023125002;;Telefon;Internet: 03023125100;0:10\n",
			form: "a table of calls (CSV)", calls: 2, out: 1, number: "03023125001", at: "2026-11-20T11:00", talked: 4 * time.Minute,
		},
		"Asterisk's Master.csv": {
			text: `"","02079460302","s","incoming","""Bank"" <02079460302>","PJSIP/line-01","PJSIP/hall-02","Dial","PJSIP/hall","2026-11-20 11:00:00","2026-11-20 11:00:10","2026-11-20 11:02:10",130,120,"ANSWERED","DOCUMENTATION","1.1",""
"","+442079460100","999","outgoing","","PJSIP/hall-03","","Dial","","2026-11-20 12:00:00","","2026-11-20 12:01:00",60,0,"NO ANSWER","DOCUMENTATION","1.3",""
`,
			form: "Asterisk's log of calls (CDR)", calls: 1, out: 1, number: "02079460302", at: "2026-11-20T11:00", talked: 2 * time.Minute,
		},
		"tabs, a byte order mark and Windows lines": {
			text: "\xef\xbb\xbfCalldate\tSrc\r\n2026-11-20T11:00\t02079460302\r\n", form: "a table of calls (CSV)", calls: 1, number: "02079460302", at: "2026-11-20T11:00",
		},
	} {
		f, err := replay.Read(strings.NewReader(c.text), screening.Line{Region: "GB", Zone: zone, Number: "+442079460100"}, "")
		if err != nil || f.Form != c.form || len(f.Calls) != c.calls || f.Outside != c.out || len(f.Refused) != 0 {
			t.Errorf("%s: %+v %v", name, f, err)
			continue
		}
		if first := f.Calls[0]; first.Identity.Number != c.number || first.At.In(zone).Format("2006-01-02T15:04") != c.at || first.Talked != c.talked {
			t.Errorf("%s: the first call is %+v, at %v", name, first, first.At.In(zone))
		}
	}
}

// The callers' numbers are taken and nobody else's. Where more than one column could have them, the columns are named, until somebody says which.
func TestColumnOfALog(t *testing.T) {
	for name, c := range map[string]struct{ text, column, number, says string }{
		"called and caller":   {"Date,Called number,Caller number\n2026-11-20 11:00,020 7946 0100,020 7946 0302\n", "", "020 7946 0302", ""},
		"none of the usual":   {"Date,Length,Telephone that rang\n2026-11-20 11:00,12,020 7946 0302\n", "", "020 7946 0302", ""},
		"own first":           {"Datum;Eigene Nummer;Rufnummer\n20.11.26 11:00;020 7946 0100;020 7946 0302\n", "", "020 7946 0302", ""},
		"two unknown":         {"Date,X,Y\n2026-11-20 11:00,020 7946 0100,020 7946 0302\n", "", "", "“X” (column 2"},
		"two unknown, named":  {"Date,X,Y\n2026-11-20 11:00,020 7946 0100,020 7946 0302\n", "y", "020 7946 0302", ""},
		"no headings":         {"2026-11-20 11:00,020 7946 0100,020 7946 0302\n", "", "", "column 2 ("},
		"no headings, placed": {"2026-11-20 11:00,020 7946 0100,020 7946 0302\n", "3", "020 7946 0302", ""},
		"number last":         {"2026-11-20 11:00,Bank,020 7946 0302\n", "", "020 7946 0302", ""},
		"date unknown":        {"Wann,Von,An\n20.11.26 11:00,020 7946 0302,020 7946 0100\n", "", "020 7946 0302", ""},
		"seconds":             {"timestamp,number\n1764320000,020 7946 0302\n", "", "020 7946 0302", ""},
		"withheld alone":      {"Date,Number,Own number\n2026-11-20 11:00,withheld,020 7946 0100\n", "", "", ""},
		"no such column":      {"Date,Number\n2026-11-20 11:00,020 7946 0302\n", "Caller", "", "There is no column “Caller”"},
		"no columns":          {`{"at":"2026-11-20T10:00:00Z","number":"+442079460302","outcome":"talked"}`, "2", "", "leave out the column"},
	} {
		f, err := replay.Read(strings.NewReader(c.text), screening.Line{Region: "GB"}, c.column)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || len(f.Calls) != 1 || f.Calls[0].Identity.Number != c.number {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
}

// A withheld number of the log is withheld again, and one that could not exist is impossible again, though the log does not say which it was.
func TestCallersWithoutANumberAreAsTheyWere(t *testing.T) {
	f, err := replay.Read(strings.NewReader(`{"at":"2026-11-20T10:00:00Z","number":"","presentation":"withheld","outcome":"talked"}
{"at":"2026-11-21T10:00:00Z","number":"","presentation":"unavailable","outcome":"talked"}
{"at":"2026-11-22T10:00:00Z","number":"","presentation":"allowed","reasons":[{"code":"impossible","text":"x"}],"outcome":"talked"}
{"at":"2026-11-23T10:00:00Z","number":"+442079460302","presentation":"allowed","reasons":[{"code":"forged","text":"x"}],"outcome":"talked"}
`), screening.Line{Region: "GB"}, "")
	must(t, err)
	a := house(t)
	must(t, a.Store.SetOption(t.Context(), "home", "mode", screening.BlockOnly))
	r, err := replay.Of(t.Context(), a, f.Calls, knownOnly(time.Time{}))
	must(t, err)
	// The forged one and the impossible one are asked who they are, until strangers may only leave a message.
	var got []screening.Code
	for _, c := range r.Changes {
		got = append(got, c.Now.Reasons[0].Code)
	}
	if len(got) != 4 || got[0] != screening.CodeForged || got[1] != screening.CodeImpossible || r.Changes[3].Caller.Presentation != screening.Withheld ||
		r.Changes[2].Caller.Presentation != screening.Unavailable {
		t.Errorf("%v: %+v", got, r.Changes)
	}
}

// Second tries and held strangers are as of each call where the file says how calls ended, and it is said where it does not.
func TestSecondTriesAndHeldStrangersOfAFile(t *testing.T) {
	f, err := replay.Read(strings.NewReader(`{"at":"2026-11-20T10:00:00Z","number":"+442079460302","presentation":"allowed","outcome":"caller-gone","ended":"2026-11-20T10:01:00Z"}
{"at":"2026-11-20T10:03:00Z","number":"+442079460302","presentation":"allowed","outcome":"talked"}
{"at":"2026-11-20T11:00:00Z","number":"+442079460303","presentation":"allowed","outcome":"caller-gone","steps":[{"at":"2026-11-20T11:00:20Z","step":"suspected","detail":"x"}]}
{"at":"2026-11-20T11:02:00Z","number":"+442079460303","presentation":"allowed","outcome":"talked"}
{"at":"2026-11-20T12:00:00Z","number":"+442079460304","presentation":"allowed","outcome":"sent-away","ended":"2026-11-20T12:00:40Z"}
{"at":"2026-11-20T12:01:00Z","number":"+442079460305","presentation":"allowed","outcome":"talked"}
{"at":"2026-11-20T12:20:00Z","number":"+442079460306","presentation":"allowed","outcome":"talked"}
`), screening.Line{Region: "GB"}, "")
	must(t, err)
	a := house(t)
	for _, c := range []struct {
		option, value string
		want          screening.Number
		action        screening.Action
	}{
		{"second-try", "5m", "+442079460302", screening.Ring},
		{"hold-strangers", "1m", "+442079460305", screening.Message},
	} {
		r, err := replay.Of(t.Context(), a, f.Calls, options(c.option, c.value))
		must(t, err)
		if len(r.Changes) != 1 || r.Changes[0].Caller.Number != c.want || r.Changes[0].To.Action != c.action || len(r.Notes) != 0 {
			t.Errorf("%s: %+v %v", c.option, r.Changes, r.Notes)
		}
	}
	table, err := replay.Read(strings.NewReader("2026-11-20 11:00,020 7946 0302\n2026-11-20 11:02,020 7946 0302\n"), screening.Line{Region: "GB"}, "")
	must(t, err)
	r, err := replay.Of(t.Context(), a, table.Calls, options("second-try", "5m"))
	must(t, err)
	if len(r.Changes) != 0 || len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "The log doesn't say how 2 calls ended.") {
		t.Errorf("%+v %v", r.Changes, r.Notes)
	}
	if r, err = replay.Of(t.Context(), a, table.Calls, knownOnly(time.Time{})); err != nil || len(r.Notes) != 0 {
		t.Errorf("where it does not matter: %v %v", r.Notes, err)
	}
}

// Bad lines are named with their reason, and what is no log is refused.
func TestBadLinesOfALogAreRefused(t *testing.T) {
	f, err := replay.Read(strings.NewReader("date,number\n2026-11-20 11:00,020 7946 0302\n2026-11-20 12:00,020 7946 0303\nyesterday,020 7946 0304\n"), screening.Line{Region: "GB"}, "")
	if err != nil || len(f.Calls) != 2 || len(f.Refused) != 1 || !strings.HasPrefix(f.Refused[0], `Line 4: "yesterday" is no date`) {
		t.Errorf("%+v %v", f, err)
	}
	for what, text := range map[string]string{
		"empty": " \n", "no text": "\xff\xfe\x00d", "wrong than right": "<html>\n<body>\n", "wrong than right ": "{}\n{\"at\":1}\n",
	} {
		if _, err := replay.Read(strings.NewReader(text), screening.Line{Region: "GB"}, ""); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(what)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("date,number,name\n2026-11-20 11:00,020 7946 0302,Bank\n")
	f.Add(`{"at":"2026-11-20T10:00:00Z","number":"+442079460302","steps":[{"step":"pressed","detail":"1"}],"outcome":"talked"}`)
	f.Add("sep=;\nTyp;Datum;Name;Rufnummer;Dauer\n1;20.11.26 11:00;Bank;03023125001;0:04\n")
	f.Add("\"0\n1\"")
	f.Add("sep=0")
	f.Add("2026-11-20 11:00,Bank,020 7946 0302\n")
	f.Add("Date,Called number,Caller number\n2026-11-20 11:00,020 7946 0100,020 7946 0302\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := replay.Read(strings.NewReader(text), screening.Line{Region: "GB", Number: "+442079460100"}, "")
		if err != nil {
			return
		}
		for _, c := range file.Calls {
			if c.At.IsZero() || c.Talked < 0 {
				t.Errorf("%+v", c)
			}
		}
		for _, why := range file.Refused {
			if strings.ContainsAny(why, "\n\x1b\x00") || len(why) > 300 {
				t.Errorf("%q", why)
			}
		}
	})
}
