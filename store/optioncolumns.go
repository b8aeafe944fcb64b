package store

import (
	"strings"

	"ringfence/screening"
	"ringfence/store/columns"
)

// Column is a column with the value of an option. Its name is always a constant, and never comes from outside.
type Column string

// OptionColumn is a column of an option that a verdict needs, and where its value goes.
type OptionColumn struct {
	Name Column
	Into any
}

// OptionColumns are the columns of the options that a verdict needs, with where each goes in a household. The query of every call and the export of what a
// household has are made from them.
func OptionColumns(h *screening.Household) []OptionColumn {
	all := []OptionColumn{
		{"threshold", &h.Threshold},
		{"emergency_s", columns.ScanSeconds(&h.Emergency)},
		{"quiet_contacts", &h.Times.QuietContacts},
		{"human_check", &h.HumanCheck},
		{"ring_dialled", &h.RingDialled},
		{"dial_guard", &h.DialGuard},
		{"carer_number", &h.CarerNumber},
		{"carer_when", &h.CarerWhen},
		{"scam_words", &h.ScamWords},
		{"display_words", &h.DisplayWords},
		{"countries", &h.Countries},
		{"second_try_s", columns.ScanSeconds(&h.SecondTry)},
		{"hold_strangers_s", columns.ScanSeconds(&h.HoldStrangers)},
	}
	for _, kind := range screening.CallerKinds() {
		all = append(all, OptionColumn{KindColumn(kind.Code), kind.Of(&h.Policy)})
	}
	return all
}

// KindColumn is the column of what is chosen for a kind of callers.
func KindColumn(kind screening.Code) Column { return kindColumns[kind] }

// kindColumns are made once, because every call asks for all of them.
var kindColumns = func() map[screening.Code]Column {
	all := map[screening.Code]Column{}
	for _, kind := range screening.CallerKinds() {
		all[kind.Code] = Column(kindPrefix + strings.ReplaceAll(string(kind.Code), "-", "_"))
	}
	return all
}()

const kindPrefix = "if_"

// Field is what the export calls a column. Its numbers of seconds say so.
func (c Column) Field() string {
	field := strings.TrimPrefix(string(c), kindPrefix)
	if name, is := strings.CutSuffix(field, "_s"); is {
		field = name + "_seconds"
	}
	return field
}

// optionNames are the columns in their order, each followed by a comma.
func optionNames() string {
	text := ""
	for _, c := range OptionColumns(&screening.Household{}) {
		text += "h." + string(c.Name) + ", "
	}
	return text
}
