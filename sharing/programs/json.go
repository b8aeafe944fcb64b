package programs

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ringfence/screening"
)

// members reads an object, and calls one with the name of each member, which reads its value or leaves it.
func members(d *jsontext.Decoder, one func(name string) (read bool, err error)) error {
	if d.PeekKind() != '{' {
		return d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		read, err := one(name.String())
		if err == nil && !read {
			err = d.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// each reads an array of objects one by one, counts them in at, and refuses those that are no T.
func each[T any](r *Reader, d *jsontext.Decoder, at *int, take func(one T) error) error {
	if d.PeekKind() != '[' {
		return d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for n := 1; d.PeekKind() != ']'; n++ {
		if n > maxEntries {
			return errTooMany
		}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		*at++
		var one T
		if len(value) > maxLine || json.Unmarshal(value, &one) != nil {
			r.Refuse(*at, "it is not as the program writes its entries")
			continue
		}
		if err := take(one); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// decoder is a JSON of which no value that is read may be long.
func decoder(from io.Reader) (*jsontext.Decoder, error) {
	in, err := inUTF8(from)
	return jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true)), err
}

// explained makes a sentence of what is wrong with a JSON.
func (r *Reader) explained(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errCutOff
	case errors.As(err, &syntax):
		return fmt.Errorf("%s is damaged: export it once more", strings.TrimPrefix(r.Kind.Title(), "a "))
	}
	return err
}

// callBlocker reads a list of callblocker's (etc/callblocker/blocklists/README.md of github.com/pamapa/callblocker). Lists of callers that it lets through and that it
// blocks look the same: only a list's folder says which. A number stands for all that begin so.
func (r *Reader) callBlocker(from io.Reader) error {
	d, err := decoder(from)
	if err != nil {
		return err
	}
	standing := Known
	type entry struct {
		Name   string `json:"name"`
		Number string `json:"number"`
	}
	err = members(d, func(name string) (bool, error) {
		switch name {
		case "name":
			value, err := d.ReadValue()
			if err == nil && string(value) == `"onlinecheck"` { // what a service has said is spam
				standing = Blocked
			}
			return true, err
		case "entries":
			at := 0
			return true, each(r, d, &at, func(e entry) error {
				number := strings.TrimSpace(e.Number)
				if number == "" {
					r.Refuse(at, fmt.Sprintf("it is about the name “%s”, and has no number", text(e.Name)))
					return nil
				}
				return r.Take(Person{Line: at, Name: text(e.Name), Numbers: []Number{{Line: at, Text: number, Short: true}}, Standing: standing})
			})
		}
		return false, nil
	})
	return r.explained(err)
}

// spamBlocker reads a backup of SpamBlocker's (Config.kt of github.com/aj3423/SpamBlocker): its rules, of which those of one number or one beginning are taken, and the
// numbers in its own database. Nothing else in it is read: calls, messages, settings.
func (r *Reader) spamBlocker(from io.Reader) error {
	d, err := decoder(from)
	if err != nil {
		return err
	}
	type record struct {
		Pattern     string `json:"pattern"`
		Mode        int    `json:"patternModeType"`
		Extra       string `json:"patternExtra"`
		Description string `json:"description"`
		Blacklist   *bool  `json:"isBlacklist"`
		Flags       *int   `json:"flags"`
	}
	type number struct {
		Peer string `json:"peer"`
	}
	at := 0
	err = members(d, func(name string) (bool, error) {
		switch name {
		case "numberRules":
			return true, members(d, func(name string) (bool, error) {
				if name != "rules" {
					return false, nil
				}
				return true, each(r, d, &at, func(one record) error {
					if one.Mode != 0 || one.Extra != "" {
						r.Refuse(at, "it is a rule about names or places")
						return nil
					}
					return r.rule(at, rule{Pattern: one.Pattern, Description: one.Description, Allows: one.Blacklist != nil && !*one.Blacklist,
						Calls: one.Flags == nil || *one.Flags&1 != 0})
				})
			})
		case "spamNumbers":
			return true, members(d, func(name string) (bool, error) {
				if name != "numbers" {
					return false, nil
				}
				return true, each(r, d, &at, func(one number) error {
					return r.bare(at, one.Peer, Person{Line: at, Standing: Blocked})
				})
			})
		}
		return false, nil
	})
	return r.explained(err)
}

// rule is one of SpamBlocker's.
type rule struct {
	Pattern, Description string
	Allows, Calls        bool
}

// plainRule is a regular expression that means one number, or all that begin with these digits.
var plainRule = regexp.MustCompile(`^\^?(?:\\\+|\+\?|\\\+\?|\[\+\]\??|0\*|\(\\\+\)\?)?(\d{3,15})(\.\*|\.\+|\\d\*|\\d\+|\[0-9\]\*|\[0-9\]\+)?\$?$`)

// rule takes one of SpamBlocker's rules.
func (r *Reader) rule(at int, of rule) error {
	found := plainRule.FindStringSubmatch(strings.TrimSpace(of.Pattern))
	switch {
	case !of.Calls:
		r.Refuse(at, "it is a rule for text messages")
		return nil
	case found == nil:
		r.Refuse(at, fmt.Sprintf("its pattern “%s” is more than one number or the beginning of numbers", text(of.Pattern[:min(len(of.Pattern), 100)])))
		return nil
	}
	p := Person{Line: at, Name: text(of.Description), Standing: Blocked}
	if of.Allows {
		p.Standing = Allowed
	}
	if found[2] == "" {
		return r.bare(at, found[1], p)
	}
	return r.beginning(at, found[1], p)
}

// bare takes somebody with a number that SpamBlocker has written without its + or its leading zeros, if it can be but one.
func (r *Reader) bare(at int, digits string, p Person) error {
	number, why := whole(digits, r.Region)
	if why != "" {
		r.Refuse(at, why)
		return nil
	}
	p.Numbers = []Number{{Line: at, Text: number}}
	return r.Take(p)
}

// whole is a number whose + or leading zeros have been taken away. If it can be one at home and another abroad, it is the one that is in use; if both are, nobody can say.
func whole(digits, region string) (number, why string) {
	digits = strings.TrimSpace(digits)
	if strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "0") {
		return digits, ""
	}
	home, wrong := screening.ParseNumber(digits, region)
	if zero, err := screening.ParseNumber("0"+digits, region); err == nil {
		home, wrong = zero, nil
	}
	abroad, err := screening.ParseNumber("+"+digits, region)
	switch {
	case err != nil && wrong != nil:
		return digits, "" // which whoever takes it refuses, and says why
	case err != nil, wrong == nil && home == abroad:
		return string(home), ""
	case wrong != nil:
		return string(abroad), ""
	}
	inUse := func(n screening.Number) bool {
		return !screening.Identify(screening.Identity{Number: string(n)}, region).Doubtful
	}
	switch {
	case inUse(home) == inUse(abroad):
		return "", fmt.Sprintf("“%s” may be %s or %s: add the right one by hand", digits, home.National(region), abroad.National(region))
	case inUse(home):
		return string(home), ""
	}
	return string(abroad), ""
}

// beginning takes the beginning of numbers, if it can be but one.
func (r *Reader) beginning(at int, digits string, p Person) error {
	home, homeErr := screening.ParsePrefix("0"+digits, r.Region)
	abroad, err := screening.ParsePrefix("+"+digits, r.Region)
	if homeErr == nil && err == nil && home != abroad {
		r.Refuse(at, fmt.Sprintf("“%s…” may be 0%s… or +%s…: add the right one by hand", digits, digits, digits))
		return nil
	}
	written := "+" + digits + "*"
	if homeErr == nil {
		written = "+" + home + "*"
	}
	p.Numbers = []Number{{Line: at, Text: written}}
	return r.Take(p)
}
