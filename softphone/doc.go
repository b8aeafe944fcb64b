// Package softphone holds simulated people with real SIP telephones, for the demonstration and the end-to-end tests: a
// Caller out in the telephone network, who dials with any caller ID; a Phone in the home, which registers, rings, answers
// and dials; a Provider, the far side of a trunk. All of them talk G.711 or G.722 with RFC 4733 key presses, and keep
// what they hear and can tell which recordings that was (package ears).
//
// SIP messages, transactions and transport are sipgo's. The calls are not those of diago, which is built on it: they know no G.722,
// answer re-INVITEs and CANCELs out of reach of a test that has to fall silent in their midst, and lose the time stamps from which
// the gaps in what was heard are known.
//
// Everything stays on loopback.
package softphone
