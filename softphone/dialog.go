package softphone

import (
	"github.com/emiago/sipgo/sip"
)

// dialog is what both sides of a call keep of it (RFC 3261, section 12). sipgo has dialogs too, but a telephone here must be able to do what a decent one
// never does: fall silent in the middle of a call, give a caller ID that cannot be parsed, and close while an answer is outstanding.
type dialog struct {
	from, to sip.Header // of our own requests
	callID   string
	target   sip.Uri
	invite   uint32 // number of the INVITE
	number   uint32 // and of our last request
}

// dialledDialog is the dialog that an answer to our INVITE makes.
func dialledDialog(invite *sip.Request, answer *sip.Response) *dialog {
	number := invite.CSeq().SeqNo
	d := &dialog{from: invite.From(), to: answer.To(), callID: invite.CallID().Value(), target: invite.Recipient, invite: number, number: number}
	if contact := answer.Contact(); contact != nil {
		d.target = contact.Address
	}
	return d
}

// answeredDialog is the dialog that our answer to an INVITE makes.
func answeredDialog(invite *sip.Request, answer *sip.Response) *dialog {
	from, to := answer.To().AsFrom(), invite.From().AsTo()
	d := &dialog{from: &from, to: &to, callID: invite.CallID().Value(), target: invite.From().Address}
	if contact := invite.Contact(); contact != nil {
		d.target = contact.Address
	}
	return d
}

// next makes the next request of the dialog.
func (d *dialog) next(method sip.RequestMethod) *sip.Request {
	d.number++
	return d.request(method, d.number)
}

// ack makes an ACK, which has the number of the INVITE that it belongs to.
func (d *dialog) ack() *sip.Request { return d.request(sip.ACK, d.invite) }

func (d *dialog) request(method sip.RequestMethod, number uint32) *sip.Request {
	req := sip.NewRequest(method, *d.target.Clone())
	callID := sip.CallIDHeader(d.callID)
	req.AppendHeader(sip.HeaderClone(d.from))
	req.AppendHeader(sip.HeaderClone(d.to))
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: number, MethodName: method})
	req.SetTransport("UDP")
	return req
}

// cancelling is the CANCEL of an INVITE: the same top Via, the same number (RFC 3261, section 9.1).
func cancelling(invite *sip.Request) *sip.Request {
	req := sip.NewRequest(sip.CANCEL, *invite.Recipient.Clone())
	for _, h := range []sip.Header{invite.Via(), invite.From(), invite.To(), invite.CallID()} {
		req.AppendHeader(sip.HeaderClone(h))
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	req.SetTransport("UDP")
	req.SetDestination(invite.Destination())
	return req
}
