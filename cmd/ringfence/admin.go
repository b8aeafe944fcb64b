package main

import (
	"errors"

	"ringfence/household"
)

// asTyped says that what was typed is at fault where a deed was refused.
func asTyped(err error) error {
	var refusal *household.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	return usageError{errors.New(plainClause(refusal.Sentence))}
}
