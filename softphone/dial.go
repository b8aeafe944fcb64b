package softphone

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// CallerID is what a caller shows of themselves.
type CallerID struct {
	Number   string // user part of From; "" for none
	Name     string // display name of From
	Host     string // host of From; "" for the telephone's own address
	Asserted string // P-Asserted-Identity, the whole value, such as "Joan" <sip:+442079460123@example.net>
	Privacy  string // Privacy, such as "id"
	Raw      bool   // Number, Name and Host are sent as they are, even if that breaks the message; otherwise they are quoted
}

func (id CallerID) String() string {
	text := "nobody"
	switch {
	case id.Name != "" && id.Number != "":
		text = fmt.Sprintf("%s %q", id.Number, id.Name)
	case id.Number != "":
		text = id.Number
	case id.Name != "":
		text = fmt.Sprintf("%q", id.Name)
	}
	if id.Asserted != "" {
		text += ", asserted " + id.Asserted
	}
	if id.Privacy != "" {
		text += ", privacy " + id.Privacy
	}
	return text
}

// Header is a SIP header, sent as it is.
type Header struct{ Name, Value string }

// Dial says whom to call and how.
type Dial struct {
	Number   string   // the number dialled
	At       string   // the SIP address to send the call to: host and port
	From     CallerID // who calls
	Headers  []Header // more headers
	User     string   // with Password, for a server that asks for authentication
	Password string
}

// Dial calls a number. It returns as soon as the call is on its way; the Call shows the rest.
func (s *Station) Dial(ctx context.Context, d Dial) (*Call, error) {
	return s.dial(ctx, d, nil)
}

// dial calls a number, or a target where one is given.
func (s *Station) dial(ctx context.Context, d Dial, target *sip.Uri) (*Call, error) {
	invite, err := s.invitation(d)
	if err != nil {
		return nil, err
	}
	if target != nil {
		invite.Recipient = *target
	}
	c := &Call{invite: invite, dialled: d.Number, shown: d.From}
	if _, err := s.enter(c); err != nil {
		return nil, err
	}
	invite.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	invite.SetBody(session{at: c.sound.address(), codecs: s.config.Codecs, events: eventPayload}.marshal())
	s.emit(Event{Call: c, Kind: Dialled, Text: d.Number})
	tx, err := s.client.TransactionRequest(ctx, routed(invite), sipgo.ClientRequestBuild)
	if err != nil {
		c.end(Ending{By: Us, Phrase: err.Error()})
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	progress := &dialling{Call: c, tx: tx, auth: sipgo.DigestAuth{Username: d.User, Password: d.Password}}
	if !s.background(progress.follow) {
		tx.Terminate()
		c.end(Ending{By: Us, Phrase: "unplugged"})
		return nil, ErrClosed
	}
	return c, nil
}

func (s *Station) invitation(d Dial) (*sip.Request, error) {
	host, port, err := sip.ParseAddr(d.At)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("%q is not an address to send a call to; it needs a host and a port", d.At)
	}
	invite := sip.NewRequest(sip.INVITE, sip.Uri{User: d.Number, Host: host, Port: port})
	from := sip.FromHeader{DisplayName: d.From.Name, Address: sip.Uri{User: d.From.Number, Host: d.From.Host}}
	if !d.From.Raw {
		from.DisplayName, from.Address.User = quoteName(d.From.Name), escapeUser(d.From.Number)
	}
	if from.Address.Host == "" {
		from.Address.Host = s.address.Addr().String()
	}
	from.Params.Add("tag", sip.GenerateTagN(16))
	callID := sip.CallIDHeader(sip.GenerateTagN(24))
	invite.AppendHeader(&from)
	invite.AppendHeader(&sip.ToHeader{Address: sip.Uri{User: d.Number, Host: host}})
	invite.AppendHeader(&callID)
	invite.AppendHeader(s.contact.Clone())
	invite.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"))
	if d.From.Asserted != "" {
		invite.AppendHeader(sip.NewHeader("P-Asserted-Identity", d.From.Asserted))
	}
	if d.From.Privacy != "" {
		invite.AppendHeader(sip.NewHeader("Privacy", d.From.Privacy))
	}
	for _, h := range d.Headers {
		invite.AppendHeader(sip.NewHeader(h.Name, h.Value))
	}
	return invite, nil
}

// dialling follows a dialled call until it is answered or over.
type dialling struct {
	*Call
	tx   sip.ClientTransaction
	auth sipgo.DigestAuth

	asked      bool // for the password
	progressed bool
	cancelled  bool
}

func (d *dialling) follow() {
	hangup := d.hangup
	for {
		select {
		case res := <-d.tx.Responses():
			if d.handle(res) {
				return
			}
		case <-d.tx.Done():
			d.end(Ending{By: Network, Phrase: fmt.Sprint("no answer: ", d.tx.Err())})
			return
		case <-d.over:
			d.tx.Terminate()
			return
		case <-d.gone:
			d.tx.Terminate()
			return
		case <-hangup:
			hangup = nil
		}
		// Before the first provisional answer a CANCEL could overtake its INVITE (RFC 3261, section 9.1).
		if hangup == nil && d.progressed && !d.cancelled {
			d.cancelled = true
			d.station.background(d.cancel)
		}
	}
}

// handle takes an answer to the INVITE and says whether it was the last one.
func (d *dialling) handle(res *sip.Response) bool {
	switch {
	case res.IsProvisional():
		d.progressed = true
		d.progress(res)
		return false
	case res.IsSuccess():
		d.accepted(res)
		return true
	case challenged(res) && d.auth.Password != "" && !d.asked:
		d.asked = true
		d.tx.Terminate()
		tx, err := d.station.client.TransactionDigestAuth(context.Background(), d.invite, res, d.auth)
		if err != nil {
			d.end(Ending{By: Us, Phrase: err.Error()})
			return true
		}
		d.tx = tx
		return false
	}
	by := Them
	if isClosed(d.hangup) {
		by = Us
	}
	d.end(Ending{By: by, Code: res.StatusCode, Phrase: res.Reason, Reason: reason(res)})
	return true
}

func challenged(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// progress takes a provisional answer. With 183 the other side may send sound before it answers.
func (c *Call) progress(res *sip.Response) {
	c.station.emit(Event{Call: c, Kind: Progress, Code: res.StatusCode, Text: res.Reason})
	if res.StatusCode == sip.StatusTrying {
		return
	}
	if err := c.hearFrom(res.Body()); err != nil && !errors.Is(err, errNoSound) {
		c.station.config.Log.Warn("softphone cannot hear what comes before the answer", "call", c, "error", err)
	}
	c.once(c.ringing)
}

var errNoSound = errors.New("there is no sound in it")

// hearFrom lets sound flow as the answer to our offer says.
func (c *Call) hearFrom(answer []byte) error {
	if len(answer) == 0 {
		return errNoSound
	}
	theirs, err := parseSession(answer)
	if err != nil {
		return err
	}
	codec, err := choose(theirs.codecs, c.station.config.Codecs)
	if err != nil {
		return err
	}
	c.connect(theirs, codec)
	return nil
}

// accepted acknowledges the answer. A call whose answer crosses our CANCEL, or cannot be used, is hung up.
func (d *dialling) accepted(res *sip.Response) {
	dialog := dialledDialog(d.invite, res)
	ack := func() error { return d.station.client.WriteRequest(routed(dialog.ack()), sipgo.ClientRequestBuild) }
	// The other side repeats its answer until it has seen an ACK.
	d.tx.OnRetransmission(func(*sip.Response) {
		if !d.vanished() {
			_ = ack() // the next repetition brings us here again
		}
	})
	err := errors.Join(ack(), d.hearFrom(res.Body()))
	d.pickedUp(dialog)
	if err == nil && !isClosed(d.hangup) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err = errors.Join(err, d.bye(ctx)); err != nil {
		d.station.config.Log.Warn("softphone ended an answered call", "call", d.Call, "error", err)
	}
}

// cancel cancels a dialled call. It ends with the answer to its INVITE, which is then 487.
func (c *Call) cancel() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := c.station.do(ctx, cancelling(c.invite)); err != nil {
		c.station.config.Log.Warn("softphone could not cancel", "call", c, "error", err)
	}
}
