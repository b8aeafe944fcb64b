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
