// Package screening says who is calling and what to do with the call. The rules are in docs/rules.md.
//
// It is pure: it does no I/O, has no clock of its own and keeps no state, and it knows nothing of Asterisk or SQL. Everything that
// it needs comes in as an argument, and the same arguments always give the same answer. So every rule can be tested without a
// telephone, and `ringfence lookup` gives the very verdict that a call would get.
//
// Three steps, each a function:
//
//   - [Identify] cleans what the network says of a caller. All of it is hostile input: anybody who can place a call
//     chooses these bytes. It never fails; what cannot be understood comes out as unavailable or as impossible.
//   - The household's store looks up what it knows of the number (a [Knowledge]).
//   - [Decide] turns both into a [Verdict] with its reasons.
//
// [ParseNumber] and [ParsePrefix] read what people type and what lists hold into the one form of a number that Identify gives too,
// so that a number on a list is recognised when it calls. Numbers are read with the phone-number library
// (github.com/nyaruka/phonenumbers) for the region of the line. A [Number] is E.164, or the digits of a short number.
//
// Two words of the field matter here: a number is possible when its length fits its country's numbering plan, and valid when it
// also lies in a range of that plan that has been opened. Scammers show numbers that are only possible, and so are some of Ofcom's
// numbers for drama. Contacts, blocks and lists may therefore hold any possible number; validity only decides about a warning
// ([Caller].Doubtful).
package screening
