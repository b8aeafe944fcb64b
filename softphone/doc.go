// Package softphone holds simulated people with real SIP telephones, for the demonstration and the end-to-end tests: a Caller out in the telephone
// network, who dials with any caller ID; a Phone in the home, which registers, rings, answers and dials; a Provider, the far side of a trunk. All of
// them talk G.711 or G.722 with RFC 4733 key presses, keep what they hear, and can say which recordings that was (package recognise).
//
// SIP messages, transactions and transport are sipgo's. diago, which is built on it, is not used for the calls: it has no G.722, answers re-INVITEs
// and CANCELs where a test that has to fall silent in the middle cannot stop it, and loses the timestamps that show the gaps in what was heard.
//
// Everything stays on loopback.
package softphone
