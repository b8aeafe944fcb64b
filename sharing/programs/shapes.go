package programs

import (
	"slices"
	"strings"

	"ringfence/sharing/filekind"
)

// shape is how a maker's phone books name what is in them, in small letters. Paths begin below the person's element; "@x" is an attribute.
type shape struct {
	people  []string   // elements that are one person each
	names   [][]string // the first of which something is there is the name, its parts joined
	numbers []string
	groups  []string // whose text, or the group's name that it is the number of, may say that the person is blocked
	above   []string // attributes of what is around a person that may say so
	blocked []string // where "1" or "true" says so
}

// directory is Cisco's shape, which most makers' desk phones read.
func directory() shape {
	return shape{
		people:  []string{"directoryentry"},
		names:   [][]string{{"name"}, {"firstname", "lastname"}},
		numbers: []string{"telephone", "mobile", "other", "home", "office", "work", "number", "phonenumber"},
		groups:  []string{"group"},
	}
}

// plus adds what another shape has.
func (s shape) plus(more shape) shape {
	s.people, s.names, s.numbers = append(s.people, more.people...), append(s.names, more.names...), append(s.numbers, more.numbers...)
	s.groups, s.above, s.blocked = append(s.groups, more.groups...), append(s.above, more.above...), append(s.blocked, more.blocked...)
	return s
}

func shapeOf(kind filekind.Kind) shape {
	switch kind {
	case filekind.FritzBox:
		return shape{people: []string{"contact"}, names: [][]string{{"person/realname"}, {"services/email"}}, numbers: []string{"telephony/number"}, above: []string{"name"}}
	case filekind.JFritz:
		return shape{people: []string{"entry"}, names: [][]string{{"name/firstname", "name/lastname"}, {"company"}, {"name/company"}}, numbers: []string{"phonenumbers/number"}}
	case filekind.Yealink:
		return directory().plus(shape{
			people:  []string{"unit", "contact"},
			names:   [][]string{{"@name"}, {"@display_name"}, {"display_name"}},
			numbers: []string{"@phone", "@phone1", "@phone2", "@phone3", "@phone4", "@phone5", "@office_number", "@mobile_number", "@other_number", "office_number", "mobile_number", "other_number"},
			groups:  []string{"@group_id_name", "group_id_name"},
			above:   []string{"name"},
		})
	case filekind.Snom:
		return directory().plus(shape{people: []string{"item"}, names: [][]string{{"first_name", "last_name"}, {"organization"}}, groups: []string{"@type"}})
	case filekind.Gigaset:
		return directory().plus(shape{
			people: []string{"entry"},
			names:  [][]string{{"fn", "ln"}, {"nn"}, {"@name", "@surname"}, {"@fn", "@ln"}, {"@nn"}},
			numbers: []string{
				"hm", "hm1", "hm2", "mb", "mb1", "mb2", "of", "of1", "of2", "nr", "@hm", "@hm1", "@hm2", "@mb", "@mb1", "@mb2", "@of", "@of1", "@of2",
				"@office1", "@office2", "@mobile1", "@mobile2", "@home1", "@home2",
			},
		})
	case filekind.Panasonic:
		return shape{people: []string{"personnel"}, names: [][]string{{"name"}}, numbers: []string{"phonenums/phonenum"}}
	case filekind.Grandstream:
		return directory().plus(shape{
			people: []string{"contact"}, names: [][]string{{"company"}, {"@name"}}, numbers: []string{"phone/phonenumber", "phone"}, groups: []string{"groups/groupid", "groups/group", "@group"},
		})
	case filekind.Poly:
		return shape{people: []string{"item"}, names: [][]string{{"fn", "ln"}, {"lb"}}, numbers: []string{"ct"}, blocked: []string{"ar"}}
	case filekind.MicroSIP:
		return shape{people: []string{"contact"}, names: [][]string{{"@name"}, {"@firstname", "@lastname"}}, numbers: []string{"@number", "@phone", "@mobile"}}
	default:
		return directory()
	}
}

func (s shape) isPerson(name string) bool { return slices.Contains(s.people, name) }

// extension is what a FRITZ!Box calls the numbers of its own phones.
const extension = "intern"

// person is the person that has been read, or why they are left out.
func (s shape) person(b *book) (Person, string) {
	p := Person{Line: b.line}
	at := func(path string) string {
		for _, part := range b.parts {
			if part.path == path && strings.TrimSpace(part.text) != "" {
				return unquoted(text(part.text))
			}
		}
		return ""
	}
	for _, paths := range s.names {
		var words []string
		for _, path := range paths {
			if word := at(path); word != "" {
				words = append(words, word)
			}
		}
		if p.Name == "" {
			p.Name = strings.Join(words, " ")
		}
	}
	internal := false
	for _, part := range b.parts {
		number := strings.TrimSpace(part.text)
		switch {
		case !slices.Contains(s.numbers, part.path) || number == "":
		case strings.EqualFold(part.attributes["type"], extension):
			internal = true
		default:
			p.Numbers = append(p.Numbers, Number{Line: part.line, Text: number})
		}
	}
	if internal && len(p.Numbers) == 0 {
		return p, "it is one of the FRITZ!Box’s own phones"
	}
	if s.isBlocked(b, at) {
		p.Standing = Blocked
	}
	return p, ""
}

// isBlocked says whether a phone turns somebody away: because they are in a book or group that is called so, or are marked.
func (s shape) isBlocked(b *book, at func(path string) string) bool {
	for _, name := range s.above {
		for _, around := range b.open {
			if blocking(around.attributes[name]) {
				return true
			}
		}
	}
	for _, path := range s.groups {
		if group := at(path); blocking(group) || blocking(b.groups[group]) {
			return true
		}
	}
	return slices.ContainsFunc(s.blocked, func(path string) bool { return at(path) == "1" || strings.EqualFold(at(path), "true") })
}

// unquoted is a name without the quotation marks that some programs leave around it.
func unquoted(name string) string {
	for _, mark := range []string{`"`, "'"} {
		if bare, found := strings.CutPrefix(name, mark); found && strings.HasSuffix(bare, mark) {
			return strings.TrimSpace(strings.TrimSuffix(bare, mark))
		}
	}
	return name
}
