package softphone

import (
	"net/netip"
	"reflect"
	"testing"
)

func TestSession(t *testing.T) {
	s := session{at: netip.MustParseAddrPort("127.0.0.3:4000"), codecs: []Codec{G722, PCMA, PCMU}, events: 101}
	again, err := parseSession(s.marshal())
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("%v came back as %v, %v", s, again, err)
	}
}

// Asterisk 22's answer to a call, with line ends of both kinds.
const asterisks = "v=0\r\no=- 1 3 IN IP4 127.0.0.1\r\ns=Asterisk\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20016 RTP/AVP 3 8 0 96 101\r\n" +
	"a=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=rtpmap:101 telephone-event/16000\na=fmtp:96 0-16\n\n\r\na=ptime:20\r\na=sendrecv"

func TestAsterisksSession(t *testing.T) {
	s, err := parseSession([]byte(asterisks))
	want := session{at: netip.MustParseAddrPort("127.0.0.1:20016"), codecs: []Codec{PCMA, PCMU}, events: 96}
	if err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("read as %v, %v", s, err)
	}
	if c, err := choose([]Codec{G722, PCMU, PCMA}, s.codecs); c != PCMU || err != nil {
		t.Errorf("chosen is %v, %v", c, err)
	}
	if _, err := choose([]Codec{G722}, s.codecs); err == nil {
		t.Error("a codec was chosen that is not offered")
	}
}

func FuzzSession(f *testing.F) {
	f.Add([]byte(asterisks))
	f.Add([]byte("c=IN IP4\nm=audio\nm=audio x RTP/AVP 8\na=rtpmap:"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseSession(text)
		if err == nil && (!s.at.IsValid() || s.at.Port() == 0) {
			t.Errorf("%q has the address %v", text, s.at)
		}
	})
}
