package screening

import (
	"slices"
	"strings"
	"time"
)

// Line is what ringfence.toml says of a household's telephone line, with the region that people may have chosen instead.
type Line struct {
	Region   string
	Number   Number         // "" where it is not known
	Language string         // in which callers and the household are spoken to, such as "en-GB"
	Telecare []Number       // the alarm centres that a pendant rings
	Zone     *time.Location // of the household's clocks; nil is UTC
	Router   bool           // the line comes from a router that is an exchange itself (picture 3 of docs/setting-up.md)
}

// Complete adds the line to what a household has chosen.
func (l Line) Complete(h Household) Household {
	h.Region, h.Number, h.Telecare, h.Times.Zone = l.Region, l.Number, l.Telecare, l.Zone
	return h
}

// Local is a time by the household's clocks.
func (l Line) Local(t time.Time) time.Time { return l.Complete(Household{}).Local(t) }

// Identify is what the function Identify makes of a caller on this line, with what only the line knows:
//
//   - an identity that is the line's own number says nothing of the caller: providers assert it for calls that were passed on. Then From is
//     taken, if it is a possible number;
//   - the phones and the door bell of the line's router are Internal.
func (l Line) Identify(id Identity) Caller {
	id = l.PassOver(id)
	n, internal := l.extension(id.Number)
	if !internal {
		return Identify(id, l.Region)
	}
	clean := id
	clean.Number = string(n)
	if why, none := noNumber(clean); none {
		return Caller{Name: displayName(id.Name), Presentation: why.presentation, Forged: id.Forged}
	}
	return Caller{Number: n, Name: displayName(id.Name), Presentation: Allowed, Internal: true, Forged: id.Forged}
}

// PassOver is what is taken of an identity that may be the line's own number, as the log keeps it. Identify does it by itself. From is left empty, so
// that nobody reads the numbers for this a second time.
func (l Line) PassOver(id Identity) Identity {
	if id.From != "" && l.isOwn(id.Number) && l.canBeShown(id.From) {
		id.Number = subscriber(id.From)
	}
	id.From = ""
	return id
}

func (l Line) isOwn(raw string) bool {
	if l.Number == "" {
		return false
	}
	found, err := read(raw, l.Region)
	return err == nil && found.number == l.Number
}

func (l Line) canBeShown(raw string) bool {
	if _, internal := l.extension(raw); internal {
		return true
	}
	found, err := read(raw, l.Region)
	return err == nil && found.number != l.Number
}

// ParseNumber is the function ParseNumber for this line, where a contact can also be one of the router's phones or its door bell: "**610".
func (l Line) ParseNumber(raw string) (Number, error) {
	if n, internal := l.extension(raw); internal {
		return n, nil
	}
	return ParseNumber(raw, l.Region)
}

// internalMark is what a FRITZ!Box has before the numbers of its phones: **1 and **2 at its sockets, **610 cordless, **91 at a door. Other routers
// leave it out.
const internalMark = "**"

// extension reads the number of one of the router's own phones, which is "**610" for "610" too. Digits with which somebody rings for help, or that
// are a short number of the region, are none.
func (l Line) extension(raw string) (n Number, is bool) {
	digits, marked := strings.CutPrefix(subscriber(raw), internalMark)
	if !l.Router || digits == "" || len(digits) > 3 || strings.Trim(digits, "0123456789") != "" || isZeros(digits) {
		return "", false
	}
	if !marked && (len(digits) < 2 || isShort(digits, l.Region)) {
		return "", false
	}
	_, never := NeverBlocked(Number(digits), l.Region)
	if never || slices.Contains(emergencyAnywhere, digits) || slices.Contains(l.Telecare, Number(digits)) {
		return "", false
	}
	return Number(internalMark + digits), true
}

// InternalPiece says whether text is the beginning of such a number, written with its stars: "**6". It helps those who look for a call, also if the line
// has been another since, so it asks nothing of the line.
func InternalPiece(text string) (start string, is bool) {
	start = strings.ReplaceAll(text, " ", "")
	digits, marked := strings.CutPrefix(start, internalMark)
	return start, marked && len(digits) <= 3 && strings.Trim(digits, "0123456789") == ""
}

// IsInternal says whether a number is one of a router's own phones or door bells.
func (n Number) IsInternal() bool { return strings.HasPrefix(string(n), internalMark) }
