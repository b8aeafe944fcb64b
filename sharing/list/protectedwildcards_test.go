package list_test

import (
	"strings"
	"testing"

	"ringfence/sharing/list"
)

// What stands for several numbers protects none of them by its first digits.
func TestWildcardsInProtectedNumbers(t *testing.T) {
	for _, line := range []string{"+49302345#### Klinik", "030 2345xx Klinik", "030 2345 xx Klinik", "030 2345 bis 99 Klinik", "030 2345-0 to -99 Klinik", "030 2345.. Klinik", "030 23450-99 Klinik", "030 2345? Klinik"} {
		if _, err := list.ReadProtected(strings.NewReader(line+"\n"), "DE"); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{"030 2345-0 Klinik", "030 2345 (Klinik)", "030 2345* Klinik", "030 2345,Klinik", "030 2345 xylophone shop", "030 2345 A. Example"} {
		if _, err := list.ReadProtected(strings.NewReader(line+"\n"), "DE"); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
