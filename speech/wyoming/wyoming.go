// Package wyoming reads recordings with a Wyoming server, as Home Assistant's speech recognisers are: events over TCP, each a line of JSON that may
// be followed by more JSON and by sound (https://github.com/OHF-Voice/wyoming).
package wyoming

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"

	"ringfence/sound"
	"ringfence/speech"
)

const (
	rate      = 16000    // samples a second, as most servers' models are made for
	chunkSize = 2 * rate // bytes, a second
	// What a server may send.
	mostLine, mostData, mostPayload, mostEvents = 64 << 10, 1 << 20, 1 << 20, 1000
)

// Server is a Wyoming server, as a speech.Transcriber.
type Server struct {
	Address  string // host and port
	Language string // "" lets the server find out
}

// event is one of the protocol's. Its data is in the line itself, or follows it.
type event struct {
	Type          string          `json:"type"`
	Data          json.RawMessage `json:"data,omitempty"`
	DataLength    int             `json:"data_length,omitempty"`
	PayloadLength int             `json:"payload_length,omitempty"`
}

// Read sends the recording to the server and waits for its text.
func (s Server) Read(ctx context.Context, recording []byte) (speech.Words, error) {
	samples, err := sound.Samples(recording, rate)
	if err != nil {
		return speech.Words{}, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return speech.Words{}, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // ends reading and writing
	defer func() { _ = conn.Close() }()                         // all has been said
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(s.request(sound.Bytes(samples)))
		sent <- err
	}()
	text, err := transcript(bufio.NewReaderSize(conn, mostLine))
	if err != nil {
		_ = conn.Close() // ends the writing
		err = errors.Join(err, <-sent, context.Cause(ctx))
	}
	return speech.Words{Text: text}, err
}

// request are the events that have the sound transcribed.
func (s Server) request(sound []byte) []byte {
	var all bytes.Buffer
	format := map[string]any{"rate": rate, "width": 2, "channels": 1}
	add := func(kind string, data map[string]any, payload []byte) {
		details, _ := json.Marshal(data)                                                       // plain values
		line, _ := json.Marshal(event{Type: kind, Data: details, PayloadLength: len(payload)}) // as they are
		all.Write(append(line, '\n'))
		all.Write(payload)
	}
	transcribe := map[string]any{}
	if s.Language != "" {
		transcribe["language"] = s.Language
	}
	add("transcribe", transcribe, nil)
	add("audio-start", format, nil)
	for len(sound) > 0 {
		n := min(chunkSize, len(sound))
		add("audio-chunk", format, sound[:n])
		sound = sound[n:]
	}
	add("audio-stop", map[string]any{}, nil)
	return all.Bytes()
}

// transcript reads events until the one with the text.
func transcript(from *bufio.Reader) (string, error) {
	for range mostEvents {
		e, err := next(from)
		if err != nil {
			return "", err
		}
		switch e.Type {
		case "transcript":
			var data struct {
				Text *string `json:"text"`
			}
			if err := json.Unmarshal(e.Data, &data); err != nil || data.Text == nil {
				return "", errors.New("the Wyoming server's transcript has no text")
			}
			return *data.Text, nil
		case "error":
			return "", errors.New("the Wyoming server could not read the recording")
		}
	}
	return "", errors.New("the Wyoming server sent no transcript")
}

// next reads an event. The server's sizes are as hostile as any.
func next(from *bufio.Reader) (event, error) {
	line, err := from.ReadSlice('\n')
	if err != nil {
		return event{}, fmt.Errorf("the Wyoming server's answer ended: %w", err)
	}
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return event{}, errors.New("what answered is no Wyoming server")
	}
	if e.DataLength < 0 || e.DataLength > mostData || e.PayloadLength < 0 || e.PayloadLength > mostPayload {
		return event{}, errors.New("the Wyoming server's answer is too large")
	}
	if e.DataLength > 0 {
		e.Data = make([]byte, e.DataLength)
		if _, err := io.ReadFull(from, e.Data); err != nil {
			return event{}, fmt.Errorf("the Wyoming server's answer ended: %w", err)
		}
	}
	if _, err := io.CopyN(io.Discard, from, int64(e.PayloadLength)); err != nil {
		return event{}, fmt.Errorf("the Wyoming server's answer ended: %w", err)
	}
	return e, nil
}
