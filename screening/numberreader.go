package screening

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// NumberReader reads many numbers of one region, such as those of a list. It gives the same results as ParseNumber, and is many times faster for
// numbers that are written plainly: in full, with or without a plus sign, an international or a trunk prefix. Its methods may be called from any
// goroutine.
//
// The phone-number library matches a dozen regular expressions for a number, most of them to find out whether it is valid. But a number that is
// possible and has only one form is accepted whether it is valid or not (see readFull). So it is enough that it begins with a country code, has a
// length that the country uses, and does not begin with digits that the library would take off, all of which is in the library's data. Whatever is
// written in another way, or would be refused, is left to the library.
type NumberReader struct {
	region string
	home   plan           // of the region
	idd    beginning      // what is dialled before a country code: 00
	whole  *regexp.Regexp // matches all of the region's numbers, without their country code
}

// plan is what has to be known about a numbering plan.
type plan struct {
	code     string
	possible uint32    // a bit for each length that a number has without its country code
	local    uint32    // and for each length that it has without its area code
	trunk    beginning // what is dialled before an area code
	zeros    bool      // a leading zero belongs to the number
}

// NewNumberReader makes a reader; the error is ValidRegion's.
func NewNumberReader(region string) (*NumberReader, error) {
	if err := ValidRegion(region); err != nil {
		return nil, err
	}
	if r := readerOf(region); r != nil {
		return r, nil
	}
	return nil, errNoData
}

// errNoData is a fault of the program, because the library carries its data with it.
var errNoData = errors.New("the phone-number library has no data of the region: this program was not built properly, install it again")

// readers caches the readers of the regions that were asked for, which are those of the lines. They only hold the library's data in a form that is
// quick to use; making that takes some hundred microseconds, too long for every call.
var readers sync.Map

// readerOf returns nil if there is no such region.
func readerOf(region string) *NumberReader {
	if r, made := readers.Load(region); made {
		return r.(*NumberReader)
	}
	country := metadataOf(region)
	if country == nil || ValidRegion(region) != nil {
		return nil // not cached: there is no end of names that are no region
	}
	r, _ := readers.LoadOrStore(region, &NumberReader{
		region: region,
		home:   planOf(country),
		idd:    beginningOf(country.GetInternationalPrefix(), ""),
		whole:  regexp.MustCompile("^(?:" + country.GetGeneralDesc().GetNationalNumberPattern() + ")$"),
	})
	return r.(*NumberReader)
}

// metadataOf is the library's data on a region, or nil.
func metadataOf(region string) *phonenumbers.PhoneMetadata {
	data, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil
	}
	for _, country := range data.GetMetadata() {
		if country.GetId() == region {
			return country
		}
	}
	return nil
}

// plans make the numbering plans by country code, each that of the code's main region, when they are first asked for: all of them would take a tenth of
// what a command costs. One that is nil is left to the library.
var plans = sync.OnceValue(func() *[1000]func() *plan {
	all := &[1000]func() *plan{}
	data, err := phonenumbers.MetadataCollection()
	if err != nil {
		return all
	}
	for _, country := range data.GetMetadata() {
		code := int(country.GetCountryCode())
		if country.GetId() == phonenumbers.GetRegionCodeForCountryCode(code) && country.GetGeneralDesc().GetNationalNumberPattern() != "" {
			all[code] = sync.OnceValue(func() *plan {
				p := planOf(country)
				return &p
			})
		}
	}
	return all
})

// planOfCode is a country code's plan, or nil.
func planOfCode(code int) *plan {
	if made := plans()[code]; made != nil {
		return made()
	}
	return nil
}

func planOf(country *phonenumbers.PhoneMetadata) plan {
	general := country.GetGeneralDesc()
	p := plan{code: strconv.Itoa(int(country.GetCountryCode())), zeros: trunkPrefix(country.GetId()) != "0"}
	p.trunk = beginningOf(country.GetNationalPrefixForParsing(), country.GetNationalPrefixTransformRule())
	for _, length := range general.GetPossibleLength() {
		if length > 0 { // -1 is that there are none
			p.possible |= 1 << length
		}
	}
	for _, length := range general.GetPossibleLengthLocalOnly() {
		p.local |= 1 << length
	}
	p.possible &^= p.local
	return p
}

// Parse does what ParseNumber does.
func (r *NumberReader) Parse(raw string) (Number, error) {
	if n, ok := r.fast(raw); ok {
		return n, nil
	}
	return ParseNumber(raw, r.region)
}

// fast reads a number that is written plainly. false only means that it has not read this one.
func (r *NumberReader) fast(raw string) (Number, bool) {
	var room [2 + maxDigits + 4]byte // for a plus sign, and more digits than a prefix and a number have
	written, ok := plainDigits(room[:0], raw)
	if !ok {
		return "", false
	}
	digits := string(written)
	if endsAsStandIn(digits) {
		return "", false
	}
	if international, plus := strings.CutPrefix(digits, "+"); plus {
		return withCode(international)
	}
	if len(digits) <= maxShort || r.idd.pattern == nil {
		return "", false
	}
	if idd, _ := r.idd.of(digits); idd > 0 {
		if idd == len(digits) || digits[idd] == '0' {
			return "", false
		}
		return withCode(digits[idd:])
	}
	if area, found := strings.CutPrefix(digits, r.home.code); found {
		// A number certainly begins with its country code only if it would be too long otherwise.
		if (r.home.possible|r.home.local)>>len(digits) != 0 || !r.home.isWhole(area) {
			return "", false
		}
		return withCode(digits)
	}
	return r.national(digits)
}

// national reads a number of the region without its country code.
func (r *NumberReader) national(digits string) (Number, bool) {
	trunk, plain := r.home.trunk.of(digits)
	// If the digits are a number as they stand, the library checks whether they still are one without the trunk prefix.
	if !plain || trunk > 0 && r.whole.MatchString(digits) {
		return "", false
	}
	area := digits[trunk:]
	if !r.home.takes(area) {
		return "", false
	}
	return withCode(r.home.code + area)
}

// withCode reads a number that begins with its country code.
func withCode(digits string) (Number, bool) {
	if len(digits) > maxDigits {
		return "", false
	}
	code := 0
	for i := 0; i < 3 && i < len(digits); i++ {
		if code = 10*code + int(digits[i]-'0'); code == 0 {
			return "", false
		}
		if p := planOfCode(code); p != nil {
			area := digits[i+1:]
			if !p.takes(area) || !p.isWhole(area) {
				return "", false
			}
			return Number("+" + digits), true
		}
	}
	return "", false
}

// takes says whether a number of the plan can have these digits.
func (p *plan) takes(area string) bool {
	return area != "" && p.possible>>len(area)&1 == 1 && (p.zeros || area[0] != '0')
}

// isWhole says whether the library leaves these digits as they are.
func (p *plan) isWhole(area string) bool {
	trunk, plain := p.trunk.of(area)
	return trunk == 0 && plain
}

// plainDigits puts the digits of a number, and its plus sign, into room. It fails if there is anything else but ASCII separators, or not enough room, or if
// what is written could stand for other numbers too (writing.oneNumber).
func plainDigits(room []byte, raw string) ([]byte, bool) {
	if len(raw) > maxRaw {
		return nil, false
	}
	groups := plainGroups{}
	for i := range len(raw) {
		switch c := raw[i]; {
		case '0' <= c && c <= '9', c == '+' && len(room) == 0:
			if len(room) == cap(room) {
				return nil, false
			}
			groups.digit(c, len(room))
			room = append(room, c)
		case c == ' ' || c == '(' || c == ')':
			groups.between = true
		case c == '-' || c == '.':
			if groups.mark != 0 {
				return nil, false
			}
			groups.between, groups.mark = true, c
		default:
			return nil, false
		}
	}
	return room, len(room) > 0 && groups.plain(room)
}

// plainGroups are the last groups of digits of a number that is being read.
type plainGroups struct {
	between        bool // there was something since the last digit
	mark           byte // a hyphen or a dot since then
	before         byte // and the one before the last group
	previous, last int  // where the last groups begin
	zero           int  // where the first group begins that has a 0 there, behind others
}

func (g *plainGroups) digit(c byte, at int) {
	if g.between && at > 0 {
		g.previous, g.last, g.before = g.last, at, g.mark
		if c == '0' && g.zero == 0 {
			g.zero = at
		}
	}
	g.between, g.mark = false, 0
}

// leastAbroad is how many digits the shortest numbers have with their country code (Niue: +683 4000).
const leastAbroad = 7

// plain says that the groups cannot be two numbers, or a range, or open at their end.
func (g *plainGroups) plain(digits []byte) bool {
	if g.mark != 0 || g.zero > 0 && len(digits)-g.zero >= minAnother {
		return false
	}
	if g.before != '-' {
		return true
	}
	from, to := string(digits[g.previous:g.last]), string(digits[g.last:])
	switch {
	case toNines(from, to), mayRange(from, to):
		return false
	case g.previous == 0 && len(to) <= maxShort: // may be short numbers, such as 1100-110001 in Serbia and +34100000-120 in Spain
		return false
	default:
		return digits[0] == '+' || digits[0] == '0' || g.last < leastAbroad // or the first groups may be a number of another country
	}
}

// beginning is a pattern from the library's data for what may come before a number without belonging to it.
type beginning struct {
	pattern   *regexp.Regexp // nil if there is none
	first     [10]bool       // the digits with which it begins
	literal   string         // the whole pattern, if it is a plain string
	rewriting bool           // if the pattern's last group matches, the number is rewritten
}

func beginningOf(pattern, rule string) beginning {
	if pattern == "" {
		return beginning{}
	}
	b := beginning{pattern: regexp.MustCompile("^(?:" + pattern + ")"), first: firstDigits(pattern), rewriting: rule != ""}
	if literal, complete := regexp.MustCompile(pattern).LiteralPrefix(); complete {
		b.literal = literal
	}
	return b
}

// of returns how many digits are taken off. plain is false if the rest does not stay as it is.
func (b *beginning) of(digits string) (length int, plain bool) {
	switch {
	case b.pattern == nil, digits == "", !b.first[digits[0]-'0']:
		return 0, true
	case b.literal != "" && !b.rewriting:
		if strings.HasPrefix(digits, b.literal) {
			return len(b.literal), true
		}
		return 0, true
	case !b.rewriting:
		found := b.pattern.FindStringIndex(digits)
		if found == nil {
			return 0, true
		}
		return found[1], true
	default:
		found := b.pattern.FindStringSubmatchIndex(digits)
		if found == nil {
			return 0, true
		}
		return found[1], len(found) > 2 && found[len(found)-2] < 0
	}
}

// firstDigits says for each digit whether a pattern can match something that begins with it, or is empty.
func firstDigits(pattern string) (can [10]bool) {
	program, err := compile(pattern)
	for digit := range can {
		can[digit] = err != nil || canBegin(program, rune('0'+digit))
	}
	return can
}

func compile(pattern string) (*syntax.Prog, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(parsed.Simplify())
}

func canBegin(program *syntax.Prog, r rune) bool {
	seen := make([]bool, len(program.Inst))
	var walk func(at uint32) bool
	walk = func(at uint32) bool {
		if seen[at] {
			return false
		}
		seen[at] = true
		switch i := &program.Inst[at]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			return walk(i.Out) || walk(i.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			return walk(i.Out)
		case syntax.InstFail:
			return false
		case syntax.InstMatch:
			return true
		default:
			return i.MatchRune(r)
		}
	}
	return walk(uint32(program.Start))
}
