// Package calllog has the words of a call's log: how a call ended (Outcome), and what happened in it (Step), as types whose
// fields have the details. ivr and store write them; pages, alerts and commands switch on the type and make sentences of
// their own. So nobody parses a sentence, and no other package has a word of the log as a string.
//
// Each step has two written forms. Stored is what the database keeps: its kind, and its fields as JSON. WordsOf is what `ringfence calls --json` and
// /api/v1 show as its detail. That is a contract, so it is the sentence that the log itself held before steps had types.
//
// Rows with such sentences stay as they are, and Read reads them: the table of the contract's words serves both ways. A migration would not be
// enough, because lines written by the older version may be waiting beside the database (store's unwritten.json) and reach it afterwards.
package calllog

// The recordings of a call: what the caller has said of themselves, and the message that they have left.
const (
	RecordedName    = "name"
	RecordedMessage = "message"
)

// Outcome is how a call ended; "" while it is in progress. The words are a contract: `ringfence calls --json`, /api/v1 and the
// metrics show them.
type Outcome string

const (
	Talked      Outcome = "talked"       // the household answered, and they talked
	Accepted    Outcome = "accepted"     // announced, and the household pressed 1
	LetThrough  Outcome = "let-through"  // announced, and the household pressed 4: from now on a contact
	NotNow      Outcome = "not-now"      // announced, and the household did not want the call now
	SentAway    Outcome = "sent-away"    // the household or a carer sent the caller away as a scam
	TurnedAway  Outcome = "turned-away"  // never reached the household
	NoName      Outcome = "no-name"      // asked twice, and said nothing
	NotProven   Outcome = "not-proven"   // did not press the key that only a person would
	NobodyHome  Outcome = "nobody-home"  // no phone was answered, or none was there
	Busy        Outcome = "busy"         // the phones were busy
	MessageLeft Outcome = "message-left" // the caller left a message
	NoMessage   Outcome = "no-message"   // the caller was invited to leave a message and did not
	CallerGone  Outcome = "caller-gone"  // the caller hung up before anything else was decided
	Interrupted Outcome = "interrupted"  // the application was away when the call ended
	TooMany     Outcome = "too-many"     // heard the engaged tone, because more calls came at once than are taken
)

// Talked tells whether caller and household talked.
func (o Outcome) Talked() bool { return o == Talked || o == Accepted || o == LetThrough }
