package screening

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

const (
	// maxRaw is how many bytes a written number may have. It is the phone-number library's own limit.
	maxRaw = 250
	// maxDigits is how long a number can be with its country code (ITU-T E.164, section 6.1).
	maxDigits = 15
	// maxShort is how long a short number can be. The longest in the library's data, and the 116 numbers, have six digits.
	maxShort = 6
	// minPrefix is how many digits of a prefix have to follow the country code. Fewer would turn away a whole country, or
	// all its mobile telephones. Shared lists have been seen with "0" and "00" on them (github.com/haumacher/phoneblock, issue 27).
	minPrefix = 3
)

// What is wrong with a number, in words that fit after the number itself.
var (
	errEmpty     = errors.New("there is no phone number here; write one, with its area code")
	errForeign   = errors.New("contains something that isn't part of a phone number; use digits only")
	errTooShort  = errors.New("is too short for a phone number; write it in full, with its area code")
	errTooLong   = errors.New("is too long for a phone number; write one number, with its area code")
	errCountry   = errors.New("begins with a country code that doesn't exist; write the number as you dial it from home, or with + and the country code")
	errNoSuch    = errors.New("can't be a real number; check it digit by digit")
	errAmbiguous = errors.New("could be the start of many numbers; start with 0 and the area code, or with + and the country code")
	errStandIn   = errors.New("is what phones and networks show in place of a number, so it is nobody's; write the number itself")
	errWide      = fmt.Errorf("would match far too many numbers; give at least %d digits after the country code", minPrefix)
)

// ValidRegion returns an error that says why region cannot be a line's region. It has to be an ISO 3166-1 alpha-2 code, in capitals, that the
// phone-number library knows.
func ValidRegion(region string) error {
	if phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return fmt.Errorf("%s is not a region; write the country's two capital letters, such as GB", quoted(region))
	}
	return nil
}

// Regions lists all regions in which a line can be, in alphabetical order.
func Regions() []string {
	all := slices.Collect(maps.Keys(phonenumbers.GetSupportedRegions()))
	slices.Sort(all)
	return all
}

// ParseNumber reads a telephone number as people type it and as lists hold it: national for the region, or international with + or 00; with or
// without spaces, hyphens, dots, brackets and an extension, which is dropped; a sip: or tel: address; or a short number of the region. The
// number has to be possible, but not valid (see the package comment). What may stand for other numbers too, with a wildcard or as a range, is refused.
// The error is one plain sentence that begins with what was written and ends with what to do.
func ParseNumber(raw, region string) (Number, error) {
	if err := ValidRegion(region); err != nil {
		return "", err
	}
	found, err := read(raw, region)
	return found.number, explain(raw, err)
}

// ParsePrefix reads the first digits of telephone numbers, such as "0909*", "0909" or "+44 909", and returns them with the country code and
// without plus: "44909". They have to begin with the region's trunk prefix (0 in most countries), its international prefix (00), + or the
// region's own country code, because "909" alone could be an area code or a country. A prefix that would match too many numbers is refused.
// The error is a sentence like ParseNumber's.
func ParsePrefix(raw, region string) (digits string, err error) {
	if err := ValidRegion(region); err != nil {
		return "", err
	}
	digits, err = readPrefix(strings.TrimRight(raw, "*.…- "), region)
	return digits, explain(raw, err)
}

func explain(raw string, err error) error {
	if err == nil || errors.Is(err, errEmpty) {
		return err
	}
	return fmt.Errorf("%s %w", quoted(raw), err)
}

// NumberOf is the whole number that a block or an entry of a list has as digits, without a plus sign.
func NumberOf(digits string) Number {
	if len(digits) <= maxShort {
		return Number(digits)
	}
	return Number("+" + digits)
}

// Written is a block or an entry of a list as people of the region write it: its number, or the beginning that its numbers have.
func Written(digits string, prefix bool, region string) string {
	if prefix {
		area, here := strings.CutPrefix(digits, strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region)))
		if here && area != "" && trunkPrefix(region) == "0" {
			return "0" + area + "…"
		}
		return "+" + digits + "…"
	}
	return NumberOf(digits).National(region)
}

// Digits is what NumberOf makes a number of: its digits, without the plus sign.
func (n Number) Digits() string { return strings.Trim(string(n), "+*") }

// National is the number as people of the region write it: "020 7946 0123" for GB, a foreign number in international format
// ("+1 201-555-0123"), a short number as it is.
func (n Number) National(region string) string {
	if !strings.HasPrefix(string(n), "+") {
		return string(n)
	}
	if beginning, is := n.Beginning(); is {
		return strings.TrimSuffix(Written(beginning, true, region), "…") + "*"
	}
	parsed, err := phonenumbers.Parse(string(n), region)
	if err != nil {
		return string(n)
	}
	if int(parsed.GetCountryCode()) != phonenumbers.GetCountryCodeForRegion(region) {
		return n.abroad(parsed, region)
	}
	national := phonenumbers.Format(parsed, phonenumbers.NATIONAL)
	// A number outside all ranges has no format. It may come out without its 0, so that nobody could dial it, or look like another one.
	back, err := read(national, region)
	if err != nil || back.number != n || trunkPrefix(region) == "0" && !strings.HasPrefix(national, "0") {
		return n.abroad(parsed, region)
	}
	return national
}

// abroad is the number in international format, unless its spaces and hyphens could be taken for something else than that.
func (n Number) abroad(parsed *phonenumbers.PhoneNumber, region string) string {
	international := phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
	if back, err := read(international, region); err != nil || back.number != n {
		return string(n)
	}
	return international
}

// Dialled is the number as a telephone in a region dials it: digits only, with a + before a foreign number. It is safe in what Asterisk dials,
// where a bracket or a comma that National might write would mean something else.
func (n Number) Dialled(region string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, n.National(region))
}

// reading is a number that could be read.
type reading struct {
	number  Number
	country int                          // its country code; 0 for a short number
	region  string                       // the one it belongs to of those that share the country code; "" if that is not known
	kind    phonenumbers.PhoneNumberType // UNKNOWN for a short number
}

// valid is IsValidNumber's own criterion.
func (r reading) valid() bool { return r.kind != phonenumbers.UNKNOWN }

// read reads a number as it is written, dialled or shown by the network. Its errors are the ones listed above and in written.go.
func read(raw, region string) (reading, error) {
	w, err := takeApart(raw)
	if err != nil {
		return reading{}, err
	}
	found, err := readDigits(w.digits, region)
	if err == nil {
		err = w.oneNumber(found, region)
	}
	if err != nil {
		return reading{}, err
	}
	return found, nil
}

func readDigits(digits, region string) (reading, error) {
	if isShort(digits, region) { // first, because the library reads 999 as +44999
		return reading{number: Number(digits), kind: phonenumbers.UNKNOWN}, nil
	}
	if _, is := standIn(digits, region); is {
		return reading{}, errStandIn
	}
	if found, ok := readPlain(digits, region); ok {
		return found, nil
	}
	found, err := readWithLibrary(digits, region)
	if _, is := standIn(string(found.number), region); err == nil && is && found.country != 0 {
		return reading{}, errStandIn // an international number without its plus sign, such as 80000000000
	}
	if err == nil && !found.valid() {
		// Behind a prefix that only the library knows, such as a carrier's.
		if _, is := meansNothing(strings.TrimLeft(AreaDigits(found.number.Digits()), "0")); is && found.country != 0 {
			return reading{}, errStandIn
		}
	}
	return found, err
}

// readPlain reads most numbers in a fraction of the library's time, because a call waits for it. false only means that it has not read this one.
func readPlain(digits, region string) (reading, bool) {
	r := readerOf(region)
	if r == nil {
		return reading{}, false
	}
	number, ok := r.fast(digits)
	if !ok {
		return reading{}, false
	}
	code, area, err := cutCountryCode(string(number[len("+"):]))
	if err != nil {
		return reading{}, false
	}
	return readingOf(number, code, area), true
}

func readingOf(number Number, code int, area string) reading {
	found := reading{number: number, country: code}
	found.region, found.kind = kindsOf(code).of(area)
	return found
}

func readWithLibrary(digits, region string) (reading, error) {
	found, err := readFull(digits, region)
	if err != nil {
		return readUnmarked(digits, region, err)
	}
	return found, nil
}

// readUnmarked understands two more ways to write what could not be read as it stands, for want of another meaning: a short number behind the
// region's own country code ("+44999"), which networks make of it that put every number into international form; and an international number without
// its plus sign ("33..." on a British line), as many trunks send it and many lists hold it, or with the international prefix 00 in a region that has
// another.
func readUnmarked(digits, region string, reason error) (reading, error) {
	bare := strings.TrimPrefix(strings.TrimPrefix(digits, "+"), "00")
	country := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
	if short, own := strings.CutPrefix(bare, country); own && bare != digits && isShort(short, region) {
		return reading{number: Number(short), kind: phonenumbers.UNKNOWN}, nil
	}
	if found, err := readFull("+"+bare, region); err == nil && found.valid() {
		return found, nil
	}
	return reading{}, reason
}

// readFull reads digits as a possible number with an area code.
func readFull(digits, region string) (reading, error) {
	parsed, err := phonenumbers.Parse(digits, region)
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return reading{}, errCountry
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return reading{}, errTooLong
	case err != nil: // for digits, the library's other errors all mean that there are too few
		return reading{}, errTooShort
	}
	switch phonenumbers.IsPossibleNumberWithReason(parsed) {
	case phonenumbers.IS_POSSIBLE:
	case phonenumbers.TOO_LONG:
		return reading{}, errTooLong
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY: // the latter lacks its area code
		return reading{}, errTooShort
	default:
		return reading{}, errNoSuch
	}
	e164 := phonenumbers.Format(parsed, phonenumbers.E164)
	if len(e164) > len("+")+maxDigits {
		return reading{}, errTooLong
	}
	found := readingOf(Number(e164), int(parsed.GetCountryCode()), phonenumbers.GetNationalSignificantNumber(parsed))
	if !found.valid() && !isStable(parsed, e164) {
		return reading{}, errNoSuch
	}
	return found, nil
}

// isStable says whether a number that is not valid has only one form. From some digits ("00000000" in Belarus) the library makes a number whose
// form reads as another number; and where 0 is dialled before an area code, and never belongs to it, the library takes it for part of a number
// that would be too short otherwise.
func isStable(parsed *phonenumbers.PhoneNumber, e164 string) bool {
	if parsed.GetItalianLeadingZero() && trunkPrefix(mainRegion(parsed)) == "0" {
		return false
	}
	again, err := phonenumbers.Parse(e164, phonenumbers.UNKNOWN_REGION)
	return err == nil && phonenumbers.Format(again, phonenumbers.E164) == e164
}

// isSeparator is true for characters between digits that mean nothing: white space, brackets, dots, slashes, hyphens and dashes, and the invisible
// characters that come along when a number is copied from a contacts app or a spreadsheet.
func isSeparator(r rune) bool {
	return strings.ContainsRune("().-/", r) || unicode.IsSpace(r) && !unicode.IsControl(r) || r == '\t' ||
		unicode.In(r, unicode.Dash, unicode.Cf)
}

// subscriber is the part of a sip:, sips: or tel: address that names the telephone (RFC 3261 section 19.1.6, RFC 3966). Other text stays as it is,
// without a host and parameters at its end, which some trunks add to the caller's number.
func subscriber(raw string) string {
	written := strings.TrimSpace(raw)
	scheme, rest, isURI := strings.Cut(written, ":")
	switch strings.ToLower(scheme) {
	case "sip", "sips", "tel":
		written = rest
	default:
		isURI = false
	}
	if number, host, found := strings.Cut(written, "@"); found &&
		(isURI || host == "" || strings.ContainsAny(host, ".:[") || strings.ContainsFunc(host, unicode.IsLetter)) {
		written = number
	}
	if unescaped, err := url.PathUnescape(written); err == nil { // adapters also send it without "sip:" (RFC 3261 section 19.1.2)
		written = unescaped
	}
	written, parameters := cutParameters(written)
	for parameter := range strings.SplitSeq(parameters, ";") {
		context, found := strings.CutPrefix(parameter, "phone-context=")
		if found && strings.HasPrefix(context, "+") && !strings.HasPrefix(written, "+") {
			return context + written
		}
	}
	return written
}

// parameter is the first one behind a number, such as ";ext=5" (RFC 3966 section 3). Its name has letters and hyphens alone.
var parameter = regexp.MustCompile(`^[A-Za-z-]+(?:[=;@].*)?$`)

// cutParameters cuts written before its first parameter. A semicolon between two numbers does not begin a parameter: such text is better refused than
// half understood.
func cutParameters(written string) (before, parameters string) {
	before, parameters, _ = strings.Cut(written, ";")
	if !parameter.MatchString(parameters) {
		return written, ""
	}
	return before, parameters
}

// isShort says whether digits are a short number of the region, such as 999, 101 or 1571.
func isShort(digits, region string) bool {
	if digits == "" || len(digits) > maxShort || strings.HasPrefix(digits, "+") {
		return false
	}
	if _, protected := NeverBlocked(Number(digits), region); protected {
		return true
	}
	value, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return false
	}
	country := int32(phonenumbers.GetCountryCodeForRegion(region))
	short := &phonenumbers.PhoneNumber{CountryCode: &country, NationalNumber: &value}
	if zeros := int32(len(digits) - len(strings.TrimLeft(digits[:len(digits)-1], "0")) - 1); zeros > 0 {
		leading := true
		short.ItalianLeadingZero, short.NumberOfLeadingZeros = &leading, &zeros
	}
	return phonenumbers.IsValidShortNumberForRegion(short, region)
}

// trunkPrefix is what the region's people dial before an area code: "0" in Britain, "1" in North America, "" in Spain.
func trunkPrefix(region string) string {
	return phonenumbers.GetNddPrefixForRegion(region, true)
}

func mainRegion(parsed *phonenumbers.PhoneNumber) string {
	return phonenumbers.GetRegionCodeForCountryCode(int(parsed.GetCountryCode()))
}
