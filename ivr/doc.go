// Package ivr is what callers and households hear and press. Each course of a call is one script that reads from top to bottom: ring,
// turn away, screen, announce, take a message. To a script, telephones are Leg and Telephones; package switchboard, below this one,
// implements these on a real Asterisk.
//
// The application only borrows a call. Every step that it takes with a leg carries a deadline that Asterisk keeps (see switchboard),
// after which the dialplan rings the household, or connects a telephone that was picked up. The dialplan also joins two people who
// talk, so nothing that happens to this program can cut them off.
//
// A script returns an Outcome once it is clear how the call went. It returns an error only if it could not do its work; the call then
// goes back to the dialplan, which rings.
package ivr
