package main

import (
	"strings"
	"testing"
)

func TestSpeechScript(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.typed = "This is your bank's fraud department, there has been a payment of £600 from your account.\n\nIt's the surgery about your prescription\nWe're selling solar panels" +
		"\nHello, my name is Steve, and I am calling from the Microsoft Windows technical department. Your computer has been downloading viruses."
	want := `warn
  - Says it's your bank's fraud department and that a payment was made or tried. Real banks let you ring back on the number on your card.
none
none
sales
  - Sounds like somebody selling insulation, solar panels, boilers or windows.
strong
  - Says it's Microsoft or a computer helper and that your computer or internet has been broken into. Microsoft and computer helpers don't ring anybody unasked.
`
	if code, out, errOut := h.run("speech", "script"); code != exitDone || out != want || errOut != "" {
		t.Errorf("exit %d, %q\n%s\nnot\n%s", code, errOut, out, want)
	}
	want = `{"level":"warn","reasons":["Says it's your bank's fraud department and that a payment was made or tried. Real banks let you ring back on the number on your card."]}
{"level":"none","reasons":[]}
{"level":"none","reasons":[]}
{"level":"sales","reasons":["Sounds like somebody selling insulation, solar panels, boilers or windows."]}
{"level":"strong","reasons":["Says it's Microsoft or a computer helper and that your computer or internet has been broken into. Microsoft and computer helpers don't ring anybody unasked."]}
`
	if code, out, errOut := h.run("speech", "script", "--json"); code != exitDone || out != want || errOut != "" {
		t.Errorf("exit %d, %q\n%s\nnot\n%s", code, errOut, out, want)
	}
	h.typed = strings.Repeat("a", longestText+1)
	h.says(exitFailed, "line 1 is longer than 16 MB", "speech", "script")
}
