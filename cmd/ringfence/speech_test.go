package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/sound"
)

// wyomingServer is a Wyoming server that reads the same in every recording.
func wyomingServer(t *testing.T, text string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				from := bufio.NewReader(conn)
				for {
					line, err := from.ReadBytes('\n')
					var event struct {
						Type   string `json:"type"`
						Length int64  `json:"payload_length"`
					}
					if err != nil || json.Unmarshal(line, &event) != nil {
						return
					}
					_, _ = io.CopyN(io.Discard, from, event.Length)
					if event.Type == "audio-stop" {
						_ = json.NewEncoder(conn).Encode(map[string]any{"type": "transcript", "data": map[string]string{"text": text}})
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

func withSpeech(t *testing.T, table string) home {
	return newHome(t, "[speech]\n"+table+"\n"+usualSettings)
}

func TestSpeechRead(t *testing.T) {
	beside(t)
	h := withSpeech(t, "reader = \"wyoming\"\nwyoming = \""+wyomingServer(t, " Hello,  it's\nAnn. ")+"\"")
	silence := filepath.Join(t.TempDir(), "silence.wav")
	text := filepath.Join(t.TempDir(), "text.wav")
	minute := filepath.Join(t.TempDir(), "minute.wav")
	caller := "../../softphone/voices/bank.wav"
	recording, err := os.ReadFile(caller)
	if err != nil {
		t.Fatal(err)
	}
	_, said, err := sound.Read(recording)
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{
		minute:  string(sound.WAV(sound.Rate, bytes.Repeat(said, 60*sound.BytesPerSecond/len(said)))),
		silence: "RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x10\x00\x00" + strings.Repeat("\x00", 4096), text: "no recording"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, errOut := h.run("speech", "read", caller, silence, caller); code != exitDone || out != "Hello, it's Ann.\n\nHello, it's Ann.\n" || errOut != "" {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	if code, out, errOut := h.run("speech", "read", text, caller); code != exitFailed || out != "\nHello, it's Ann.\n" || !strings.Contains(errOut, "text.wav: ") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	if code, out, errOut := h.run("speech", "read", minute); code != exitDone || strings.Count(out, "Hello, it's Ann.") < 8 || strings.Count(out, "\n") != 1 || errOut != "" {
		t.Errorf("a minute of speech: exit %d, %q, %q", code, out, errOut)
	}
	h.says(exitUsage, "there-is-none.wav", "speech", "read", "there-is-none.wav")
	withSpeech(t, `reader = "none"`).says(exitFailed, "switched off", "speech", "read", caller)
}

func TestSpeechSettingsAreRefusedWithWhatToWrite(t *testing.T) {
	beside(t)
	for table, want := range map[string]string{
		`reader = "ears"`:    "must be none, built-in, wyoming or openai",
		`reader = "wyoming"`: "speech.wyoming is missing",
		"reader = \"openai\"\nopenai = \"http://speech.example.org/v1\"":                        "where others could listen in",
		"reader = \"wyoming\"\nwyoming = \"203.0.113.7:10300\"":                                 "where others could listen in",
		"reader = \"openai\"\nopenai = \"https://127.0.0.1:1/v1\"\nopenai_key = \"file:/none\"": "/none",
		"reader = \"openai\"\nopenai = \"speech.example.org\"":                                  "write the address",
		"reader = \"openai\"\nopenai = \"https://speech.example.org/v1\"\nopenai_model = \"\"":  "openai_model is missing",
	} {
		withSpeech(t, table).says(exitFailed, want, "speech", "read", "../../softphone/voices/bank.wav")
	}
}

func TestCheckHasARecordingOfOursRead(t *testing.T) {
	for text, want := range map[string]string{
		"sorry i did not hear anything. After the tone please say your name and why you are calling": "ok    speech recognition",
		"I would like to order a pizza with everything":                                              "the test recording was misread as \"I would like",
	} {
		h := withSpeech(t, "reader = \"wyoming\"\nwyoming = \""+wyomingServer(t, text)+"\"")
		if _, out, _ := h.run("check"); !strings.Contains(out, want) {
			t.Errorf("%q:\n%s", text, out)
		}
	}
	h := withSpeech(t, `reader = "none"`)
	if _, out, _ := h.run("check"); !strings.Contains(out, "--    speech recognition     it is switched off") {
		t.Errorf("switched off:\n%s", out)
	}
	h = withSpeech(t, "reader = \"openai\"\nopenai = \"https://127.0.0.1:1/v1\"\nopenai_key = \"file:/none\"")
	if _, out, _ := h.run("check"); !strings.Contains(out, "FAIL  speech recognition     a recording could not be read by the service at https://127.0.0.1:1/v1") || !strings.Contains(out, "/none") {
		t.Errorf("a key that cannot be read:\n%s", out)
	}
	h = withSpeech(t, `reader = "built-in"`)
	t.Setenv("RINGFENCE_SPEECH", "no whole path")
	if _, out, _ := h.run("check"); !strings.Contains(out, "--    speech recognition     RINGFENCE_SPEECH is") || strings.Contains(out, "speech install") {
		t.Errorf("where it cannot be installed:\n%s", out)
	}
}
