// Package openai reads recordings with an OpenAI-compatible service: one request with the recording, as audio/transcriptions takes it. Whoever sets
// this up sends what callers say to that service.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"

	"ringfence/speech"
)

const mostAnswer = 256 << 10 // bytes

// Service is an OpenAI-compatible service, as a speech.Transcriber.
type Service struct {
	Address  string // where its interface begins, such as https://speech.example.org/v1
	Key      string // "" is none
	Model    string
	Language string // "" lets the service find out
}

// Read sends the recording and waits for its text.
func (s Service) Read(ctx context.Context, recording []byte) (speech.Words, error) {
	kind, body, err := s.form(recording)
	if err != nil {
		return speech.Words{}, err
	}
	to := speech.Service{Name: "the speech service", Address: s.Address, Key: s.Key}
	text, err := to.Post(ctx, "/audio/transcriptions", kind, body, mostAnswer)
	if err != nil {
		return speech.Words{}, err
	}
	var answer struct {
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Text == nil || len(text) > mostAnswer {
		return speech.Words{}, errors.New("the speech service's answer has no text")
	}
	return speech.Words{Text: *answer.Text}, nil
}

// form is what is sent, and its type.
func (s Service) form(recording []byte) (kind string, body []byte, err error) {
	var all bytes.Buffer
	form := multipart.NewWriter(&all)
	file, err := form.CreateFormFile("file", "recording.wav")
	if err != nil {
		return "", nil, err
	}
	_, err = file.Write(recording)
	fields := [][2]string{{"model", s.Model}, {"response_format", "json"}, {"temperature", "0"}}
	if s.Language != "" {
		fields = append(fields, [2]string{"language", s.Language})
	}
	for _, f := range fields {
		err = errors.Join(err, form.WriteField(f[0], f[1]))
	}
	err = errors.Join(err, form.Close()) // writes the end
	return form.FormDataContentType(), all.Bytes(), err
}
