package moonshine

import (
	"errors"
	"os"
	"strings"
)

// Tokens that are no text.
const (
	startToken = 1 // <s>
	endToken   = 2 // </s>
)

// vocabulary has the text of each token. Spaces are "▁" (SentencePiece).
type vocabulary []string

// readVocabulary reads a tokenizer.bin: each token as its length, in one byte or in two with the low seven bits first, and its bytes.
func readVocabulary(file string) (vocabulary, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var tokens vocabulary
	for at := 0; at < len(text); {
		length := int(text[at])
		at++
		if length >= 128 && at < len(text) {
			length = length - 128 + int(text[at])*128
			at++
		}
		if at+length > len(text) {
			return nil, errors.New("the list of tokens has been cut off")
		}
		tokens = append(tokens, string(text[at:at+length]))
		at += length
	}
	return tokens, nil
}

// text joins tokens.
func (v vocabulary) text(tokens []int64) string {
	var text strings.Builder
	for _, t := range tokens {
		if t > endToken && int(t) < len(v) {
			text.WriteString(v[t])
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text.String(), ""), "▁", " "))
}
