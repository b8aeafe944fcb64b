package main

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"ringfence/household"
)

// asTyped says that what was typed is at fault where a deed was refused.
func asTyped(err error) error {
	var refusal *household.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	first, size := utf8.DecodeRuneInString(refusal.Sentence)
	return usageError{errors.New(string(unicode.ToLower(first)) + strings.TrimSuffix(refusal.Sentence[size:], "."))}
}
