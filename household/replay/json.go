package replay

import (
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
)

// JSON is a result for programs, the same for `ringfence replay --json` and /api/v1. Fields are added, never renamed.
type JSON struct {
	Since    *time.Time  `json:"since"`
	Calls    int         `json:"calls"`
	Cut      bool        `json:"cut"`
	Changed  int         `json:"changed"`
	Missed   int         `json:"missed"`
	Sentence string      `json:"sentence"`
	Groups   []groupJSON `json:"groups"`
	Notes    []string    `json:"notes"`
}

type groupJSON struct {
	From     Fate       `json:"from"`
	To       Fate       `json:"to"`
	Calls    int        `json:"calls"`
	Talked   int        `json:"talked"`
	Contacts int        `json:"contacts"`
	Sentence string     `json:"sentence"`
	Shown    []callJSON `json:"shown"`
}

type callJSON struct {
	ID            int64              `json:"id,omitempty"`
	At            time.Time          `json:"at"`
	Number        screening.Number   `json:"number"`
	Name          string             `json:"name"`
	Outcome       calllog.Outcome    `json:"outcome"`
	TalkedSeconds float64            `json:"talked_seconds"`
	Contact       string             `json:"contact,omitempty"`
	Now           []screening.Reason `json:"now"`
	Would         []screening.Reason `json:"would"`
	Words         string             `json:"words,omitempty"`
}

// JSON is the result for programs. Only those who may hear recordings see words of callers.
func (r Result) JSON(a household.Admin, hears bool) JSON {
	j := JSON{
		Calls: r.Calls, Cut: r.Cut, Changed: len(r.Changes), Missed: r.Missed(), Sentence: r.Head(a.Local),
		Groups: []groupJSON{}, Notes: append([]string{}, r.Notes...),
	}
	if !r.Since.IsZero() {
		since := r.Since.UTC()
		j.Since = &since
	}
	for _, g := range r.Groups() {
		one := groupJSON{From: g.From, To: g.To, Calls: len(g.Calls), Talked: g.Talked, Contacts: g.Contacts, Sentence: g.Sentence(), Shown: []callJSON{}}
		for _, c := range g.Shown() {
			call := callJSON{
				ID: c.ID, At: c.At.UTC(), Number: c.Caller.Number, Name: c.Name, Outcome: c.Outcome, TalkedSeconds: c.Talked.Seconds(), Contact: c.Contact,
				Now: c.Now.Reasons, Would: c.Would.Reasons,
			}
			if hears {
				call.Words = c.Words()
			}
			one.Shown = append(one.Shown, call)
		}
		j.Groups = append(j.Groups, one)
	}
	return j
}

// Words are what the caller said of themselves, else in their message, as a machine has read it; "" where nothing was read. They are for those who may hear
// recordings.
func (c Change) Words() string {
	if c.Logged == nil {
		return ""
	}
	for _, kind := range []string{calllog.RecordedName, calllog.RecordedMessage} {
		if r, is := c.Logged.Recording(kind); is && r.Text != "" {
			return r.Text
		}
	}
	return ""
}
