package wyoming_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/speech"
	"ringfence/speech/wyoming"
)

func caller(t *testing.T) []byte {
	t.Helper()
	recording, err := os.ReadFile("../../softphone/voices/hello.wav")
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// server is a Wyoming server that answers each connection with a function.
func server(t *testing.T, answer func(conn net.Conn)) wyoming.Server {
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
				answer(conn)
			}()
		}
	}()
	return wyoming.Server{Address: listener.Addr().String(), Language: "fr"}
}

// heard is what a server was sent: the types of the events, their data, and how much sound.
func heard(conn net.Conn) (types []string, language string, rate float64, sound int) {
	from := bufio.NewReader(conn)
	for {
		line, err := from.ReadBytes('\n')
		if err != nil {
			return types, language, rate, sound
		}
		var e struct {
			Type          string         `json:"type"`
			Data          map[string]any `json:"data"`
			PayloadLength int            `json:"payload_length"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return types, language, rate, sound
		}
		if len(types) == 0 || types[len(types)-1] != e.Type {
			types = append(types, e.Type)
		}
		if l, is := e.Data["language"].(string); is {
			language = l
		}
		if r, is := e.Data["rate"].(float64); is {
			rate = r
		}
		n, _ := io.CopyN(io.Discard, from, int64(e.PayloadLength))
		sound += int(n)
		if e.Type == "audio-stop" {
			return types, language, rate, sound
		}
	}
}

func TestServerReadsTheRecording(t *testing.T) {
	for name, answer := range map[string]string{
		"in the line":    `{"type":"transcript","data":{"text":"Bonjour."}}` + "\n",
		"after the line": `{"type":"transcript","version":"1.5.2","data_length":19}` + "\n" + `{"text":"Bonjour."}`,
		"after others":   `{"type":"transcript-start","data":{}}` + "\n" + `{"type":"transcript-chunk","data":{"text":"Bon"},"payload_length":3}` + "\nabc" + `{"type":"transcript","data":{"text":"Bonjour."}}` + "\n",
	} {
		s := server(t, func(conn net.Conn) {
			types, language, rate, sound := heard(conn)
			if strings.Join(types, " ") != "transcribe audio-start audio-chunk audio-stop" || language != "fr" || rate != 16000 || sound < 2*16000 {
				t.Errorf("sent %q in %q at %v, %d bytes", types, language, rate, sound)
			}
			_, _ = io.WriteString(conn, answer)
		})
		if words, err := s.Read(t.Context(), caller(t)); err != nil || words != (speech.Words{Text: "Bonjour."}) {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
}

func TestServerThatIsWrongHasNoWords(t *testing.T) {
	for name, answer := range map[string]string{
		"dies": "", "half a line": `{"type":"transcript","data":{"te`, "another protocol": "HTTP/1.1 400 Bad Request\r\n\r\n", "no text": `{"type":"transcript","data":{}}` + "\n",
		"text that is none": `{"type":"transcript","data":{"text":7}}` + "\n", "an error": `{"type":"error","data":{"text":"out of memory"}}` + "\n",
		"too long a line": strings.Repeat("a", 1<<20), "too much data": `{"type":"transcript","data_length":2000000000}` + "\n", "less than nothing": `{"type":"transcript","data_length":-5}` + "\n",
		"too much sound": `{"type":"audio-chunk","payload_length":2000000000}` + "\n", "less than it says": `{"type":"transcript","data_length":400}` + "\n{}",
		"everything but an answer": strings.Repeat(`{"type":"describe"}`+"\n", 5000),
	} {
		s := server(t, func(conn net.Conn) {
			heard(conn)
			_, _ = io.WriteString(conn, answer)
		})
		if words, err := s.Read(t.Context(), caller(t)); err == nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
}

func TestServerThatHangsIsLeft(t *testing.T) {
	for name, hang := range map[string]func(conn net.Conn){
		"silent":        func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
		"hears nothing": func(conn net.Conn) { <-t.Context().Done() },
		"without end": func(conn net.Conn) {
			for {
				if _, err := io.WriteString(conn, "{"); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if words, err := server(t, hang).Read(ctx, caller(t)); !errors.Is(err, context.DeadlineExceeded) || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
		cancel()
	}
}

func TestServerThatIsAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if words, err := (wyoming.Server{Address: listener.Addr().String()}).Read(t.Context(), caller(t)); err == nil || words.Text != "" {
		t.Errorf("read %+v, %v", words, err)
	}
}
