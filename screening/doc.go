// Package screening says who is calling and what is to be done with the call.
//
// It is pure: it does no I/O, has no clock of its own and keeps no state, and it knows nothing of Asterisk or SQL.
// Everything that it needs comes in as an argument, and the same arguments always give the same answer. So every rule can
// be tested without a telephone, and `ringfence lookup` gives the very verdict that a call would get.
//
// Three steps, each a function:
//
//   - [Identify] cleans what the network says of a caller. All of it is hostile input: anybody who can place a call
//     chooses these bytes. It never fails; what cannot be understood comes out as unavailable or as impossible.
//   - The household's store looks up what it knows of the number (a [Knowledge]).
//   - [Decide] turns both into a [Verdict] with its reasons, by the rules of docs/rules.md.
//
// [ParseNumber] and [ParsePrefix] read what people type and what lists hold, into the same one form of a number that
// Identify gives, so that a number on a list is found again when it calls. Numbers are read by the phone-number library
// (github.com/nyaruka/phonenumbers) for the region of the line; [Number] is E.164 or the digits of a short number.
//
// Two words of the field that matter here: a number is possible when its length fits its country's numbering plan, and
// valid when a range of that plan has been opened that holds it. Scammers show numbers that are only possible, and so do
// Ofcom's numbers for drama; contacts, blocks and lists may therefore hold any possible number, and validity decides about
// nothing but a warning ([Caller].Doubtful).
package screening
