package switchboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ringfence/ivr"
	"ringfence/sound"
)

// arrives has a call come in, with an INVITE of that Call-ID and From.
func (a *fakeAsterisk) arrives(channel, callID, from string) {
	a.sends(fmt.Sprintf(`{"type":"StasisStart","args":["inbound","home","allowed","","","",%q],
		"channel":{"id":%q,"name":"PJSIP/trunk-%s","protocol_id":%q,"caller":{"number":"+442079460999"}}}`, from, channel, channel, callID))
}

// A network may deliver one INVITE twice. The household is rung for it once; but a caller who has hung up may ring again.
func TestAnInviteThatComesTwice(t *testing.T) {
	a := newFakeAsterisk(t)
	a.handler.handle = func(ctx context.Context, _ ivr.Arrival) error { <-ctx.Done(); return nil }
	a.arrives("1.1", "call-1", "<sip:a>;tag=1")
	a.arrives("1.2", "call-1", "<sip:a>;tag=1")
	a.arrives("1.3", "call-1", "<sip:a>;tag=2")
	a.arrives("1.4", "", "<sip:a>;tag=1")
	a.arrives("1.5", "", "<sip:a>;tag=1")
	a.sends(`{"type":"ChannelHangupRequest","channel":{"id":"1.1"}}`)
	a.arrives("1.6", "call-1", "<sip:a>;tag=1")
	for _, id := range []string{"1.1", "1.2", "1.3", "1.4", "1.5", "1.6"} {
		a.sends(fmt.Sprintf(`{"type":"StasisEnd","channel":{"id":%q}}`, id))
	}
	a.follows.Wait()
	calls := strings.Split(a.handler.noted(), ", ")
	if slices.Sort(calls); strings.Join(calls, ", ") != "call 1.1, call 1.3, call 1.4, call 1.5, call 1.6" {
		t.Errorf("the handler was told of %s", calls)
	}
	if went := a.wentTo("1.2"); went != "hang-up" {
		t.Errorf("the second one went to %q", went)
	}
}

// A call whose script fails, or forgets its caller, goes back to the dialplan, which rings; and the call's end is waited for there.
func TestACallThatFailsGoesBack(t *testing.T) {
	for name, c := range map[string]struct {
		handle func(context.Context, ivr.Arrival) error
		went   string
		ends   string
	}{
		"a fault":                 {func(context.Context, ivr.Arrival) error { return errors.New("the disk is full") }, "back", "call 1.1, gone 1.1"},
		"a panic":                 {func(context.Context, ivr.Arrival) error { panic("a fault") }, "back", "call 1.1, gone 1.1"},
		"a script that forgets":   {func(context.Context, ivr.Arrival) error { return nil }, "back", "call 1.1, gone 1.1"},
		"the dialplan took it":    {func(context.Context, ivr.Arrival) error { return ivr.ErrTakenBack }, "back", "call 1.1, gone 1.1"},
		"the connection was lost": {func(context.Context, ivr.Arrival) error { return ivr.ErrLost }, "", "call 1.1"},
		"a caller sent away":      {func(ctx context.Context, a ivr.Arrival) error { return a.Leg.SendAway(ctx, "") }, "turn-away", "call 1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newFakeAsterisk(t)
			a.answer("POST applications/ringfence/subscription", gone) // it has ended by then
			a.answer("GET recordings/stored/1.1-message/file", gone)
			a.handler.handle = c.handle
			a.arrives("1.1", "call-1", "<sip:a>;tag=1")
			a.follows.Wait()
			if went := a.wentTo("1.1"); went != c.went {
				t.Errorf("the caller went to %q", went)
			}
			if told := a.handler.noted(); told != c.ends {
				t.Errorf("the handler was told of %s", told)
			}
			if a.legOf("1.1") != nil {
				t.Error("the leg is still known")
			}
		})
	}
}

// A call that a household makes goes out unless the handler says no: whatever fails, they can ring 999.
func TestCallsThatAHouseholdMakes(t *testing.T) {
	for name, c := range map[string]struct {
		goes  bool
		fault error
		went  string
	}{
		"it may":                      {true, nil, "back"},
		"it may not":                  {false, nil, "hang-up"},
		"it could not be looked up":   {false, errors.New("the database is locked"), "back"},
		"they have hung up meanwhile": {false, ivr.ErrGone, ""},
	} {
		a := newFakeAsterisk(t)
		a.handler.goes, a.handler.fault = c.goes, c.fault
		if errors.Is(c.fault, ivr.ErrGone) {
			a.handler.before = func() { a.sends(`{"type":"StasisEnd","channel":{"id":"2.1"}}`) }
		}
		a.sends(`{"type":"StasisStart","args":["dial","home","02079460123"],"channel":{"id":"2.1","name":"PJSIP/hall-1"}}`)
		a.follows.Wait()
		if went := a.wentTo("2.1"); went != c.went || a.handler.noted() != "dials 02079460123" {
			t.Errorf("%s: it went to %q, and the handler was told of %s", name, went, a.handler.noted())
		}
	}
}

// What the dialplan reports is kept before the dialplan forgets it, which it does when the channel comes back.
func TestReportsAreAskedForAgainUntilTheyAreKept(t *testing.T) {
	for what, event := range map[string]string{
		"report k1": `{"type":"StasisStart","args":["told","k1","dialled","home","1795000000","999"],"channel":{"id":"3.1","name":"Local/x"}}`,
		"rang 1.1": `{"type":"StasisStart","args":["unlogged","1.1","home","1795000000","allowed","02079460999","ANSWER","60","absent"],
			"channel":{"id":"3.1","name":"Local/x"}}`,
	} {
		for fault, want := range map[error]string{nil: "back", errors.New("the disk is full"): "hang-up"} {
			a := newFakeAsterisk(t)
			a.handler.fault = fault
			a.sends(event)
			a.follows.Wait()
			if went := a.wentTo("3.1"); went != want || a.handler.noted() != what {
				t.Errorf("%s, %v: it went to %q, and the handler was told of %q", what, fault, went, a.handler.noted())
			}
		}
	}
}

// After a stalled connection, the dialplan may report a call whose script still has it. The script logs it.
func TestAReportOfACallThatItsScriptHas(t *testing.T) {
	a := newFakeAsterisk(t)
	a.leg("1.1", callerGrace).onLeave = func() {}
	a.sends(`{"type":"StasisStart","args":["unlogged","1.1","home","1795000000","allowed","02079460999","RINGING","0","absent"],"channel":{"id":"3.1","name":"Local/x"}}`)
	a.follows.Wait()
	if went := a.wentTo("3.1"); went != "hang-up" || a.handler.noted() != "" {
		t.Errorf("it went to %q, and the handler was told of %q", went, a.handler.noted())
	}
}

// A message that nobody waited for leaves Asterisk once it is kept, and not before; only then is the caller told so.
func TestAMessageStaysUntilItIsKept(t *testing.T) {
	for fault, kept := range map[error]bool{nil: true, errors.New("the disk is full"): false} {
		a := newFakeAsterisk(t)
		a.handler.fault = fault
		a.answer("GET recordings/stored/1.1-message/file", string(sound.WAV(8000, make([]byte, 16000))))
		a.sends(`{"type":"StasisStart","args":["recorded","home","DTMF"],"channel":{"id":"1.1","name":"PJSIP/trunk-1"}}`)
		a.follows.Wait()
		deleted, said := len(a.asked("DELETE recordings/stored/1.1-message")), len(a.asked("POST channels/1.1/variable"))
		if a.handler.noted() != "message 1.1" || (deleted == 1) != kept || (said == 1) != kept || a.wentTo("1.1") != "back" {
			t.Errorf("%v: told %s, deleted %d times, said %d times, went to %q", fault, a.handler.noted(), deleted, said, a.wentTo("1.1"))
		}
	}
}

// What the dialplan still records comes by itself when it ends; what nobody records any more is kept, but a household's own words are not.
func TestRecordingsThatAreLeftOver(t *testing.T) {
	a := newFakeAsterisk(t)
	a.answer("GET recordings/stored", `[{"name":"1.1-message"},{"name":"2.2-message"},{"name":"1.1-own-words"},{"name":"2.2-own-words"}]`)
	a.answer("GET channels", `[{"id":"1.1"}]`)
	for _, channel := range []string{"1.1", "2.2"} {
		a.answer("GET recordings/stored/"+channel+"-message/file", string(sound.WAV(8000, make([]byte, 16000))))
	}
	a.sweepRecordings(t.Context(), a.handler)
	if told := a.handler.noted(); told != "message 2.2" {
		t.Errorf("the handler was told of %s", told)
	}
	for name, want := range map[string]int{"1.1-message": 0, "2.2-message": 1, "1.1-own-words": 0, "2.2-own-words": 1} {
		if deleted := len(a.asked("DELETE recordings/stored/" + name)); deleted != want {
			t.Errorf("%s was deleted %d times", name, deleted)
		}
	}
}

// choices are a handler's answers about all households, or why it has none.
type choices struct {
	quietHandler
	guards []string
	counts map[string]ivr.MessageCount
	fault  error
}

func (c *choices) DialGuards(context.Context) ([]string, error) { return c.guards, c.fault }

func (c *choices) MessageCounts(context.Context) (map[string]ivr.MessageCount, error) {
	return c.counts, c.fault
}

// The dialplan is told when a household wants its calls asked about, and when not any more. If that can't be read, it goes on as before.
func TestWhichCallsAreAskedAbout(t *testing.T) {
	a, told := newFakeAsterisk(t), map[string]bool{}
	a.endpointsOf["other"] = nil
	fault := errors.New("the database is locked")
	for i, c := range []struct {
		guards []string
		fault  error
		tells  string
	}{
		{nil, nil, ""}, // it asks about nobody's calls until it is told to
		{[]string{"home"}, nil, "RF_GUARDED=1 home=1"},
		{[]string{"home"}, nil, ""},
		{nil, fault, ""},
		{[]string{"other"}, nil, "RF_GUARDED=1 home=0 other=1"},
	} {
		before := len(a.asked("POST asterisk/variable"))
		if err := a.setGuards(t.Context(), &choices{guards: c.guards, fault: c.fault}, told); !errors.Is(err, c.fault) {
			t.Errorf("%d: %v", i, err)
		}
		var got []string
		for _, set := range a.asked("POST asterisk/variable")[before:] {
			got = append(got, strings.TrimPrefix(set["variable"].(string), "RF_GUARD_")+"="+set["value"].(string))
		}
		if slices.Sort(got); strings.Join(got, " ") != c.tells {
			t.Errorf("%d: the dialplan was told %q, not %q", i, got, c.tells)
		}
	}
	// The next program finds an Asterisk that asks about somebody's calls, and does not know whose.
	a.answer("GET asterisk/variable", `{"value":"1"}`)
	before := len(a.asked("POST asterisk/variable"))
	if err := a.setGuards(t.Context(), &choices{}, map[string]bool{}); err != nil || len(a.asked("POST asterisk/variable")) != before+2 {
		t.Errorf("the dialplan was told %v: %v", a.asked("POST asterisk/variable")[before:], err)
	}
}

// A thousand telephones that are there when the program starts are told a few at a time, those with messages first. Whose messages change is told at once.
func TestLampsOfManyAreLitInTurn(t *testing.T) {
	a, shown, states := newFakeAsterisk(t), map[string]ivr.MessageCount{}, map[string]string{}
	handler := &choices{counts: map[string]ivr.MessageCount{"home7": {Unheard: 1}, "home70": {Heard: 2}}}
	a.endpointsOf = map[string][]string{}
	for i := range 3*lampsAtOnce + 15 {
		a.endpointsOf[fmt.Sprint("home", i)] = []string{fmt.Sprint("phone", i)}
	}
	look := func() (told []any) {
		before := len(a.asked("POST channels"))
		a.setLamps(t.Context(), handler, shown, states)
		for _, lit := range a.asked("POST channels")[before:] {
			told = append(told, lit["variables"].(map[string]any)["RF_PHONE"])
		}
		return told
	}
	first := look()
	if len(first) != lampsAtOnce || !slices.Contains(first[:2], any("phone7")) || !slices.Contains(first[:2], any("phone70")) {
		t.Errorf("first it tells %v", first)
	}
	handler.counts = map[string]ivr.MessageCount{"home70": {Heard: 2}}
	if next := look(); len(next) != lampsAtOnce+1 || next[0] != any("phone7") {
		t.Errorf("then it tells %v", next)
	}
	all := 2 * lampsAtOnce
	for range 10 {
		all += len(look())
	}
	if all != len(a.endpointsOf) {
		t.Errorf("it has told %d, not %d", all, len(a.endpointsOf))
	}
}

// One request and one query keep the states and the lamps of all households. A telephone is told once, and again when it comes back.
func TestLampsOfAllHouseholds(t *testing.T) {
	a, shown := newFakeAsterisk(t), map[string]ivr.MessageCount{}
	a.endpointsOf["other"] = []string{"den"}
	handler := &choices{counts: map[string]ivr.MessageCount{"home": {Unheard: 2, Heard: 1}}}
	states := func(hall string) {
		a.answer("GET endpoints/PJSIP", `[{"technology":"PJSIP","resource":"hall","state":"`+hall+`"},{"resource":"bed","state":"offline"},
			{"resource":"den","state":"unknown"},{"resource":"trunk","state":"online"}]`)
	}
	for i, c := range []struct {
		hall  string
		fault error
		lit   string
	}{
		{"online", nil, "den no 0/0, hall yes 2/1"},
		{"online", nil, ""},
		{"offline", nil, ""},
		{"online", errors.New("the database is locked"), ""},
		{"online", nil, "hall yes 2/1"},
	} {
		states(c.hall)
		handler.fault = c.fault
		before := len(a.asked("POST channels"))
		there, err := a.lookAtEndpoints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.setLamps(t.Context(), handler, shown, there)
		var got []string
		for _, lit := range a.asked("POST channels")[before:] {
			is := lit["variables"].(map[string]any)
			got = append(got, fmt.Sprintf("%s %s %s/%s", is["RF_PHONE"], is["RF_LAMP"], is["RF_NEW"], is["RF_OLD"]))
		}
		if slices.Sort(got); strings.Join(got, ", ") != c.lit {
			t.Errorf("%d: lit %q, not %q", i, got, c.lit)
		}
		if hall := a.Endpoint("hall"); hall.Online != (c.hall == "online") || !hall.Known || !a.Endpoint("trunk").Online || a.Endpoint("den").Known {
			t.Errorf("%d: the hall's telephone is %+v, the line %+v, the den's %+v", i, hall, a.Endpoint("trunk"), a.Endpoint("den"))
		}
	}
}

// What an application that died has left behind: telephones that ring for nobody stop, one that was picked up is connected with its caller,
// and for every other caller the household is rung.
func TestOrphans(t *testing.T) {
	a := newFakeAsterisk(t)
	a.answer("GET channels", `[{"id":"5.5"},{"id":"6.6"},{"id":"rf-5.5-hall"},{"id":"rf-6.6-hall"},{"id":"whisper-7.7"},{"id":"8.8"}]`)
	a.answer("GET channels/rf-5.5-hall", `{"id":"rf-5.5-hall","state":"Up"}`)
	a.answer("GET channels/rf-6.6-hall", `{"id":"rf-6.6-hall","state":"Ringing"}`)
	a.giveOrphansBack(t.Context(), a.handler, []string{"5.5", "6.6", "rf-5.5-hall", "rf-6.6-hall", "whisper-7.7"})
	for channel, want := range map[string]string{"5.5": "", "6.6": "back", "rf-5.5-hall": "back", "rf-6.6-hall": "", "8.8": ""} {
		if went := a.wentTo(channel); went != want {
			t.Errorf("%s went to %q, not %q", channel, went, want)
		}
	}
	for channel, want := range map[string]int{"rf-5.5-hall": 0, "rf-6.6-hall": 1, "whisper-7.7": 1, "5.5": 0, "6.6": 0, "8.8": 0} {
		if ended := len(a.asked("DELETE channels/" + channel)); ended != want {
			t.Errorf("%s was ended %d times", channel, ended)
		}
	}
	if told := a.handler.noted(); told != "orphan 6.6" {
		t.Errorf("the handler was told of %s", told)
	}
}

// What the telephones are doing decides whether a second caller is signalled; a call for help is never disturbed.
func TestUse(t *testing.T) {
	for name, c := range map[string]struct {
		channels map[string]string // by ID: state and context
		want     ivr.Use
		whispers bool
	}{
		"nothing":                     {nil, ivr.Free, false},
		"a telephone rings":           {map[string]string{"rf-1.1-hall": `"state":"Ringing"`}, ivr.Free, false},
		"they talk":                   {map[string]string{"rf-1.1-hall": `"state":"Up"`}, ivr.Talking, true},
		"they dial":                   {map[string]string{"2.1": `"state":"Ring"`}, ivr.Calling, false},
		"they have rung somebody":     {map[string]string{"2.1": `"state":"Up","dialplan":{"context":"dial"}`}, ivr.Calling, true},
		"they have rung 999":          {map[string]string{"2.1": `"state":"Up","dialplan":{"context":"emergency"}`}, ivr.Helped, false},
		"they did before an upgrade":  {map[string]string{"2.1": `"state":"Up","dialplan":{"context":"emergency-home"}`}, ivr.Helped, false},
		"help has rung":               {map[string]string{"rf-1.1-hall": `"state":"Up","dialplan":{"context":"help"}`}, ivr.Helped, false},
		"they talk, and one rang 999": {map[string]string{"rf-1.1-hall": `"state":"Up"`, "2.1": `"state":"Ring","dialplan":{"context":"emergency"}`}, ivr.Helped, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := newFakeAsterisk(t)
			ids := ""
			for id, data := range c.channels {
				a.answer("GET channels/"+id, fmt.Sprintf(`{"id":%q,%s}`, id, data))
				ids += fmt.Sprintf(`,%q`, id)
				a.answer("POST channels/"+id+"/snoop/whisper-"+id, gone)
			}
			a.answer("GET endpoints/PJSIP/hall", fmt.Sprintf(`{"state":"online","channel_ids":["9.9"%s]}`, ids)) // which has gone meanwhile
			a.answer("GET channels/9.9", gone)
			use, err := a.Use(t.Context(), "home")
			if use != c.want || err != nil {
				t.Errorf("%v, %v", use, err)
			}
			err = a.Whisper(t.Context(), "home", ivr.Sound{Media: "sound:waiting"})
			if whispers := errors.Is(err, ivr.ErrGone); whispers != c.whispers {
				t.Errorf("somebody hears a whisper: %v (%v)", whispers, err)
			}
		})
	}
}
