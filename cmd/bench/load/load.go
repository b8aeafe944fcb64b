// Package load makes calls with sipp, many at a time, and says how much processor time programs have used meanwhile.
package load

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// Caller is somebody who rings: which number they show, from which address the call comes, which number they dial.
type Caller struct{ Number, Address, Dials string }

// Calls are calls that sipp makes, by its callers in turn.
type Calls struct {
	Dir     string // for sipp's files
	SIP     string // Asterisk's address
	Course  string // Blocked or Talk
	Callers []Caller
	Number  int
	Every   time.Duration // how long after one call the next one begins
}

// Make makes the calls, and waits until the last is over. It is an error if one of them fails.
func (c Calls) Make(ctx context.Context) error {
	var callers strings.Builder
	callers.WriteString("SEQUENTIAL\n")
	for _, one := range c.Callers {
		fmt.Fprintf(&callers, "%s;%s;%s\n", one.Number, one.Address, one.Dials)
	}
	folder, err := os.MkdirTemp(c.Dir, "sipp")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"course.xml": invite + c.Course, "callers.csv": callers.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	// -t ui is a socket for each address of the second column.
	rate, period := rateOf(c.Every)
	sipp := exec.CommandContext(ctx, "sipp", "-sf", "course.xml", "-inf", "callers.csv", "-t", "ui", "-ip_field", "1", "-i", c.Callers[0].Address, "-mi", c.Callers[0].Address,
		"-m", strconv.Itoa(c.Number), "-r", rate, "-rp", period, "-l", strconv.Itoa(c.Number), "-max_socket", strconv.Itoa(mostSockets), "-nostdin", c.SIP)
	sipp.Dir = folder
	if out, err := sipp.CombinedOutput(); err != nil {
		return fmt.Errorf("sipp from %s: %w: %s", c.Callers[0].Address, err, out[max(0, len(out)-1500):])
	}
	return nil
}

// mostSockets are those of the addresses, and of the sound of calls in progress.
const mostSockets = 4000

// rateOf is how sipp wants it said: so many calls in so many milliseconds.
func rateOf(every time.Duration) (rate, period string) {
	if every < time.Second {
		return strconv.Itoa(int(time.Second / every)), "1000"
	}
	return "1", strconv.FormatInt(every.Milliseconds(), 10)
}

// CPU is the processor time that a process has used, in seconds.
func CPU(pid int) (float64, error) {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return 0, err
	}
	stat, err := process.Stat()
	return stat.CPUTime(), err
}

// invite begins each course: INVITE, and be answered.
const invite = `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="call">
  <send retrans="500"><![CDATA[
INVITE sip:[field2]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [field1]:[local_port];branch=[branch]
From: <sip:[field0]@[field1]:[local_port]>;tag=[pid]T[call_number]
To: <sip:[field2]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[field1]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [field1]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200"/>
  <send><![CDATA[
ACK sip:[field2]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [field1]:[local_port];branch=[branch]
From: <sip:[field0]@[field1]:[local_port]>;tag=[pid]T[call_number]
To: <sip:[field2]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Contact: <sip:caller@[field1]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
`

// Blocked is a caller who listens until the other side hangs up.
const Blocked = `  <recv request="BYE"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:caller@[field1]:[local_port]>
Content-Length: 0

]]></send>
</scenario>
`

// Talk is a caller who hangs up a second after somebody has answered.
const Talk = `  <pause milliseconds="1000"/>
  <send retrans="500"><![CDATA[
BYE sip:[field2]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [field1]:[local_port];branch=[branch]
From: <sip:[field0]@[field1]:[local_port]>;tag=[pid]T[call_number]
To: <sip:[field2]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Contact: <sip:caller@[field1]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
`
