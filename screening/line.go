package screening

import "time"

// Line is what ringfence.toml says of a household's telephone line, with the region that people may have chosen instead.
type Line struct {
	Region   string
	Number   Number         // "" where it is not known
	Language string         // in which callers and the household are spoken to, such as "en-GB"
	Telecare []Number       // the alarm centres that a pendant rings
	Zone     *time.Location // of the household's clocks; nil is UTC
}

// Complete adds the line to what a household has chosen.
func (l Line) Complete(h Household) Household {
	h.Region, h.Number, h.Telecare, h.Times.Zone = l.Region, l.Number, l.Telecare, l.Zone
	return h
}

// Local is a time by the household's clocks.
func (l Line) Local(t time.Time) time.Time { return l.Complete(Household{}).Local(t) }
