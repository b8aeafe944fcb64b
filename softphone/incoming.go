package softphone

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/uuid"
)

// onInvite takes a new call, or a change to an existing one. sipgo keeps the transaction until this returns, so it returns when the call has been answered,
// refused or cancelled.
func (s *Station) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if c := s.call(req.CallID()); c != nil {
		s.onReinvite(c, req, tx)
		return
	}
	if req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil || req.Contact() == nil {
		s.respond(tx, sip.NewResponseFromRequest(req, sip.StatusBadRequest, "Bad Request", nil))
		return
	}
	if req.To().Params.Has("tag") {
		s.onStray(req, tx) // a change to a call that is over
		return
	}
	if s.asks != nil {
		if question := s.asks(req); question != nil {
			s.respond(tx, question)
			return
		}
	}
	if s.redirected(req, tx) {
		return
	}
	// All answers must carry the same tag, but sipgo would make up a new one for each.
	invite := req.Clone()
	invite.To().Params.Add("tag", uuid.NewString())
	c := &Call{incoming: true, invite: invite, tx: tx, dialled: req.Recipient.User, shown: shown(req)}
	refused, err := s.enter(c)
	if err != nil {
		refused = sip.StatusServiceUnavailable
	}
	if refused != 0 {
		s.emit(Event{Kind: Refused, Code: refused, Text: c.shown.String()})
		s.respond(tx, sip.NewResponseFromRequest(req, refused, phrase(refused), nil))
		return
	}
	taken := tx.OnCancel(func(cancel *sip.Request) {
		// In another goroutine, because sipgo's holds the transaction's lock.
		go c.end(Ending{By: Them, Code: sip.StatusRequestTerminated, Phrase: phrase(sip.StatusRequestTerminated), Reason: reason(cancel)})
	})
	if !taken {
		c.end(Ending{By: Them, Code: sip.StatusRequestTerminated, Phrase: phrase(sip.StatusRequestTerminated)})
		return
	}
	c.respond(sip.StatusRinging, nil)
	c.once(c.ringing)
	s.emit(Event{Call: c, Kind: Rings, Text: c.shown.String()})
	s.mu.Lock()
	s.waiting = append(s.waiting, c)
	close(s.rung)
	s.rung = make(chan struct{})
	s.mu.Unlock()
	select {
	case <-c.acked:
	case <-c.over:
	case <-s.closed:
	}
}

// redirected answers with Redirect's addresses, if there are any.
func (s *Station) redirected(req *sip.Request, tx sip.ServerTransaction) bool {
	s.mu.Lock()
	to := s.redirect
	s.mu.Unlock()
	if len(to) == 0 {
		return false
	}
	res := sip.NewResponseFromRequest(req, sip.StatusMovedTemporarily, "Moved Temporarily", nil)
	for _, address := range to {
		res.AppendHeader(sip.NewHeader("Contact", "<"+address+">"))
	}
	s.emit(Event{Kind: Refused, Code: sip.StatusMovedTemporarily, Text: shown(req).String()})
	s.respond(tx, res)
	return true
}

// shown is the caller ID of a request.
func shown(req *sip.Request) CallerID {
	from := req.From()
	id := CallerID{Number: unescapeUser(from.Address.User), Name: unquoteName(from.DisplayName), Host: from.Address.Host}
	if h := req.GetHeader("P-Asserted-Identity"); h != nil {
		id.Asserted = h.Value()
	}
	if h := req.GetHeader("Privacy"); h != nil {
		id.Privacy = h.Value()
	}
	return id
}

func phrase(status int) string {
	return cmp.Or(map[int]string{
		sip.StatusRinging: "Ringing", sip.StatusOK: "OK", sip.StatusTemporarilyUnavailable: "Temporarily Unavailable", sip.StatusBusyHere: "Busy Here",
		sip.StatusRequestTerminated: "Request Terminated", sip.StatusNotAcceptableHere: "Not Acceptable Here", sip.StatusGlobalDecline: "Decline",
	}[status], "Refused")
}

// respond answers the INVITE.
func (c *Call) respond(status int, body []byte) *sip.Response {
	res := sip.NewResponseFromRequest(c.invite, status, phrase(status), body)
	res.AppendHeader(c.station.contact.Clone())
	if body != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	c.station.respond(c.tx, res)
	return res
}

// Decline refuses a call that rings here, with a SIP status such as 486 (busy) or 603 (declined).
func (c *Call) Decline(ctx context.Context, status int) error {
	if !c.incoming || isClosed(c.answered) {
		return fmt.Errorf("%s: only a call that rings can be declined", c)
	}
	if !c.vanished() {
		c.respond(status, nil)
	}
	c.end(Ending{By: Us, Code: status, Phrase: phrase(status)})
	return ctx.Err()
}

// Answer picks up a call that rings here. It returns when the other side has confirmed.
func (c *Call) Answer(ctx context.Context) error {
	if !c.incoming || isClosed(c.answered) {
		return fmt.Errorf("%s: only a call that rings can be answered", c)
	}
	if isClosed(c.over) {
		return fmt.Errorf("%s: %s before it was answered", c, c.ending)
	}
	theirs, err := parseSession(c.invite.Body())
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", c, err), c.Decline(ctx, sip.StatusNotAcceptableHere))
	}
	codec, err := choose(c.station.config.Codecs, theirs.codecs)
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", c, err), c.Decline(ctx, sip.StatusNotAcceptableHere))
	}
	ours := session{at: c.sound.address(), codecs: []Codec{codec}, events: theirs.events}
	c.connect(theirs, codec)
	if isClosed(c.over) {
		return fmt.Errorf("%s: %s before it was answered", c, c.ending)
	}
	res := c.respond(sip.StatusOK, ours.marshal())
	c.pickedUp(answeredDialog(c.invite, res))
	return c.confirm(ctx, res)
}

// confirm repeats our answer until the ACK has come (RFC 3261, section 13.3.1.4).
func (c *Call) confirm(ctx context.Context, res *sip.Response) error {
	again := time.NewTicker(sip.T1)
	defer again.Stop()
	for {
		select {
		case <-c.acked:
			return nil
		case <-again.C:
			if !c.vanished() {
				c.station.respond(c.tx, res)
			}
		case <-c.over:
			return fmt.Errorf("%s: %s before the answer was confirmed", c, c.ending)
		case <-ctx.Done():
			return fmt.Errorf("%s: waiting until the answer is confirmed: %w", c, ctx.Err())
		}
	}
}

// onReinvite agrees to a change of an answered call, such as a new address for sound, which Asterisk asks for when it bridges. A call that has vanished
// gives no answer.
func (s *Station) onReinvite(c *Call, req *sip.Request, tx sip.ServerTransaction) {
	if c.vanished() {
		return
	}
	if !isClosed(c.answered) || isClosed(c.over) {
		s.onStray(req, tx)
		return
	}
	c.sound.mu.Lock()
	codec, events := c.sound.codec, c.sound.events
	c.sound.mu.Unlock()
	if theirs, err := parseSession(req.Body()); err == nil {
		if chosen, err := choose(append([]Codec{codec}, s.config.Codecs...), theirs.codecs); err == nil {
			codec, events = chosen, theirs.events
			c.connect(theirs, codec)
		}
	}
	res := sip.NewSDPResponseFromRequest(req, session{at: c.sound.address(), codecs: []Codec{codec}, events: events}.marshal())
	res.AppendHeader(s.contact.Clone())
	s.respond(tx, res)
}
