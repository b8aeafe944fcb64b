package opinion

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

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
	case script.None, script.Sales:
		return Opinion{Level: *said.Level}, nil
	case script.Warn, script.Strong:
		return Opinion{Level: *said.Level, Sentence: sentence(*said.Sentence)}, nil
	}
	return Opinion{}, errNoOpinion
}

// mostSentence is how many characters of a sentence are shown.
const mostSentence = 140

var (
	// ends is where a sentence ends, and not only an abbreviation such as "Dr.".
	ends = regexp.MustCompile(`(?:[\pL\pN]{4,}[.]|[!?])["'”’)]*\s`)
	// address is one of the internet, written or said, that a caller may have dictated for a carer to use.
	address = regexp.MustCompile(`(?i)@|://|[.。]\pL{2}|\s[.。]|\bdot\b`)
)

// mostDigits is how many digits a sentence may have, in figures or words: with more it may have a telephone number.
const mostDigits = 4

// numberWords are how people say digits, or two at once.
var numberWords = strings.Fields(`oh zero nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
	eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety double treble triple`)

func digits(text string) (n int) {
	for _, r := range text {
		if unicode.IsNumber(r) {
			n++
		}
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(numberWords, word) {
			n++
		}
	}
	return n
}

// sentence is the first sentence of a text, fit to be shown; "" if that has a number or an address by which the caller could be reached.
func sentence(text string) string {
	text = norm.NFKC.String(speech.OneLine(text, len(text))) // or letters of another shape would not be recognised
	if end := ends.FindStringIndex(text); end != nil {
		text = strings.TrimSpace(text[:end[1]])
	}
	if address.MatchString(text) || digits(text) > mostDigits {
		return ""
	}
	return speech.OneLine(text, mostSentence)
}
