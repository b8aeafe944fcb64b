package phoneblock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"ringfence/sharing/fetch"
)

var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func read(text string) (all []Number, version int64, err error) {
	version, err = Read(strings.NewReader(text), func(n Number) error {
		all = append(all, n)
		return nil
	})
	return all, version, err
}

func TestRead(t *testing.T) {
	all, version, err := read(`{"x":{"numbers":[1]},"version":42,"numbers":[{"phone":"+4930123456","rating":"G_FRAUD","votes":4,"lastActivity":1795514400000,"y":null}, {"phone":"+49301234567","votes":0}]}` + "\n")
	if err != nil || version != 42 || len(all) != 2 || all[0].Off() || !all[1].Off() {
		t.Fatal(all, version, err)
	}
	// 1795514400000 is 24 November 2026: four fresh votes reach the threshold at which callers are turned away.
	if e := all[0].Entry(now); e.Digits != "4930123456" || e.Confidence != 0.51 || e.Category != "other" || e.Note != "PhoneBlock: 4 votes" {
		t.Errorf("%+v", e)
	}
	for rating, want := range map[string]string{"B_MISSED": "silent", "C_PING": "silent", "D_POLL": "survey", "E_ADVERTISING": "sales", "F_GAMBLE": "prize", "Z_NEW": "other"} {
		if got := (Number{Rating: rating, Votes: 1}).Entry(now); got.Category != want || got.Note != "PhoneBlock: 1 vote" {
			t.Errorf("%s: %+v", rating, got)
		}
	}
	if !(Number{Rating: "A_LEGITIMATE", Votes: 9}).Off() {
		t.Error("a legitimate number stays on the list")
	}
	for _, phone := range []string{"", "030123456", "+", "+0301234567", "+49 30 12345", "+1234567890123456"} {
		if e := (Number{Phone: phone, Votes: 1}).Entry(now); e.Digits != "" {
			t.Errorf("%q is the number %s", phone, e.Digits)
		}
	}
}

func TestWhatIsNoBlocklist(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", "<html>", `{"numbers":{}}`, `{"numbers":[1]}`, `{"numbers":[{"phone":1}]}`, `{"numbers":[{"votes":"4"}]}`,
		`{"numbers":[]`, `{"numbers":[]} {}`, `{"version":1}`, `{"numbers":[],"version":-1}`, `{"numbers":[],"version":1e30}`,
		`{"numbers":[],"version":99999999999999999999}`, `{"numbers":[` + strings.Repeat("[", 20_000)} {
		if _, _, err := read(text); !errors.Is(err, ErrNotBlocklist) {
			t.Errorf("%.50s: %v", text, err)
		}
	}
	many := `{"numbers":[` + strings.Repeat(`{},`, MaxNumbers) + `{}]}`
	if _, _, err := read(many); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	stop := errors.New("stop")
	if _, err := Read(strings.NewReader(`{"numbers":[{}]}`), func(Number) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"numbers":[{"phone":"+4930123456","rating":"G_FRAUD","votes":4}],"version":42}`)
	f.Add(`{"version":1e3,"numbers":[{"votes":-1}],"numbers":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		all, version, err := read(text)
		if err == nil && version < 0 {
			t.Error(version)
		}
		for _, n := range all {
			if e := n.Entry(now); !(e.Confidence >= 0 && e.Confidence < 1) || strings.Trim(e.Digits, "0123456789") != "" {
				t.Errorf("%+v", e)
			}
		}
	})
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"": Server, "phoneblock.net": Server, "HTTPS://PhoneBlock.net/phoneblock/": Server, "https://phoneblock.net/phoneblock/api?x=y#z": Server,
		"https://pb.example:8443": "https://pb.example:8443/",
	} {
		if got, err := ParseServer(text, false); got != want || err != nil {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for _, text := range []string{"http://phoneblock.net", "ftp://phoneblock.net", "https://", "https://a:b@phoneblock.net", "https://[::1", "a b"} {
		if got, err := ParseServer(text, false); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got, err := ParseServer(" phoneblock.net\n", false); got != Server || err != nil {
		t.Error(got, err)
	}
	if got, err := ParseServer("http://127.0.0.1:80", true); got != "http://127.0.0.1:80/" || err != nil {
		t.Error(got, err)
	}
	if got := BlocklistURL(Server, 0) + " " + BlocklistURL(Server, 42); got != "https://phoneblock.net/phoneblock/api/blocklist?format=json https://phoneblock.net/phoneblock/api/blocklist?format=json&since=42" {
		t.Error(got)
	}
}

func TestCheckKey(t *testing.T) {
	if key, err := CheckKey(" pbt_abc-1.2\n"); key != "pbt_abc-1.2" || err != nil {
		t.Error(key, err)
	}
	for _, text := range []string{"", " ", "a b", "a\nb", "a\x00", "ключ", strings.Repeat("x", 201)} {
		if key, err := CheckKey(text); !errors.Is(err, ErrKey) || key != "" {
			t.Errorf("%q: %q %v", text, key, err)
		}
	}
}

func TestInfo(t *testing.T) {
	for want, i := range map[string]Info{
		"true PhoneBlock: 4 votes, fraud":                    {Votes: 4, Rating: "G_FRAUD"},
		"true PhoneBlock: 2 votes":                           {Votes: 2, Rating: "B_MISSED"},
		"true PhoneBlock: 3 votes":                           {Votes: 3, Rating: "Z_\x00NEW"},
		"false PhoneBlock: 1 vote, surveys":                  {Votes: 1, Rating: "D_POLL"},
		"false PhoneBlock knows nothing against this number": {Votes: 9, Rating: "A_LEGITIMATE"},
		"true PhoneBlock: on your own block list there":      {BlackListed: true, Rating: "A_LEGITIMATE"},
	} {
		if got := fmt.Sprint(i.Spam(), " ", i); got != want {
			t.Errorf("%+v: %q, not %q", i, got, want)
		}
	}
	for _, i := range []Info{{}, {Votes: -3, Rating: "G_FRAUD"}, {Votes: 9, Rating: "G_FRAUD", WhiteListed: true}, {BlackListed: true, WhiteListed: true}} {
		if got := fmt.Sprint(i.Spam(), " ", i); got != "false PhoneBlock knows nothing against this number" {
			t.Errorf("%+v: %q", i, got)
		}
	}
	// The example of PhoneBlock's own guide.
	if got := CheckURL(Server, "+4917650642602"); got != "https://phoneblock.net/phoneblock/api/check?format=json&sha1=3D1D76F0C3664E1E818C6ECCFD8843AD1F4091CC" {
		t.Error(got)
	}
}

// gives is a Fetcher that is given an answer.
type gives string

func (g gives) Get(_ context.Context, r fetch.Request, to io.Writer) (fetch.Answer, error) {
	if r.Most > 1<<20 || r.Time != time.Second || r.Bearer != "key" {
		return fetch.Answer{}, fmt.Errorf("%+v", r)
	}
	_, err := io.WriteString(to, string(g))
	return fetch.Answer{}, err
}

func FuzzCheck(f *testing.F) {
	for _, text := range []string{`{"votes":4,"rating":"G_FRAUD"}`, `{"votes":1e9}`, `{"votes":"4"}`, `[]`, "", "{\"rating\":\"\x00\"}", `{"votes":99999999999999999999}`, `{"votes":1,"votes":2}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		i, err := Check(t.Context(), gives(text), Server, "key", "+442079460666", time.Second)
		if err != nil && (!errors.Is(err, ErrNotInfo) || i != (Info{}) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%+v %v", i, err)
		}
		if said := i.String(); !strings.HasPrefix(said, "PhoneBlock") || strings.ContainsFunc(said, func(r rune) bool { return r < ' ' || r > '~' }) || len(said) > 80 {
			t.Errorf("%q", said)
		}
	})
}
