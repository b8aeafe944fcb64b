package export

import (
	"strconv"
	"strings"

	"ringfence/screening"
)

// How columns are written as JSON. The queries make one JSON object a row, so that no row has to be understood here.

// object selects an object a row. Pairs are the names of fields and the expressions that have their values; a field without a value is left out. from is
// what follows FROM, with the household's ID as ?1.
func object(from string, pairs ...string) string {
	return "SELECT " + fields(pairs...) + " FROM " + from
}

func fields(pairs ...string) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, "'"+pairs[i]+"', "+pairs[i+1])
	}
	return "json_patch('{}', json_object(" + strings.Join(list, ", ") + "))" // which takes out what is null (RFC 7396, section 2)
}

// array is the objects of a query, or other JSON, in its order.
func array(query string) string {
	from := strings.Index(query, " FROM ")
	return "json((SELECT json_group_array(json(one)) FROM (" + query[:from] + " AS one" + query[from:] + ")))"
}

// seconds is a time that is kept in seconds; 0 is none.
func seconds(column string) string {
	return "strftime('%Y-%m-%dT%H:%M:%SZ', nullif(" + column + ", 0), 'unixepoch')"
}

// milliseconds is a time that is kept in milliseconds.
func milliseconds(column string) string {
	return "strftime('%Y-%m-%dT%H:%M:%fZ', " + column + " / 1000.0, 'unixepoch')"
}

func flag(column string) string { return "json(iif(" + column + ", 'true', 'false'))" }

// number is a telephone number (see screening.Number.Key).
func number(column string) string {
	beginnings := strconv.FormatInt(screening.BeginningKeys, 10)
	return "CASE WHEN " + column + " > " + beginnings + " THEN '+' || (" + column + " - " + beginnings + ") || '*' WHEN " + column + " > 0 THEN '+' || " + column + " ELSE substr(" + column + ", 3) END"
}
