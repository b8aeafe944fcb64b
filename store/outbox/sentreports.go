package outbox

import (
	"context"
	"database/sql"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// What a household can say about a number to a group, a contract with its hub.
const (
	SaysFor      = "for"      // it is a scammer's
	SaysWithdraw = "withdraw" // takes back what was said before
)

// SentReport is what a household has sent to a group.
type SentReport struct {
	Number   screening.Number
	Kind     string // SaysFor or SaysWithdraw
	Category string // "" where it is withdrawn
	Body     string // as it was sent
	At       time.Time
	Refused  string // why the group did not accept it, in a plain sentence; "": it did
}

// Report is a household's report on a number.
type Report struct {
	Category string
	At       time.Time
	By       string // a person's name, or store.ByTelephone
}

// GroupReport is a number about which something is to be sent to a group, or was.
type GroupReport struct {
	Number  screening.Number
	Report  *Report     // the present one; nil: none
	Changed time.Time   // when it was made, or its category last changed
	Contact bool        // it is a contact's number by now
	Tried   *SentReport // what was sent last, accepted or not; nil: nothing
	Taken   *SentReport // what the group accepted last
}

// GroupReports lists the numbers that a household has reported or that a group was sent something about, the newest report first, with the present
// report and what the group was sent.
func (o *Outbox) GroupReports(ctx context.Context, group int64) (all []GroupReport, err error) {
	said, err := o.said(ctx, group)
	if err != nil {
		return nil, err
	}
	err = sqlite.Each(ctx, o.read, func(scan func(...any) error) error {
		var r Report
		var g GroupReport
		var stands bool
		err := scan(columns.ScanNumber(&g.Number), &r.Category, columns.ScanTime(&r.At), &r.By, columns.ScanTime(&g.Changed), &stands, &g.Contact)
		if stands {
			g.Report = &r
		}
		g.Tried, g.Taken = said[g.Number].tried, said[g.Number].taken
		if stands || g.Tried != nil {
			all = append(all, g)
		}
		return err
	}, `SELECT n.number, coalesce(r.category, ''), r.at, coalesce(r.reported_by, ''), max(r.at, coalesce(r.changed_at, 0)), r.at IS NOT NULL AND r.withdrawn_at IS NULL,
		EXISTS (SELECT 1 FROM contact_numbers c WHERE c.household_id = g.household_id AND c.number = n.number)
		FROM joined_groups g JOIN (SELECT household_id, number FROM reports UNION SELECT j.household_id, s.number FROM sent_reports s JOIN joined_groups j ON j.id = s.group_id WHERE j.id = ?1) n
			ON n.household_id = g.household_id
		LEFT JOIN reports r ON r.household_id = n.household_id AND r.number = n.number
		WHERE g.id = ?1 ORDER BY r.at DESC, n.number`, group)
	return all, err
}

type said struct{ tried, taken *SentReport }

// said is what a group was last sent about each number.
func (o *Outbox) said(ctx context.Context, group int64) (map[screening.Number]said, error) {
	all := map[screening.Number]said{}
	err := sqlite.Each(ctx, o.read, func(scan func(...any) error) error {
		var sent SentReport
		err := scan(sent.fields()...)
		last := all[sent.Number]
		last.tried = &sent
		if sent.Refused == "" {
			last.taken = &sent
		}
		all[sent.Number] = last
		return err
	}, sentQuery+` AND s.id IN (SELECT max(id) FROM sent_reports WHERE group_id = ?1 GROUP BY number
		UNION ALL SELECT max(id) FROM sent_reports WHERE group_id = ?1 AND refused = '' GROUP BY number) ORDER BY s.id`, group)
	return all, err
}

const sentQuery = "SELECT s.number, s.kind, s.category, s.body, s.sent_at, s.refused FROM sent_reports s WHERE s.group_id = ?1"

func (r *SentReport) fields() []any {
	return []any{columns.ScanNumber(&r.Number), &r.Kind, &r.Category, &r.Body, columns.ScanTime(&r.At), &r.Refused}
}

// SentReports lists what was sent to a group, the newest first, limit at most.
func (o *Outbox) SentReports(ctx context.Context, group int64, limit int) ([]SentReport, error) {
	return sqlite.Rows(ctx, o.read, (*SentReport).fields, sentQuery+" ORDER BY s.id DESC LIMIT ?2", group, limit)
}

// ReportSent notes what was sent to a group, and that its hub could be reached. Nothing is kept of a withdrawal, nor of what it withdraws, if the household has
// forgotten the caller: then it has not even a report that was withdrawn.
func (o *Outbox) ReportSent(ctx context.Context, group int64, r SentReport) error {
	return o.write.Do(ctx, func(tx *sql.Tx) error {
		return sqlite.Exec(ctx, tx, `INSERT INTO sent_reports (group_id, number, kind, category, body, sent_at, refused) VALUES (?, ?, ?, ?, ?, ?, ?);
			DELETE FROM sent_reports WHERE group_id = ?1 AND number = ?2 AND ?3 = 'withdraw' AND NOT EXISTS (SELECT 1 FROM reports r
				JOIN joined_groups g ON g.household_id = r.household_id WHERE g.id = ?1 AND r.number = ?2);
			UPDATE joined_groups SET failures = 0, last_error = '', next_try = 0 WHERE id = ?`,
			group, r.Number.Key(), r.Kind, r.Category, r.Body, r.At.Unix(), columns.Bounded(r.Refused), group, r.Number.Key(), r.Kind, group)
	})
}
