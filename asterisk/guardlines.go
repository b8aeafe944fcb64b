package asterisk

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
)

// What Asterisk's lines look like, from their start. Call-ID, From and what a proof says are as the sender wrote them. So each expression finds
// an address only where the sender's words cannot be: in a failure before the Call-ID and behind a From that is complete, in a success
// behind the last field that the sender fills (log_failed_request in res_pjsip/pjsip_distributor.c; main/security_events.c).
var (
	head       = `^\[[^\]]*\] %s\[\d+\](?:\[C-[0-9a-f]+\])?: `
	failedFrom = regexp.MustCompile(fmt.Sprintf(head, "NOTICE") + `res_pjsip/pjsip_distributor\.c:\d+ log_failed_request: ` +
		`Request '[^ ]+' from '(?:"(?:[^"\\]|\\.)*" ?)?<[^\s<>"\[\]]*(?:\[[0-9A-Fa-f:.]*\])?[^\s<>"\[\]]*>' ` +
		`failed for '\[?([0-9A-Fa-f.:]+?)\]?:\d{1,5}' \(callid: .*\) - (?:Failed|Error) to authenticate$`)
	// A sender whose From looks like the rest of that line has no endpoint but this one's, which lets nobody in (pjsip.conf, [nobody]).
	deniedFrom = regexp.MustCompile(fmt.Sprintf(head, "NOTICE") + `acl\.c:\d+ ast_apply_acl(?:_internal)?: SIP ACL: Rejecting '([0-9A-Fa-f.:]+)' due to a failure to pass ACL '\(BASELINE\)'$`)
	provedFrom = regexp.MustCompile(fmt.Sprintf(head, "SECURITY") + `res_security_log\.c:\d+ security_event_stasis_cb: SecurityEvent="SuccessfulAuth",.*` +
		`,RemoteAddress="IPV[46]/[A-Z]+/([0-9A-Fa-f.:]+)/\d{1,5}",UsingPassword="\d+"(?:,Module="[^"]*")?(?:,SessionTV="[^"]*")?$`)
	// A call with the token of a registered trunk (extensions.conf).
	calledFrom = regexp.MustCompile(fmt.Sprintf(head, "NOTICE") + `Ext\. s:\d+ @ registered-trunk: call from \[?([0-9A-Fa-f.:]+?)\]?:\d{1,5}$`)
	forGuard   = regexp.MustCompile(fmt.Sprintf(head, "(?:NOTICE|SECURITY)"))
	// Each packet of a sender makes one of these lines: that it was refused, or that its Call-ID is not UTF-8.
	refusal   = regexp.MustCompile(fmt.Sprintf(head, "(?:WARNING|ERROR)") + `(?:res_pjsip_acl\.c:\d+ apply_acl: Incoming SIP message from |security_events\.c:\d+ ast_security_event_report: Failed to issue )`)
	contactAt = regexp.MustCompile(`"sips?:[^"]*?@\[?([0-9A-Fa-f.:]+?)\]?:\d{1,5}[";]`)
)

// takes says whether a line of the console is only for the guard. At 50 guesses a second such lines would fill every log.
func (g *guard) takes(line []byte) bool {
	if g.mark != "" {
		stamp, rest, found := bytes.Cut(line, []byte(g.mark+"] "))
		if !found || bytes.IndexByte(stamp, ']') >= 0 {
			return false // a sender has written it
		}
		line = slices.Concat(stamp, []byte("] "), rest)
	}
	if refusal.Match(line) {
		return true
	}
	if !forGuard.Match(line) {
		return false
	}
	for _, failed := range []*regexp.Regexp{failedFrom, deniedFrom} {
		noteAddresses(failed, line, g.noteFailed)
	}
	for _, proof := range []*regexp.Regexp{provedFrom, calledFrom} {
		noteAddresses(proof, line, g.noteProved)
	}
	return true
}

// noteAddresses notes each address that an expression finds.
func noteAddresses(expression *regexp.Regexp, in []byte, note func(netip.Addr)) {
	for _, found := range expression.FindAllSubmatch(in, -1) {
		if at, err := netip.ParseAddr(string(found[1])); err == nil {
			note(at.Unmap())
		}
	}
}
