package backend

import (
	"strings"
	"testing"
)

// What nobody has checked is never said to work, be it a line or a phone.
func TestWhatIsNotCheckedIsNotSaidToWork(t *testing.T) {
	asterisk, up := Part{Name: "Asterisk", Known: true, Up: true}, Part{Name: "x", Known: true, Up: true, Address: "192.168.1.20"}
	down, unknown, unchecked := Part{Name: "x", Known: true, Address: "192.168.1.20"}, Part{Name: "x", Up: true}, Part{Name: "x", Up: true, Unchecked: true}
	provider := down
	provider.Registers, provider.Address = true, "sip.example"
	abroad := down
	abroad.Address = "192.0.2.10"
	for _, c := range []struct {
		trunk           Part
		phones          []Part
		level, sentence string
	}{
		{up, []Part{up}, "ok", "All is well. The line works, and the phone is connected."},
		{up, []Part{up, up}, "ok", "All is well. The line works, and both phones are connected."},
		{up, []Part{up, up, up}, "ok", "All is well. The line works, and all three phones are connected."},
		{down, []Part{up}, "stop", "The line isn't working: the adapter at 192.168.1.20 doesn't answer."},
		{abroad, []Part{up}, "stop", "The line isn't working: the provider at 192.0.2.10 doesn't answer."},
		{provider, []Part{up}, "stop", "The line isn't working: it isn't registered at sip.example."},
		{up, []Part{down, down}, "stop", "No phone is connected, so nothing can ring."},
		{up, []Part{down, up}, "warn", "The line works, but one of the two phones isn't connected."},
		{unchecked, []Part{down, down, up}, "warn", "Two of the three phones aren't connected."},
		{unknown, []Part{up}, "warn", "The line can't be checked at the moment, and the phone is connected."},
		{unchecked, []Part{up}, "ok", "Ringfence is working. Nothing checks the line, and the phone is connected."},
		{up, []Part{unchecked}, "ok", "The line works, and nothing checks the phones."},
		{up, []Part{up, unchecked}, "ok", "The line works, and one phone is connected, and nothing checks the others."},
		{up, []Part{up, unknown}, "warn", "The line works, and the phones can't be checked at the moment."},
		{unchecked, []Part{unchecked}, "ok", "Ringfence is working. Nothing checks the line, and nothing checks the phones."},
	} {
		state := Line{Asterisk: asterisk, Trunk: c.trunk, Phones: c.phones}.State()
		if state.Level != c.level || state.Sentence != c.sentence {
			t.Errorf("trunk %+v, phones %+v: %s %q, not %s %q", c.trunk, c.phones, state.Level, state.Sentence, c.level, c.sentence)
		}
		for _, part := range state.Parts {
			works := part.Words == "works" || part.Words == "is connected" || part.Words == "is working"
			if works && !part.Known || !part.Known && !strings.Contains(part.Words, "checked") {
				t.Errorf("%s %s, though known is %v", part.What, part.Words, part.Known)
			}
		}
	}
}

// Where nothing reaches Asterisk by SIP, calls can't come in, whatever else is known of the line and the phones.
func TestALineWithoutSIP(t *testing.T) {
	up, down := Part{Known: true, Up: true}, Part{Known: true}
	for _, others := range []Part{up, down} {
		line := Line{Asterisk: up, Trunk: others, Phones: []Part{others}, SIP: "another program on this machine has UDP port 5060"}
		if state := line.State(); state.Level != "stop" || state.Sentence != "No calls can come in." || state.Next != "Another program on this machine has UDP port 5060." {
			t.Errorf("with the others up: %v: %+v", others.Up, state)
		}
	}
}

// What is wrong with the machine is said where calls work; what only needs attention is no reason to alarm anybody.
func TestWhatIsWrongWithTheMachine(t *testing.T) {
	up := Part{Known: true, Up: true}
	line := Line{Asterisk: up, Trunk: up, Phones: []Part{up}, Machine: []PartState{{Level: "warn", What: "Clock:", Words: "no time server sets it"}}}
	if state := line.State(); state.Level != "ok" || len(state.Parts) != 4 {
		t.Errorf("%+v", state)
	}
	line.Machine[0] = PartState{Level: "stop", What: "Disk:", Words: "only 50 MB are free"}
	if state := line.State(); state.Level != "warn" || state.Next != "Disk: only 50 MB are free." {
		t.Errorf("%+v", state)
	}
}
