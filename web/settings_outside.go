package web

import (
	"context"
	"io"
	"time"

	"ringfence/store"
	"ringfence/store/backups"
)

// Phrases are what callers hear that a household may record itself. They are named as in the store.
type Phrases interface {
	// Standard is what callers hear if a household has recorded nothing: words, and a WAV file; both may be empty.
	Standard(household, phrase string) (words string, wav []byte)
	// Publish has calls use the household's own recording of a phrase, or the standard one if there is none.
	Publish(ctx context.Context, household, phrase string) error
}

// Backups restores backups. The program restarts with them; meanwhile the phone rings without it.
type Backups interface {
	// Stage checks all of a backup; nothing changes yet. Its errors are plain sentences. note goes into the restored audit log.
	Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (backups.Contents, error)
	// Restart restarts with what Stage has checked, once the requests that are being served have been answered.
	Restart()
}

// TestCalls rings a household's phones, to see that they work.
type TestCalls interface {
	// StartTest begins a test call. The error is a sentence for people.
	StartTest(household string) error
	// Test is the latest one; false if there was none. Switchboard.Changed signals when it has changed.
	Test(household string) (TestCall, bool)
}

// TestCall is a test call with its steps so far.
type TestCall struct {
	Steps []TestStep
	Over  bool
}

// TestStep is a step of a test call: ringing, picked-up, heard or pressed; or one that ends it: no-key, put-down, no-answer, busy,
// no-telephone, gave-way or fault.
type TestStep struct {
	At   time.Time
	Step string
}
