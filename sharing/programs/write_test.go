package programs

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"ringfence/sharing/filekind"
)

// What is written is XML, and comes back as it was: hostile names and many numbers too.
func TestWrittenPhoneBooksComeBack(t *testing.T) {
	name := "A & B <\"x'> ]]> \x01"
	numbers := []string{"+442079460123", "+447700900123", "+441614960123", "+441614960124"}
	for _, kind := range Written() {
		var out bytes.Buffer
		w, err := NewWriter(bufio.NewWriter(&out), kind, "Ring & fence\"")
		if err != nil {
			t.Fatal(err)
		}
		w.Add(name, numbers...)
		w.Add("Ben", "+442079460124")
		w.Add("Nobody")
		if err := w.End(); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(out.Bytes()))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v\n%s", kind, err, out.String())
			}
		}
		if got := filekind.Of(out.Bytes()); got != kind {
			t.Errorf("%s is %s", kind, got)
		}
		people, left, err := told(out.String())
		all := strings.Join(people, "\n")
		for _, n := range append(numbers, "+442079460124") {
			if strings.Count(all, n) != 1 {
				t.Errorf("%s: %s\nhas not %s once", kind, all, n)
			}
		}
		if err != nil || len(left) > 0 || !strings.Contains(all, "A & B <\"x'> ]]>") || strings.Contains(all, "Nobody") {
			t.Errorf("%s: %s %v %v", kind, all, left, err)
		}
	}
	if _, err := NewWriter(nil, filekind.Poly, ""); err == nil {
		t.Error("what is not written is")
	}
}
