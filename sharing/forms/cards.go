package forms

import (
	"errors"
	"io"
	"slices"

	"ringfence/sharing"
	"ringfence/sharing/addressbook"
	"ringfence/store/lists"
)

// cards reads an address book: every number of everybody in it, whatever they are called. If some are contacts of the household, people are told before the list is
// imported, and they ring all the same.
func (i *Import) cards(file io.Reader, take func(lists.Entry) error) error {
	book, err := addressbook.Read(file, addressbook.Options{Region: i.Region, Columns: i.Columns})
	if err != nil {
		return err
	}
	i.zeros = true
	refused := book.Refused
	var entries []lists.Entry
	for _, row := range book.Rows {
		if len(row.Numbers) > 0 && !unwanted(row.Name) {
			i.Doubt = "its numbers are from an address book, in which not every name says that the caller is unwanted"
		}
		if len(row.Numbers) == 0 {
			refused = append(refused, sharing.Refusal{Line: row.Line, Why: "it has no number"})
		}
		for _, n := range row.Numbers {
			found, err := i.entries(n.Text, lists.Entry{Confidence: listed, Note: clean(row.Name, maxNote)})
			if err != nil {
				refused = append(refused, sharing.Refusal{Line: n.Line, Why: err.Error()})
				continue
			}
			entries = append(entries, found...)
		}
	}
	if i.Certain && i.Doubt != "" {
		return errors.New("not every name in this address book says that the caller is unwanted: write the scam numbers into a table, and publish that")
	}
	slices.SortStableFunc(refused, func(a, b sharing.Refusal) int { return a.Line - b.Line })
	for _, r := range refused {
		i.refuse(r.Line, errors.New(r.Why))
	}
	for _, e := range entries {
		if err := take(e); err != nil {
			return err
		}
	}
	return nil
}
