package household

// Word is what the audit log calls a deed, the same whoever does it and by whatever way. Programs read it: a word is never renamed.
type Word string

// The words.
const (
	BlockAdded   Word = "block-added"
	BlockRemoved Word = "block-removed"
	Undone       Word = "undone"

	OptionChanged   Word = "option-changed"
	ModeChanged     Word = "mode-changed"
	ScheduleChanged Word = "schedule-changed"
	Expecting       Word = "expecting"
)
