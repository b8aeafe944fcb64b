package datafolder

import (
	"errors"
	"strings"
	"testing"
)

// One application has the data, and the next only when it has ended. Commands, which take no such lock, are not in its way.
func TestOneApplicationHasTheData(t *testing.T) {
	data := t.TempDir()
	if err := MakeMedia(data); err != nil {
		t.Fatal(err)
	}
	first, err := LockApplication(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockApplication(data); !errors.Is(err, ErrServed) || !strings.Contains(err.Error(), data+": stop that one first") {
		t.Errorf("a second one: %v", err)
	}
	held, err := Hold(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(held.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := LockApplication(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}
