// Package openai reads recordings with an OpenAI-compatible service: one request with the recording, as audio/transcriptions takes it. Whoever sets
// this up sends what callers say to that service.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

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

var client = speech.Client()

// Read sends the recording and waits for its text.
func (s Service) Read(ctx context.Context, recording []byte) (speech.Words, error) {
	request, err := s.request(ctx, recording)
	if err != nil {
		return speech.Words{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return speech.Words{}, err
	}
	defer func() { _ = response.Body.Close() }() // what matters of it has been read
	if response.StatusCode != http.StatusOK {
		// The status line's own words are the service's, and could say anything.
		return speech.Words{}, fmt.Errorf("the speech service answered with status %d", response.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
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

func (s Service) request(ctx context.Context, recording []byte) (*http.Request, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "recording.wav")
	if err != nil {
		return nil, err
	}
	_, err = file.Write(recording)
	fields := [][2]string{{"model", s.Model}, {"response_format", "json"}, {"temperature", "0"}}
	if s.Language != "" {
		fields = append(fields, [2]string{"language", s.Language})
	}
	for _, f := range fields {
		err = errors.Join(err, form.WriteField(f[0], f[1]))
	}
	if err := errors.Join(err, form.Close()); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.Address, "/")+"/audio/transcriptions", &body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	if s.Key != "" {
		request.Header.Set("Authorization", "Bearer "+s.Key)
	}
	return request, nil
}
