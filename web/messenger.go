package web

import (
	"context"
	"time"

	"ringfence/store/outbox"
)

// Service is a way of telling somebody something, as a person picks it.
type Service struct {
	ID, Name string
	Hint     string // where to find what the fields ask for
	Fields   []ServiceField
	// AnyAddress: it sends whatever is filled in to whatever is filled in. It is for carers and owners.
	AnyAddress bool
}

// ServiceField is one thing to fill in.
type ServiceField struct {
	ID, Label, Hint, Example string
	Type                     string // of the input, such as "email"
	Secret                   bool   // never shown again
	Optional                 bool
}

// ServiceFault is a fault in what was filled in: in which field, and a sentence for people.
type ServiceFault struct{ Field, Sentence string }

func (f ServiceFault) Error() string { return f.Sentence }

// Messenger tells carers what they want to be told.
type Messenger interface {
	// Services are the ways of telling somebody that can be picked.
	Services() []Service
	// Address makes an address, which is a secret as a whole, of what was filled in by the fields' IDs; where says in words
	// without a secret what it is. A fault is a ServiceFault.
	Address(service string, filled map[string]string) (address, where string, err error)
	// CheckTimes says in a sentence what is wrong with somebody's times; household is the zone of the house.
	CheckTimes(c outbox.Choices, household *time.Location) error
	// Test sends a message now and waits for what becomes of it, half a minute at most. The error is a sentence for people.
	Test(ctx context.Context, c outbox.Channel) error
}
