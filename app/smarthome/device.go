package smarthome

import (
	"context"
	"maps"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

// state is how a household is. Its fields are a contract with people's automations: fields are added, never renamed.
type state struct {
	Problem string `json:"problem"` // ON or OFF, as Home Assistant's binary sensors have it
	Line    string `json:"line"`    // a sentence
	Mode    string `json:"mode"`    // one of household.Modes, in words
	Now     string `json:"now"`     // what happens to callers at this moment
	Call    string `json:"call"`    // what goes on in the call in progress, in a sentence; "Nobody is calling" without one
	Calling string `json:"calling"` // ON while a call is in progress
	Caller  string `json:"caller"`  // who rang last
	Number  string `json:"number"`
	At      string `json:"at"`     // when, in RFC 3339; "" if nobody has rung yet
	Result  string `json:"result"` // how that call ended, or what goes on in it
	Words   string `json:"words"`  // what they said, as a machine has read it; always "" unless an owner shows words
	Answer  string `json:"answer"` // why the last press was refused; "" if it was not
}

// nobody is what state says of calls while there is none.
const nobody = "Nobody is calling"

// recent are how many calls are looked through for those in progress.
const recent = 5

// stale is how long a call without an end counts as in progress.
const stale = time.Hour

// mostWords of what a caller said are shown, in characters: Home Assistant takes 255 in a state.
const mostWords = 250

// look fills in what the smart home is to be shown of a household: nothing unless an owner has chosen it.
func (h *Home) look(ctx context.Context, name string, now *shown) error {
	about, err := h.Store.About(ctx, name)
	if err != nil || !about.SmartHomeOn() {
		return err
	}
	house, err := h.House(ctx, name)
	if err != nil {
		return err
	}
	calls, _, err := h.Store.FindCalls(ctx, name, store.CallSearch{Limit: recent})
	if err != nil {
		return err
	}
	at, line := time.Now(), h.Line(name).State()
	s := state{
		Problem: onOff(line.Level == "stop"), Line: line.Sentence, Mode: household.ModeName(house.ModeAt(at)), Now: household.NowInWords(house, at), Call: nobody, Answer: now.answer,
	}
	for i, c := range calls {
		hears := about.SmartHome == store.SmartHomeWords
		if !hears {
			c = timeline.WithoutWords(c)
		}
		if i == 0 {
			s.last(c, house.Region)
		}
		if i == 0 && hears {
			s.words(c)
		}
		if c.Outcome == "" && c.Ended.IsZero() && at.Sub(c.At) < stale && now.call == 0 {
			now.call, s.Call = c.ID, timeline.Summary(c)
		}
	}
	s.Calling = onOff(now.call != 0)
	if now.state, err = written(s); err != nil {
		return err
	}
	now.device, err = written(h.device(name, about))
	return err
}

// last fills in who rang last.
func (s *state) last(c store.LoggedCall, region string) {
	s.Number, s.At, s.Result = timeline.Number(c.Call, region), c.At.UTC().Format(time.RFC3339), timeline.Summary(c)
	s.Caller = s.Number
	for _, name := range []string{c.Name, c.Contact} {
		if name = timeline.Printable(name); name != "" {
			s.Caller = name
		}
	}
}

// words fills in what the caller said who rang last.
func (s *state) words(c store.LoggedCall) {
	for _, kind := range []string{calllog.RecordedName, calllog.RecordedMessage} {
		if r, there := c.Recording(kind); there && r.Text != "" {
			s.Words = screening.CleanLine(r.Text, mostWords)
		}
	}
}

func onOff(on bool) string {
	if on {
		return "ON"
	}
	return "OFF"
}

// part is a part of a device, in Home Assistant's own words (its documentation, "MQTT discovery").
type part map[string]any

// Orders of the smart home, as the last word of a topic.
const orderPress, orderMode = "press", "mode"

// device is a household as Home Assistant's discovery wants it. A part that has nothing but its platform is one that is no longer there.
func (h *Home) device(name string, about store.About) any {
	id := identifier(h.Broker.Topic + "/" + name)
	shows := func(platform, title, field string, more ...part) part {
		p := part{"p": platform, "name": title, "unique_id": id + "_" + field, "value_template": "{{ value_json." + field + " }}"}
		for _, m := range more {
			maps.Copy(p, m)
		}
		return p
	}
	attributes := func(text string) part {
		return part{"json_attributes_topic": h.stateTopic(name), "json_attributes_template": text}
	}
	parts := map[string]part{
		"problem": shows("binary_sensor", "Line", "problem", part{"device_class": "problem"}, attributes("{{ {'line': value_json.line} | tojson }}")),
		"calling": shows("binary_sensor", "Call", "calling", part{"icon": "mdi:phone-ring"}),
		"call":    shows("sensor", "Call in words", "call", part{"icon": "mdi:phone"}),
		"caller": shows("sensor", "Last caller", "caller",
			attributes("{{ {'number': value_json.number, 'at': value_json.at, 'result': value_json.result} | tojson }}")),
		"mode":        shows("sensor", "Mode", "mode", attributes("{{ {'now': value_json.now, 'answer': value_json.answer} | tojson }}")),
		"words":       {"p": "sensor"},
		"let_through": {"p": "button"},
		"send_away":   {"p": "button"},
		"choose_mode": {"p": "select"},
	}
	if about.SmartHome == store.SmartHomeWords {
		parts["words"] = shows("sensor", "Last caller’s words", "words", part{"icon": "mdi:text"})
	}
	if about.SmartHomeKeys {
		press := func(title string, key calllog.CarerKey, icon string) part {
			return part{"p": "button", "name": title, "unique_id": id + "_" + string(key), "command_topic": h.orderTopic(name, orderPress), "payload_press": string(key), "icon": icon}
		}
		parts["let_through"] = press("Let through", calllog.CarerLetThrough, "mdi:phone-check")
		parts["send_away"] = press("Send away", calllog.CarerSendAway, "mdi:phone-remove")
		var modes []string
		for _, m := range household.Modes() {
			modes = append(modes, m.Words)
		}
		parts["choose_mode"] = shows("select", "Choose the mode", "mode", part{
			"unique_id": id + "_choose_mode", "command_topic": h.orderTopic(name, orderMode), "options": modes, "icon": "mdi:phone-lock",
		})
	}
	return map[string]any{
		"dev":  part{"ids": id, "name": about.Called(), "mf": "Ringfence", "mdl": "Call screener", "sw": h.Release},
		"o":    part{"name": "Ringfence", "sw": h.Release},
		"cmps": parts, "state_topic": h.stateTopic(name), "availability_topic": h.statusTopic(), "qos": atLeast,
	}
}
