package softphone

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// eventPayload is the payload type of telephone events in our offers (RFC 4733). Nearly everybody uses it.
const eventPayload = 101

// session is what one side's SDP says about its sound (RFC 8866).
type session struct {
	at     netip.AddrPort
	codecs []Codec
	events uint8 // payload type of telephone events; 0: none
}

func (s session) marshal() []byte {
	payloads, maps := "", ""
	for _, c := range s.codecs {
		payloads += fmt.Sprintf(" %d", uint8(c))
		maps += fmt.Sprintf("a=rtpmap:%d %s/%d\r\n", uint8(c), c, rtpClock)
	}
	if s.events != 0 {
		payloads += fmt.Sprintf(" %d", s.events)
		maps += fmt.Sprintf("a=rtpmap:%d telephone-event/%d\r\na=fmtp:%d 0-15\r\n", s.events, rtpClock, s.events)
	}
	where := "IN IP4 " + s.at.Addr().String()
	if s.at.Addr().Is6() {
		where = "IN IP6 " + s.at.Addr().String()
	}
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 %s\r\ns=-\r\nc=%s\r\nt=0 0\r\nm=audio %d RTP/AVP%s\r\n%sa=ptime:20\r\na=sendrecv\r\n",
		where, where, s.at.Port(), payloads, maps)
}

// parseSession reads the audio line of an SDP. Codecs that are unknown here are left out.
func parseSession(text []byte) (session, error) {
	var s session
	var host netip.Addr
	var port uint64
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "c=") && len(fields) == 3:
			host, _ = netip.ParseAddr(fields[2])
		case strings.HasPrefix(line, "m=audio ") && len(fields) >= 4:
			port, _ = strconv.ParseUint(fields[1], 10, 16)
			for _, f := range fields[3:] {
				if payload, err := strconv.ParseUint(f, 10, 8); err == nil && known(Codec(payload)) {
					s.codecs = append(s.codecs, Codec(payload))
				}
			}
		case strings.HasPrefix(line, "a=rtpmap:") && len(fields) == 2:
			if strings.HasPrefix(strings.ToLower(fields[1]), "telephone-event/8000") {
				payload, _ := strconv.ParseUint(strings.TrimPrefix(fields[0], "a=rtpmap:"), 10, 7)
				s.events = uint8(payload)
			}
		}
	}
	if !host.IsValid() || port == 0 {
		return s, errors.New("the other side's SDP names no address for its sound")
	}
	s.at = netip.AddrPortFrom(host, uint16(port))
	return s, nil
}

func known(c Codec) bool { return c == PCMA || c == PCMU || c == G722 }

// choose is the first of the wanted codecs that is offered.
func choose(wanted, offered []Codec) (Codec, error) {
	for _, c := range wanted {
		if slices.Contains(offered, c) {
			return c, nil
		}
	}
	return 0, fmt.Errorf("the other side offers %v, and this telephone only has %v", offered, wanted)
}
