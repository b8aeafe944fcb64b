package household

// Word is what the audit log calls a deed, the same whoever does it and by whatever way. Programs read it: a word is never renamed.
type Word string

// The words.
const (
	BlockAdded      Word = "block-added"
	BlockChanged    Word = "block-changed"
	BlockRemoved    Word = "block-removed"
	ContactAdded    Word = "contact-added"
	ContactChanged  Word = "contact-changed"
	ContactRemoved  Word = "contact-removed"
	ContactsAdded   Word = "contacts-imported"
	Reported        Word = "reported"
	ReportWithdrawn Word = "report-withdrawn"
	CallerNamed     Word = "caller-named"
	SentAway        Word = "call-away"
	LetThrough      Word = "call-let-through"
	NotNow          Word = "call-not-now"
	MessageHeard    Word = "message-heard"
	MessageDeleted  Word = "message-deleted"
	PhraseSet       Word = "phrase-set"
	PhraseRemoved   Word = "phrase-removed"
	PassCodeAdded   Word = "pass-code-added"
	PassCodeRemoved Word = "pass-code-removed"
	Undone          Word = "undone"

	OptionChanged   Word = "option-changed"
	ModeChanged     Word = "mode-changed"
	ScheduleChanged Word = "schedule-changed"
	Expecting       Word = "expecting"
)
