package forms

import (
	"errors"
	"slices"
	"strings"

	"ringfence/store/lists"
)

// alias reads a line of NCID's alias file (ncidd.alias(5)):
//
//	alias NAME * = "Telemarketer" if 4075551212
//	alias NMBR 4075551212 = "SPAM"
//
// Most people have their family in that file: only those numbers count whose name says that nobody wants to hear from them.
func (i *Import) alias(line string) ([]lists.Entry, error) {
	all, _ := words(line)
	if len(all) < 4 || all[0] != "alias" {
		return nil, errors.New(`it is not an alias: such a line begins with "alias"`)
	}
	what, rest := all[1], all[2:]
	switch what {
	case "NAME", "NMBR", "NMBRNAME":
	case "LINE":
		return nil, leave("it names a line, and no caller")
	default:
		rest = all[1:]
	}
	equals, condition := -1, -1
	for at, word := range rest {
		if word == "=" && equals < 0 {
			equals = at
		} else if word == "if" && equals >= 0 && at > equals+1 {
			condition = at
		}
	}
	if equals != 1 || equals+1 >= len(rest) {
		return nil, errors.New("it is not an alias: there is no = behind what is renamed")
	}
	from, to, number := rest[0], rest[2], rest[0]
	if condition >= 0 && condition+1 < len(rest) && what == "NAME" {
		number = rest[condition+1]
	}
	if !i.isNumber(strings.TrimRight(strings.TrimPrefix(number, "^"), "*")) && !strings.HasSuffix(number, "*") || number == "*" {
		return nil, leave("it renames “%s”, which is not a number", clean(from, 40))
	}
	if !unwanted(to) {
		return nil, leave("its name “%s” does not say that the caller is not wanted", clean(to, 40))
	}
	return i.ncidNumber(number, to)
}

// blacklist reads a line of NCID's blacklist (ncidd.blacklist(5)): one or more numbers or names, where "^" stands for all that start with these
// digits, and a name for them after "#=".
func (i *Import) blacklist(line string) (entries []lists.Entry, err error) {
	all, remark := words(line)
	_, note, _ := strings.Cut(remark, "#=")
	for _, word := range all {
		found, bad := i.ncidNumber(word, note)
		if bad != nil {
			err = bad
		}
		entries = append(entries, found...)
	}
	if len(all) == 0 {
		err = errors.New("it has no number")
	}
	return entries, err
}

// ncidNumber reads one of NCID's numbers. If it starts with "^" or ends in "*" it is a prefix, provided that longer numbers exist.
func (i *Import) ncidNumber(word, note string) ([]lists.Entry, error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(word, "^"), "$")
	switch {
	case strings.Trim(bare, "0123456789+-.() *") != "":
		return nil, leave("“%s” is a name or a pattern, and lists are of numbers", clean(word, 40))
	case strings.HasPrefix(word, "^") && !strings.HasSuffix(word, "$") && (!i.isWhole(bare) || i.begins(bare)):
		bare = strings.TrimSuffix(bare, "*") + "*"
	}
	e, err := i.entry(bare, lists.Entry{Confidence: listed, Note: clean(note, maxNote)})
	if err != nil {
		return nil, err
	}
	return []lists.Entry{e}, nil
}

// isWhole says whether a text is a number with its area code. A short number, such as 407555 in America, is the beginning of others.
func (i *Import) isWhole(written string) bool {
	n, err := i.reader.Parse(written)
	return err == nil && strings.HasPrefix(string(n), "+")
}

// begins says whether longer numbers can start with a number: in Britain 01632 960 is one, and 01632 960123 another.
func (i *Import) begins(number string) bool {
	n, err := i.reader.Parse(number)
	return err == nil && slices.ContainsFunc([]string{"0", "00", "000"}, func(more string) bool {
		longer, err := i.reader.Parse(number + more)
		return err == nil && longer.Digits() == n.Digits()+more
	})
}
