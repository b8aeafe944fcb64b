package web

import (
	"context"
	"io"
	"time"

	"ringfence/store"
)

// Phrases are the words that callers hear, where a household may say its own. They are named as in the store.
type Phrases interface {
	// Standard is what is said where a household has recorded nothing: its words, and a WAV file; empty where that is nothing.
	Standard(household, phrase string) (words string, wav []byte)
	// Publish brings the household's own recording of a phrase to calls, or takes it away where there is none any more.
	Publish(ctx context.Context, household, phrase string) error
}

// Backups puts backups back. It begins with everything anew, and the telephone rings by itself meanwhile.
type Backups interface {
	// Stage checks a backup wholly; nothing changes yet. The errors are plain sentences. note goes into the restored log of changes.
	Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (store.Contents, error)
	// Restart begins anew with what Stage has checked, after what is being answered has been answered.
	Restart()
}

// TestCalls rings a household's telephones, to see that they work.
type TestCalls interface {
	// StartTest begins a test call. The error is a sentence for people.
	StartTest(household string) error
	// Test is the latest one; false where there was none. The Switchboard tells that it has changed.
	Test(household string) (TestCall, bool)
}

// TestCall is a test call with its steps so far.
type TestCall struct {
	Began time.Time
	Steps []TestStep
	Over  bool
}

// TestStep is a step of one: ringing, picked-up, heard, pressed; no-key, put-down, no-answer, busy, no-telephone, gave-way or
// fault, which end it.
type TestStep struct {
	At   time.Time
	Step string
}
