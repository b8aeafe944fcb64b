package forms

import (
	"errors"
	"strings"

	"ringfence/store/lists"
)

// family is the family of Asterisk's database in which Asterisk and FreePBX keep blocked numbers.
const family = "blacklist"

// astDB reads a line printed by `asterisk -rx "database show blacklist"`:
//
//	/blacklist/02079460666                            : says Microsoft
//
// or a command that puts a number there, as Write writes them.
func (i *Import) astDB(line string) ([]lists.Entry, error) {
	var number, note string
	if command, ok := strings.CutPrefix(line, "database put "); ok {
		all, _ := words(strings.ReplaceAll(command, `\"`, ""))
		if len(all) < 2 || !strings.EqualFold(all[0], family) {
			return nil, leave("it is not of the family %s", family)
		}
		number, note = all[1], strings.Join(all[2:], " ")
	} else {
		path, value, found := strings.Cut(line, ":")
		parts := strings.SplitN(strings.TrimSpace(path), "/", 3)
		switch {
		case strings.HasSuffix(line, "results found."), strings.HasSuffix(line, "result found."):
			return nil, nil
		case !found || len(parts) != 3 || parts[0] != "":
			return nil, errors.New("it is not a line of Asterisk's database: /blacklist/NUMBER : reason")
		case !strings.EqualFold(parts[1], family):
			return nil, leave("it is not of the family %s", family)
		}
		number, note = parts[2], value
	}
	if strings.Trim(number, "0123456789") != "" && (number == "blocked" || number == "dest") {
		return nil, leave("“%s” is a setting of FreePBX's, and no number", number)
	}
	if note = clean(note, maxNote); note == "1" { // FreePBX writes 1 without a description
		note = ""
	}
	e, err := i.entry(number, lists.Entry{Confidence: listed, Note: note})
	if err != nil {
		return nil, err
	}
	return []lists.Entry{e}, nil
}
