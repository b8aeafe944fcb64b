package main

import (
	"errors"

	"ringfence/household"
)

// asTyped turns a refusal into a usage error: what was typed is at fault.
func asTyped(err error) error {
	var refusal *household.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	return usageError{errors.New(plainClause(refusal.Sentence))}
}
