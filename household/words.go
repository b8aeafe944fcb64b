package household

// Word is what the audit log calls a deed, the same whoever does it and by whatever way. Programs read it: a word is never renamed.
type Word string

// The words.
const (
	BlockAdded   Word = "block-added"
	BlockRemoved Word = "block-removed"
	Undone       Word = "undone"
)
