package forms

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

const (
	// maxComplainedOf is how many numbers a file of complaints may have. A year has a few hundred thousand.
	maxComplainedOf = 1_000_000
	// maxComplaints is how many complaints about one number count. More would not raise the confidence noticeably.
	maxComplaints = 200
)

var errTooMany = fmt.Errorf("the file has complaints about more than %d numbers: import it in parts", maxComplainedOf)

// complaints are what an FTC file says of one number.
type complaints struct {
	days   []list.Day // of the newest, at most maxComplaints
	all    int
	robots int // how many were about a recording
	about  map[string]int
	last   list.Day
}

// complaintColumns are the positions of the parts. The FTC calls them Company_Phone_Number, Created_Date, Violation_Date, Consumer_City, Consumer_State,
// Consumer_Area_Code, Subject and Recorded_Message_Or_Robocall. The FCC's (opendata.fcc.gov, 3xyp-aqkj and vakf-fz8e) are Ticket ID, Ticket Created, Date of Issue,
// Time of Issue, Form, Method, Issue, Caller ID Number, Type of Call or Messge [sic], Advertiser Business Number, City, State, Zip and Location, or issue_date and so on
// from its interface. Those that say where somebody lives are not read, and neither is the number of whom the caller advertised.
type complaintColumns struct {
	number, created, violated, subject, robot int
	form                                      Form
}

func complaintsHeader(line string) (c complaintColumns, ok bool) {
	cells, err := split(line, ',')
	if err != nil {
		return c, false
	}
	c = complaintColumns{-1, -1, -1, -1, -1, FTC}
	for at, name := range cells {
		switch strings.ToLower(strings.ReplaceAll(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")), " ", "_")) {
		case "company_phone_number":
			c.number = at
		case "caller_id_number":
			c.number, c.form = at, FCC
		case "created_date", "ticket_created":
			c.created = at
		case "violation_date", "date_of_issue", "issue_date":
			c.violated = at
		case "subject":
			c.subject = at
		case "recorded_message_or_robocall", "type_of_call_or_messge", "type_of_call_or_message":
			c.robot = at
		}
	}
	return c, c.number >= 0 && (c.created >= 0 || c.violated >= 0)
}

// complaintsForm is the form of a file of complaints, by its first line; "" if it is none.
func complaintsForm(line string) Form {
	c, ok := complaintsHeader(line)
	if !ok {
		return ""
	}
	return c.form
}

// ftc reads the FTC's and the FCC's complaints. Each counts as one household's report of a number, and evidence.Confidence says what they amount to. The numbers come in order, once the whole
// file has been read.
func (i *Import) ftc(file io.Reader, take func(lists.Entry) error) error {
	numbers, err := screening.NewNumberReader("US")
	if err != nil {
		return err
	}
	var header *complaintColumns
	of := map[string]*complaints{}
	parse := func(line string) ([]lists.Entry, error) {
		if header == nil {
			found, ok := complaintsHeader(line)
			header = &found
			if !ok {
				return nil, errors.New("its first line does not name Company_Phone_Number and Created_Date: it is not a file of the FTC's or the FCC's complaints")
			}
			return nil, nil
		}
		return nil, i.complaint(*header, numbers, line, of)
	}
	if err := i.eachLine(file, take, parse); err != nil {
		return err
	}
	for _, digits := range slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }) {
		if err := take(of[digits].entry(digits, i.Form, i.Now)); err != nil {
			return err
		}
	}
	return nil
}

func (i *Import) complaint(c complaintColumns, numbers *screening.NumberReader, line string, of map[string]*complaints) error {
	cells, err := i.cells.split(line, ',')
	if err != nil {
		return errQuotes
	}
	written := strings.TrimSpace(cell(cells, c.number))
	if written == "" || strings.EqualFold(written, "none") {
		return leave("it has no number")
	}
	n, err := numbers.Parse(written)
	if err != nil {
		return err
	}
	digits, international := strings.CutPrefix(string(n), "+")
	if _, never := screening.NeverBlocked(n, i.Region); never || !international {
		return fmt.Errorf("%s must never be turned away", clean(written, 40))
	}
	at, err := dayOf(cell(cells, c.violated), cell(cells, c.created))
	if err != nil {
		return err
	}
	one := of[digits]
	if one == nil {
		if len(of) == maxComplainedOf {
			return errTooMany
		}
		one = &complaints{about: map[string]int{}}
		of[digits] = one
	}
	one.add(min(at, list.DayOf(i.Now)), topics[strings.ToLower(strings.TrimSpace(cell(cells, c.subject)))],
		recorded(cell(cells, c.robot)))
	return nil
}

// recorded says whether a complaint is about a recording: the FTC writes Y, and the FCC what kind of call it was.
func recorded(written string) bool {
	written = strings.ToLower(strings.TrimSpace(written))
	return written == "y" || strings.HasPrefix(written, "prerecorded") || strings.HasPrefix(written, "autodialed") || strings.HasPrefix(written, "robocall")
}

func (c *complaints) add(at list.Day, about string, robot bool) {
	c.all++
	c.last = max(c.last, at)
	if robot {
		c.robots++
	}
	if about != "" {
		c.about[about]++
	}
	if len(c.days) < maxComplaints {
		c.days = append(c.days, at)
		return
	}
	if oldest := slices.Index(c.days, slices.Min(c.days)); c.days[oldest] < at {
		c.days[oldest] = at
	}
}

func (c *complaints) entry(digits string, form Form, now time.Time) lists.Entry {
	var reports []evidence.Report
	for _, day := range c.days {
		reports = append(reports, evidence.Report{At: day.Time(), Spam: true})
	}
	category, most := store.CategoryOther, 0
	for _, one := range store.Categories() { // in a fixed order, so that a tie always has the same result
		if c.about[one] > most {
			category, most = one, c.about[one]
		}
	}
	note := screening.Counted(c.all, "complaint", "complaints") + " to the " + strings.ToUpper(string(form)) + ", the last of " + c.last.String()
	if c.robots > 0 {
		note += fmt.Sprintf(", %d about a recording", c.robots)
	}
	return lists.Entry{Digits: digits, Confidence: list.Rounded(evidence.Confidence(now, reports)), Category: category, Note: note,
		Reporters: c.all, First: int32(slices.Min(c.days)), Last: int32(c.last)}
}

// topics are our categories for the choices in the FTC's form. Those that are not here say nothing ("Other", "No Subject Provided") or may be any ("Calls pretending
// to be government, businesses, or family and friends").
var topics = map[string]string{
	"computer & technical support":                               "tech-support",
	"dropped call or no message":                                 "silent",
	"lotteries, prizes & sweepstakes":                            "prize",
	"reducing your debt (credit cards, mortgage, student loans)": "sales",
	"reducing debt":                                              "sales",
	"vacation & timeshares":                                      "sales",
	"warranties & protection plans":                              "sales",
	"medical & prescriptions":                                    "sales",
	"energy, solar, & utilities":                                 "sales",
	"home security & alarms":                                     "sales",
	"home improvement & cleaning":                                "sales",
	"work from home & other ways to make money":                  "sales",
}

// dayOf is the first of the dates that can be read.
func dayOf(dates ...string) (list.Day, error) {
	for _, date := range dates {
		date = strings.TrimSpace(date)
		if date == "" {
			continue
		}
		for _, layout := range []string{time.DateTime, time.DateOnly, time.RFC3339, "2006-01-02T15:04:05.000", "2006-01-02T15:04:05", "1/2/2006 03:04:05 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006"} {
			if at, err := time.Parse(layout, date); err == nil && at.Year() >= 2003 && at.Year() < 2200 { // the registry began in 2003
				return list.DayOf(at), nil
			}
		}
		return 0, fmt.Errorf("its date %q is none", clean(date, 40))
	}
	return 0, errors.New("it has no date")
}
