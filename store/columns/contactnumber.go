package columns

import (
	"strconv"
	"strings"

	"ringfence/screening"
)

// NumberOfContact is SQL for the key in contact_numbers by which a household's contact has a number: the whole number, or else the longest of the
// beginnings that it has; NULL if no contact has it. number has to be an expression that costs nothing to read several times.
func NumberOfContact(household, number string) string {
	var keys []string
	for _, beginning := range beginnings(number) {
		keys = append(keys, strconv.FormatInt(screening.BeginningKeys, 10)+" + "+beginning)
	}
	from := " FROM contact_numbers m WHERE m.household_id = " + household + " AND m.number "
	// Most households have no beginnings. One look whether there is any costs less than looking for fourteen.
	return "coalesce((SELECT m.number" + from + "= " + number + "), CASE WHEN EXISTS (SELECT 1" + from + "> " + strconv.FormatInt(screening.BeginningKeys, 10) +
		") THEN (SELECT max(m.number)" + from + "IN (" + strings.Join(keys, ", ") + ")) END)"
}

// InBeginning is SQL for whether a household's contact has the beginning of a number. It is for a great many numbers: it looks at the household's
// beginnings alone, and most households have none.
func InBeginning(household, number string) string {
	all := strconv.FormatInt(screening.BeginningKeys, 10)
	return "EXISTS (SELECT 1 FROM contact_numbers m WHERE m.household_id = " + household + " AND m.number > " + all + " AND m.number - " + all +
		" IN (" + strings.Join(beginnings(number), ", ") + "))"
}

// beginnings are SQL for the first digits of a number.
func beginnings(number string) (all []string) {
	for digits, power := 1, int64(10); digits < MaxDigits; digits, power = digits+1, power*10 {
		all = append(all, number+" / "+strconv.FormatInt(power, 10))
	}
	return all
}
