package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ringfence/internal/homenet"
)

// The kinds of speech recognition.
const (
	SpeechNone    = "none"
	SpeechBuiltIn = "built-in" // on this machine, where it is installed; English
	SpeechWyoming = "wyoming"  // a server of Home Assistant's
	SpeechOpenAI  = "openai"   // anything with the interface of OpenAI's audio/transcriptions
)

// Speech is what turns recordings into text.
type Speech struct {
	Reader      string `toml:"reader"`
	Wyoming     string `toml:"wyoming"`      // where the Wyoming server is
	OpenAI      string `toml:"openai"`       // where an OpenAI-compatible interface begins, such as https://api.example/v1
	OpenAIKey   string `toml:"openai_key"`   // "" is none
	OpenAIModel string `toml:"openai_model"` // as the interface calls it
	Language    string `toml:"language"`     // of the callers, such as "en"; "" lets the server find out
}

func (s Speech) validate() error {
	kinds := []string{SpeechNone, SpeechBuiltIn, SpeechWyoming, SpeechOpenAI}
	if !slices.Contains(kinds, s.Reader) {
		return fmt.Errorf("speech.reader is %q: it must be %s or %s", s.Reader, strings.Join(kinds[:3], ", "), kinds[3])
	}
	switch s.Reader {
	case SpeechWyoming:
		if s.Wyoming == "" {
			return errors.New("speech.wyoming is missing: write the address of the Wyoming server, such as 192.168.1.30:10300")
		}
		host, _, err := hostPort("speech.wyoming", s.Wyoming, wyomingPort)
		if a, bad := netip.ParseAddr(host); err == nil && bad == nil && !homenet.Has(a) { // a name may lead anywhere
			err = fmt.Errorf("speech.wyoming is %q, where others could listen in: write the address of a machine in your home network", s.Wyoming)
		}
		return err
	case SpeechOpenAI:
		return s.validateOpenAI()
	}
	return nil
}

// validateOpenAI refuses an address on the way to which others could listen in on what people say.
func (s Speech) validateOpenAI() error {
	u, err := url.Parse(s.OpenAI)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("speech.openai is %q: write the address at which the interface begins, such as https://speech.example.org/v1", s.OpenAI)
	}
	if u.Scheme == "http" && u.Hostname() != "localhost" && !homenet.HasHost(u.Hostname()) {
		return fmt.Errorf("speech.openai is %q, where others could listen in: write https, or the address of a machine in your home network", s.OpenAI)
	}
	if s.OpenAIModel == "" {
		return errors.New("speech.openai_model is missing: write the model's name, such as whisper-1")
	}
	return nil
}

// wyomingPort is that of Home Assistant's speech servers.
const wyomingPort = 10300

// WyomingAddress is where the Wyoming server is, with its port.
func (s Speech) WyomingAddress() string {
	host, port, err := hostPort("speech.wyoming", s.Wyoming, wyomingPort)
	if err != nil { // refused by validate
		return s.Wyoming
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// Key is the key for the OpenAI-compatible interface; "" if there is none.
func (s Speech) Key() (string, error) {
	return secret(owned{name: "the key for speech recognition", foreign: true}, s.OpenAIKey)
}
