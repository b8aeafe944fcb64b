package screening

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// readPrefix reads the first digits of telephone numbers. The phone-number library only parses whole numbers, but its data has the digits that come
// before a national and before an international number.
func readPrefix(written, region string) (string, error) {
	w, err := takeApart(written)
	if err != nil {
		return "", err
	}
	if w.marked || strings.Contains(w.text, "..") { // which would be wider than what is written
		return "", errForeign
	}
	if err := w.apart(0, region); err != nil {
		return "", err
	}
	digits, err := withCountryCode(w.digits, region)
	if err != nil {
		return "", err
	}
	code, area, err := cutCountryCode(digits)
	if err != nil {
		return "", err
	}
	if trunkPrefix(phonenumbers.GetRegionCodeForCountryCode(code)) == "0" {
		area = strings.TrimPrefix(area, "0") // as in "+44 (0)909"; no number has it after the country code
		if strings.HasPrefix(area, "0") {
			return "", errNoSuch
		}
	}
	full := strconv.Itoa(code) + area
	switch {
	case len(area) < minPrefix:
		return "", errWide
	case len(full) > maxDigits:
		return "", errTooLong
	}
	return full, nil
}

// withCountryCode turns a prefix as dialled in the region into one that begins with a country code.
func withCountryCode(digits, region string) (string, error) {
	if international, plus := strings.CutPrefix(digits, "+"); plus {
		return international, nil
	}
	if international, dialled := cutInternationalPrefix(digits, region); dialled {
		return international, nil
	}
	own := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
	trunk := trunkPrefix(region)
	national, marked := strings.CutPrefix(digits, trunk)
	switch {
	case marked || trunk != "0": // without a 0 for area codes (Spain) or with one that many leave out (America)
		return own + national, nil
	case strings.HasPrefix(digits, own):
		return digits, nil
	default:
		return "", errAmbiguous
	}
}

// cutInternationalPrefix cuts what is dialled in the region before a country code, such as 00 or 011.
func cutInternationalPrefix(digits, region string) (rest string, found bool) {
	r := readerOf(region)
	if r == nil {
		return digits, false
	}
	length, _ := r.idd.of(digits)
	return digits[length:], length > 0
}

// AreaDigits are the digits of a number or a prefix after its country code, both without plus; "" if digits do not begin with a country code.
func AreaDigits(digits string) string {
	_, area, err := cutCountryCode(digits)
	if err != nil {
		return ""
	}
	return area
}

// cutCountryCode cuts the country code off digits. No code is the beginning of another, and none begins with 0.
func cutCountryCode(digits string) (code int, area string, err error) {
	known := phonenumbers.GetSupportedCallingCodes()
	for length := 1; length <= 3 && length <= len(digits) && digits[0] != '0'; length++ {
		if code, err := strconv.Atoi(digits[:length]); err == nil && known[code] {
			return code, digits[length:], nil
		}
	}
	return 0, "", errCountry
}
