package testbed

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Number is the line's own number.
const Number = "+442079460100"

var settingsText = template.Must(template.New("").Parse(`data = "{{.Dir}}/data"
region = "GB"

[asterisk]
sip = "{{.SIP}}"
ari = "{{.ARI}}"
rtp_first = {{.RTP}}
rtp_last = {{.RTPLast}}
{{.Asterisks}}

[web]
listen = "{{.Web}}"

[[trunk]]
name = "line"
{{if .Trunk}}{{.Trunk}}{{else}}address = "{{.Provider}}"{{if not .Answers}}
qualify = false{{end}}{{end}}
{{if .Router}}router = true
{{end}}{{with .Calls}}calls = {{.}}{{end}}

[[household]]
name = "home"
trunk = "line"
number = "` + Number + `"
{{with .Language}}language = "{{.}}"
{{end}}{{.Household}}
{{range .Phones}}
[[household.phone]]
name = "{{.Name}}"
{{if .Address}}address = "{{.Address}}"{{else}}password = "{{index $.Passwords .Name}}"{{end}}
{{if .IPv6}}ipv6 = true{{end}}
{{end}}
{{.Extra}}
`))

func (s *Testbed) language() string {
	if s.Language == "" {
		return "en-GB"
	}
	return s.Language
}

func (s *Testbed) asteriskDir() string { return filepath.Join(s.Dir, "data", "asterisk") }

// write chooses ports and passwords, and writes ringfence.toml.
func (s *Testbed) write() error {
	sip := s.SIPAddress
	if sip == "" {
		var err error
		if sip, err = Free("udp", AsteriskIP); err != nil {
			return err
		}
	}
	ari, err := Free("tcp", AsteriskIP)
	if err != nil {
		return err
	}
	provider, err := Free("udp", TrunkIP)
	if err != nil {
		return err
	}
	if s.Web, err = Free("tcp", AsteriskIP); err != nil {
		return err
	}
	s.SIP, s.ARI, s.Provider = sip, ari, provider
	for _, p := range s.Phones {
		if p.Address == "" {
			s.Passwords[p.Name] = rand.Text()
		}
	}
	ports := cmp.Or(s.RTPPorts, 1000)
	first := min(FirstRTPPort(), 65536-ports)
	var text bytes.Buffer
	if !strings.Contains(s.Extra, "[speech]") { // whatever is installed on this machine
		s.Extra += "\n[speech]\nreader = \"none\"\n"
	}
	err = settingsText.Execute(&text, struct {
		*Testbed
		RTP, RTPLast int
	}{s, first, first + ports - 1})
	if err != nil {
		return err
	}
	s.Settings = filepath.Join(s.Dir, "ringfence.toml")
	return os.WriteFile(s.Settings, text.Bytes(), 0o600)
}

// FirstRTPPort is where a range of ports for sound begins. Asterisk tries the next port where one is taken, so ranges of several testbeds may overlap.
func FirstRTPPort() int {
	bits := [1]byte{}
	_, _ = rand.Read(bits[:])
	return 20000 + 2*int(bits[0])*40
}
