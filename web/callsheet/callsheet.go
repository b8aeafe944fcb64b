// Package callsheet writes calls of the log as a CSV file for a spreadsheet, a row for each.
//
// The file is UTF-8 with a byte order mark, without which Excel takes names such as Zoë for another encoding; fields are separated by commas, and rows end as
// RFC 4180 says. A field that a spreadsheet would take for a formula begins with an apostrophe, which marks text: callers choose their names themselves.
//
// The columns have their names in the first row. They are a contract: added, never renamed.
//
//	Call          the call's number in the log
//	Date, Time    when it came in, in the household's time: 2026-11-24, 10:31:04
//	Moment        the same in ISO 8601, with the offset from UTC: 2026-11-24T10:31:04+00:00
//	Zone          the time zone: Europe/London
//	Number        as people write it, or why there is none
//	Name          the contact's present name; else the name that carers have given, or the network's
//	Contact       yes or no
//	Done          Rang, Screened, Turned away or Message only
//	Became        how the call ended, in a sentence
//	Why           the reasons, the deciding one first
//	Talked        how many seconds caller and household talked; empty if they did not, or if it is not known
//	Said          the length in seconds of what the caller said of themselves; empty if nothing was kept
//	Message       the same of the message
//	Heard         for a message: yes or no
package callsheet

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"ringfence/calllog"
	"ringfence/sharing/addressbook"
	"ringfence/store"
	"ringfence/web/timeline"
)

// Place is where a household is.
type Place struct {
	Region string
	Zone   *time.Location
}

var header = []string{"Call", "Date", "Time", "Moment", "Zone", "Number", "Name", "Contact", "Done", "Became", "Why", "Talked", "Said", "Message", "Heard"}

// byteOrderMark in UTF-8.
const byteOrderMark = "\ufeff"

// Write writes calls as they come, until the first error from calls or w.
func Write(w io.Writer, calls iter.Seq2[store.LoggedCall, error], place Place) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	sheet := csv.NewWriter(w)
	sheet.UseCRLF = true
	if err := sheet.Write(header); err != nil {
		return err
	}
	for c, err := range calls {
		if err != nil {
			return err
		}
		if err := sheet.Write(row(c, place)); err != nil {
			return err
		}
	}
	sheet.Flush()
	return sheet.Error()
}

func row(c store.LoggedCall, place Place) []string {
	at := c.At.In(place.Zone)
	name := c.Contact
	if name == "" {
		name = c.Name
	}
	var why []string
	for _, r := range c.Reasons {
		why = append(why, r.Text)
	}
	talked := ""
	if d, known := c.Talked(); known {
		talked = seconds(d)
	}
	said, message, heard := "", "", ""
	if r, there := c.Recording(calllog.RecordedName); there {
		said = seconds(r.Length)
	}
	if r, there := c.Recording(calllog.RecordedMessage); there {
		message, heard = seconds(r.Length), yes(!r.Heard.IsZero())
	}
	fields := []string{
		strconv.FormatInt(c.ID, 10), at.Format(time.DateOnly), at.Format(time.TimeOnly), at.Format("2006-01-02T15:04:05-07:00"), place.Zone.String(),
		timeline.Number(c.Call, place.Region), timeline.Printable(name), yes(c.ContactID != 0), timeline.Done(c.Action), timeline.Summary(c),
		strings.Join(why, " "), talked, said, message, heard,
	}
	for i := range fields {
		fields[i] = addressbook.Guarded(fields[i])
	}
	return fields
}

func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(d.Round(time.Second)/time.Second), 10)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
