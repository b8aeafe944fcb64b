package web

import (
	"net/http"
	"time"
	"unicode"

	"ringfence/web/backend"
)

// reportPage is a month for somebody who does not use Ringfence, on paper.
type reportPage struct {
	monthPage
	Numbers bool // telephone numbers are shown
	By      string
	At      time.Time
	Zone    string
}

// monthReport is the month as it is printed. It needs nothing but paper: no recordings, no links, and no numbers where they are
// not wanted.
func (s callHandlers) monthReport(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	month, err := s.monthOf(r, v)
	if err != nil {
		return err
	}
	data := reportPage{monthPage: month, Numbers: r.URL.Query().Get("numbers") != "no", By: v.Person.Name, At: v.Now, Zone: v.Zone().String()}
	if !data.Numbers {
		data.leaveNumbersOut()
	}
	return s.show(w, r, v, "report", "calls", "Report for "+month.Name, data)
}

// leaveNumbersOut takes away numbers, and names that are numbers.
func (p *reportPage) leaveNumbersOut() {
	const digitsOfNumber = 5
	for i := range p.Callers {
		c := &p.Callers[i]
		c.Number = ""
		if c.Name == "" || countDigits(c.Name) >= digitsOfNumber {
			c.Name = "A caller without a name"
		}
	}
}

func countDigits(text string) (n int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
