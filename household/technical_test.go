package household

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"
	"testing"
)

// quiet is an error with words for people, which wraps another.
type quiet struct {
	words string
	err   error
}

func (q quiet) Error() string { return q.words }
func (q quiet) Unwrap() error { return q.err }

// Only what was written for people becomes a refusal; a technical error stays one, whose page has a plain sentence and whose details are in the log.
func TestTechnicalErrorsAreNoRefusals(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, technical := range []error{
		refused, fmt.Errorf("the list: %w", refused), context.DeadlineExceeded, fmt.Errorf("read: %w", io.ErrUnexpectedEOF),
		&fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}, errors.Join(errors.New("first"), fmt.Errorf("second: %w", syscall.ENOSPC)),
	} {
		var refusal *Refusal
		if err := because(Unfit, technical); errors.As(err, &refusal) || !errors.Is(err, technical) {
			t.Errorf("%v became the refusal %v", technical, err)
		}
	}
	for _, plain := range []error{errors.New("this list is signed with another key"), quiet{"the server can't be reached", refused}} {
		var refusal *Refusal
		if err := because(Unfit, plain); !errors.As(err, &refusal) {
			t.Errorf("%v is no refusal", plain)
		}
	}
}
