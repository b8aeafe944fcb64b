// Package setup is how a household is set up: which questions are asked, in which order, how each answer is checked, and what is written into
// ringfence.toml for them. All of that is here alone. The command `ringfence setup`, the first pages in a browser and a file of answers only ask.
//
// Below it are parts with one job of their own: tomledit (changes ringfence.toml and keeps a person's comments), adapter (what a Grandstream HT813 has
// to be told) and fritzbox (finds a FRITZ!Box and makes a telephone in it).
package setup

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ringfence/config"
)

// Wirings, the answers to the first question.
const (
	WithAdapter  = "adapter"  // an analogue adapter with a line port
	WithProvider = "provider" // a SIP provider
	WithRouter   = "router"   // a router that is an exchange, such as a FRITZ!Box
)

// Answers are what somebody has answered, by the names of the questions.
type Answers map[string]string

// Machine is what is known before anybody is asked: what the questions propose comes from it.
type Machine struct {
	Settings   config.Settings // what is set up already; without a household where nothing is
	Interfaces []Interface     // at which phones could reach this machine, the likeliest first
	Router     string          // address of a FRITZ!Box that was found; "" if none was
}

// Kind is what an answer is.
type Kind int

// Kinds of answers.
const (
	Text   Kind = iota // a line of text
	Secret             // a password: it is not shown while it is typed
	Choice             // one of some
)

// Option is an answer to choose.
type Option struct {
	Value, Words string
	Picture      string // a drawing; "" for none
}

// Question is one thing that is asked. Its functions get the answers so far.
type Question struct {
	Name  string // in a file of answers
	Page  Page
	Kind  Kind
	Words func(a Answers) string
	Help  func(m Machine, a Answers) string // more about it; "" for nothing
	Asked func(a Answers) bool              // whether it is asked at all; nil: always
	// Options are the answers to choose from; nil: any text is an answer.
	Options func(m Machine, a Answers) []Option
	// Proposed is the answer that is offered; "" for none.
	Proposed func(m Machine, a Answers) string
	// Check returns the answer as it is kept, or a sentence that says what is wrong with it.
	Check func(m Machine, a Answers, answer string) (string, error)
}

// Page is where a question is asked in a browser. In a terminal it is a heading.
type Page string

// Pages, in their order.
const (
	PageWiring Page = "The wiring"
	PageLine   Page = "Your line"
	PageOther  Page = "The other end" // the adapter, the provider or the router
	PagePhones Page = "The phones"
)

// Pages are all of them.
func Pages() []Page { return []Page{PageWiring, PageLine, PageOther, PagePhones} }

// IsAsked tells whether a question is asked, as the answers are so far.
func (q Question) IsAsked(a Answers) bool { return q.Asked == nil || q.Asked(a) }

// HelpText is more about a question; "" for nothing.
func (q Question) HelpText(m Machine, a Answers) string {
	if q.Help == nil {
		return ""
	}
	return q.Help(m, a)
}

// Choices are the answers to choose from; none: any text is an answer.
func (q Question) Choices(m Machine, a Answers) []Option {
	if q.Options == nil {
		return nil
	}
	return q.Options(m, a)
}

// Proposal is the answer that is offered; "" for none.
func (q Question) Proposal(m Machine, a Answers) string {
	if q.Proposed == nil {
		return ""
	}
	return q.Proposed(m, a)
}

// Take checks an answer to a question and keeps it. An empty answer is the one that is proposed. The error is a sentence for people.
func (m Machine) Take(a Answers, q Question, answer string) error {
	answer = strings.TrimSpace(answer)
	if answer == "" {
		answer = q.Proposal(m, a)
	}
	if offered := q.Choices(m, a); offered != nil {
		if !slices.ContainsFunc(offered, func(o Option) bool { return o.Value == answer }) {
			var all []string
			for _, o := range offered {
				all = append(all, o.Value)
			}
			return fmt.Errorf("must be %s, not %q", strings.Join(all, " or "), answer)
		}
	}
	if q.Check != nil {
		var err error
		if answer, err = q.Check(m, a, answer); err != nil {
			return err
		}
	}
	a[q.Name] = answer
	return nil
}

// TakeAll takes the answers of a file. Those that it does not have are the proposed ones. All that is wrong is said, one error for each answer.
func (m Machine) TakeAll(file map[string]string) (Answers, error) {
	a, left := Answers{}, maps.Clone(file)
	var wrong []error
	for _, q := range Questions() {
		delete(left, q.Name)
		if !q.IsAsked(a) {
			if file[q.Name] != "" {
				wrong = append(wrong, fmt.Errorf("%s: isn't asked with these answers, so leave it out", q.Name))
			}
			continue
		}
		if err := m.Take(a, q, file[q.Name]); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", q.Name, err))
			a[q.Name] = q.Proposal(m, a) // what is checked next may depend on it
		}
	}
	for name := range left {
		wrong = append(wrong, fmt.Errorf("%s: there is no such question", name))
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return a, errors.Join(wrong...)
}

// present is the household that is set up already, and its trunk; zero where there is none.
func (m Machine) present() (config.Household, config.Trunk) {
	if len(m.Settings.Households) == 0 {
		return config.Household{}, config.Trunk{}
	}
	h := m.Settings.Households[0]
	for _, t := range m.Settings.Trunks {
		if t.Name == h.Trunk {
			return h, t
		}
	}
	return h, config.Trunk{}
}

// WiringOf is how the line of a household that is set up reaches the house.
func WiringOf(s config.Settings, household string) string {
	s.Households = []config.Household{s.Named(household)}
	_, t := Machine{Settings: s}.present()
	return wiringOf(t)
}

// wiringOf is the wiring of a trunk; WithAdapter, the usual one, for none.
func wiringOf(t config.Trunk) string {
	switch {
	case !t.Register:
		return WithAdapter
	case t.IsRouter():
		return WithRouter
	default:
		return WithProvider
	}
}
