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

	// A language model that reads the words a second time: where its OpenAI-compatible interface begins, "" for none; its key, "" for none; and its name.
	Opinion      string `toml:"opinion"`
	OpinionKey   string `toml:"opinion_key"`
	OpinionModel string `toml:"opinion_model"`
}

func (s Speech) validate() error {
	return errors.Join(s.validateReader(), s.validateOpinion())
}

func (s Speech) validateReader() error {
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
		if err == nil && isElsewhere(host) {
			err = fmt.Errorf("speech.wyoming is %q, where others could listen in: write the address of a machine in your home network", s.Wyoming)
		}
		return err
	case SpeechOpenAI:
		return s.validateOpenAI()
	}
	return nil
}

func (s Speech) validateOpenAI() error {
	if err := validateInterface("speech.openai", s.OpenAI, "https://speech.example.org/v1"); err != nil {
		return err
	}
	if s.OpenAIModel == "" {
		return errors.New("speech.openai_model is missing: write the model's name, such as whisper-1")
	}
	return nil
}

func (s Speech) validateOpinion() error {
	if !s.HasOpinion() {
		return nil
	}
	if err := validateInterface("speech.opinion", s.Opinion, "http://192.168.1.30:11434/v1"); err != nil {
		return err
	}
	if s.OpinionModel == "" {
		return errors.New("speech.opinion_model is missing: write the model's name, as the service calls it")
	}
	return nil
}

// HasOpinion says whether a language model is asked. Without a reader there are no words to ask about.
func (s Speech) HasOpinion() bool { return s.Opinion != "" && s.Reader != SpeechNone }

// validateInterface refuses an address that is none, or on the way to which others could listen in on what people say.
func validateInterface(setting, address, example string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("%s is %q: write the address at which the interface begins, such as %s", setting, address, example)
	}
	if u.Scheme == "http" && !isOfHome(u) {
		return fmt.Errorf("%s is %q, where others could listen in: write https, or the address of a machine in your home network", setting, address)
	}
	return nil
}

// isElsewhere says whether a host is an address that is no home's. A name may lead anywhere, and is not.
func isElsewhere(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && !homenet.Has(a)
}

// isOfHome says whether an address is that of a machine at home. A name may lead anywhere.
func isOfHome(u *url.URL) bool { return u.Hostname() == "localhost" || homenet.HasHost(u.Hostname()) }

// cloudModel is how the names of models end that a local Ollama sends on to its maker: https://docs.ollama.com/cloud/models.
const cloudModel = "cloud"

// OpinionIsOfHome says whether the words stay in the house that are read a second time, as far as address and name can tell.
func (s Speech) OpinionIsOfHome() bool {
	u, err := url.Parse(s.Opinion)
	return err == nil && isOfHome(u) && !strings.HasSuffix(s.OpinionModel, cloudModel)
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

// KeyForOpinion is the key for the language model; "" if there is none.
func (s Speech) KeyForOpinion() (string, error) {
	return secret(owned{name: "the key for the second opinion", foreign: true}, s.OpinionKey)
}
