package store

import (
	"context"
	"errors"
	"time"
)

// Change is a line in the log of who changed what. The log is only ever added to: the database itself refuses to edit it.
type Change struct {
	ID        int64
	Household string // "" is the whole machine
	At        time.Time
	Person    int64  // 0: nobody's account did it
	By        string // their name as it was then, or ByCommand, ByTelephone
	What      string // a word for programs, such as "contact-added"
	Text      string // a plain sentence
}

// Who changes things without an account.
const (
	ByCommand   = "command line"
	ByTelephone = "telephone"
)

// maxChange is how long the sentence is at most, in bytes.
const maxChange = 1000

// AddChange adds to the log of changes. ID is of no account.
func (s *Store) AddChange(ctx context.Context, c Change) error {
	if c.What == "" || c.Text == "" || c.By == "" {
		return errors.New("a change without who, what or a sentence is not one")
	}
	if c.Household != "" {
		return s.change(ctx, c.Household, `INSERT INTO changes (household_id, at, person_id, person, what, text)
			SELECT id, ?, nullif(?, 0), ?, ?, ? FROM households WHERE name = ?`, c.At.Unix(), c.Person, bounded(c.By), bounded(c.What), boundedTo(c.Text, maxChange))
	}
	_, err := s.write.ExecContext(ctx, "INSERT INTO changes (at, person_id, person, what, text) VALUES (?, nullif(?, 0), ?, ?, ?)",
		c.At.Unix(), c.Person, bounded(c.By), bounded(c.What), boundedTo(c.Text, maxChange))
	return err
}

// Changes lists a household's log of changes, or with "" the machine's, the newest first: limit of them before the one
// with that ID; 0 begins with the newest.
func (s *Store) Changes(ctx context.Context, household string, before int64, limit int) (all []Change, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.id, c.at, coalesce(c.person_id, 0), c.person, c.what, c.text FROM changes c
		WHERE c.household_id IS (SELECT id FROM households WHERE name = ?1) AND (?1 = '' OR c.household_id IS NOT NULL)
		AND (?2 = 0 OR c.id < ?2) ORDER BY c.id DESC LIMIT ?3`, household, before, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		c := Change{Household: household}
		var at int64
		if err := rows.Scan(&c.ID, &at, &c.Person, &c.By, &c.What, &c.Text); err != nil {
			return nil, err
		}
		c.At = time.Unix(at, 0)
		all = append(all, c)
	}
	return all, rows.Err()
}
