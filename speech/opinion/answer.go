package opinion

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"ringfence/speech"
	"ringfence/speech/script"
)

// errNoOpinion says no more, as the answer is a stranger's: it could say anything, and have the caller's words in it.
var errNoOpinion = errors.New("the model's answer is no opinion")

// read takes the opinion out of a service's answer. What else is in there is left, such as the model's wish to call a function.
func read(body []byte) (Opinion, error) {
	var answer struct {
		Choices []struct {
			Message struct {
				Content *string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Choices) == 0 || answer.Choices[0].Message.Content == nil {
		return Opinion{}, errNoOpinion
	}
	return opinionIn(*answer.Choices[0].Message.Content)
}

// opinionIn reads what the model itself has written: the object that it was asked for, and nothing before, in or after it.
func opinionIn(content string) (Opinion, error) {
	var said struct {
		Level    *script.Level `json:"level"`
		Sentence *string       `json:"sentence"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(content)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&said); err != nil || said.Level == nil || said.Sentence == nil {
		return Opinion{}, errNoOpinion
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Opinion{}, errNoOpinion
	}
	switch *said.Level {
	case script.None:
		return Opinion{Level: script.None}, nil
	case script.Sales, script.Warn, script.Strong:
		return Opinion{Level: *said.Level, Sentence: sentence(*said.Sentence)}, nil
	}
	return Opinion{}, errNoOpinion
}

// mostSentence is how many characters of a sentence are shown.
const mostSentence = 140

var (
	// ends is where a sentence ends, and not only an abbreviation such as "Dr.".
	ends = regexp.MustCompile(`(?:[\pL\pN]{4,}[.]|[!?])["'”’)]*\s`)
	// contact is what a caller may have dictated for a carer to use: a telephone number, or an address.
	contact = regexp.MustCompile(`\d(?:[\s().-]*\d){4}|\S@\S|://|\S\.\pL{2}`)
)

// sentence is the first sentence of a text, fit to be shown; "" if that has a number or an address by which the caller could be reached.
func sentence(text string) string {
	text = speech.OneLine(text, len(text))
	if end := ends.FindStringIndex(text); end != nil {
		text = strings.TrimSpace(text[:end[1]])
	}
	if contact.MatchString(text) {
		return ""
	}
	return speech.OneLine(text, mostSentence)
}
