package config

import (
	"strings"
	"testing"
)

// Recordings go unencrypted to machines of the home alone.
func TestSpeechStaysInTheHouseUnencrypted(t *testing.T) {
	for address, home := range map[string]bool{
		"192.168.1.30:10300": true, "192.168.1.30": true, "[fd00::30]:10300": true, "fe80::30": true, "127.0.0.1:10300": true, "speech.local:10300": true,
		"203.0.113.7:10300": false, "203.0.113.7": false, "[2001:db8::7]:10300": false, "2001:db8::7": false, "[::ffff:203.0.113.7]:10300": false,
	} {
		s := Speech{Reader: SpeechWyoming, Wyoming: address}
		if err := s.validate(); (err == nil) != home || err != nil && !strings.Contains(err.Error(), "listen in") {
			t.Errorf("wyoming = %q: %v", address, err)
		}
	}
	for address, good := range map[string]bool{
		"http://localhost:8000/v1": true, "http://192.168.1.30:8000/v1": true, "http://[fe80::30]:8000/v1": true, "http://169.254.1.30/v1": true,
		"https://203.0.113.7/v1": true, "http://203.0.113.7/v1": false, "http://speech.example.org/v1": false, "http://[2001:db8::7]/v1": false,
	} {
		s := Speech{Reader: SpeechOpenAI, OpenAI: address, OpenAIModel: "whisper-1"}
		if err := s.validate(); (err == nil) != good || err != nil && !strings.Contains(err.Error(), "listen in") {
			t.Errorf("openai = %q: %v", address, err)
		}
	}
}

// The words go unencrypted to machines of the home alone, and what goes elsewhere is known to.
func TestOpinionSettings(t *testing.T) {
	for address, want := range map[string]string{
		"http://localhost:11434/v1": "home", "http://192.168.1.30:11434/v1": "home", "https://192.168.1.30/v1": "home", "http://[fd00::30]:11434/v1": "home",
		"https://opinions.example.org/v1": "elsewhere", "https://ollama.local/v1": "elsewhere", "https://203.0.113.7/v1": "elsewhere",
		"http://opinions.example.org/v1": "listen in", "http://203.0.113.7/v1": "listen in", "http://[2001:db8::7]/v1": "listen in",
		"192.168.1.30:11434": "write the address", "ftp://192.168.1.30": "write the address", "http://user:password@192.168.1.30/v1": "write the address",
	} {
		s := Speech{Reader: SpeechBuiltIn, Opinion: address, OpinionModel: "small"}
		got := map[bool]string{true: "home", false: "elsewhere"}[s.OpinionIsOfHome()]
		if err := s.validate(); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, not %s", address, got, want)
		}
	}
	at := "http://localhost:11434/v1"
	if err := (Speech{Reader: SpeechBuiltIn, Opinion: at}).validate(); err == nil || !strings.Contains(err.Error(), "opinion_model is missing") {
		t.Error(err)
	}
	if s := (Speech{Reader: SpeechNone, Opinion: at, OpinionModel: "small"}); s.validate() != nil || s.HasOpinion() {
		t.Error("without a reader it is asked, or no call is screened because of it")
	}
	for model, home := range map[string]bool{"gemma3:4b": true, "gpt-oss:120b-cloud": false, "gemma4:cloud": false} {
		if (Speech{Opinion: at, OpinionModel: model}).OpinionIsOfHome() != home {
			t.Errorf("the model %s runs at home: %v", model, !home)
		}
	}
}
