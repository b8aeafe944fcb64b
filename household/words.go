package household

// Word is what the audit log calls a deed, the same whoever does it and by whatever way. Programs read it: a word is never renamed.
type Word string

// The words.
const (
	BlockAdded     Word = "block-added"
	BlockChanged   Word = "block-changed"
	BlockRemoved   Word = "block-removed"
	ContactAdded   Word = "contact-added"
	ContactChanged Word = "contact-changed"
	ContactRemoved Word = "contact-removed"
	ContactsAdded  Word = "contacts-imported"

	ContactSyncBegun    Word = "contact-sync-begun" // with an address book on a server
	ContactsSynced      Word = "contacts-synced"
	ContactSyncPassword Word = "contact-sync-password"
	ContactSyncEnded    Word = "contact-sync-ended"

	Reported        Word = "reported"
	ReportWithdrawn Word = "report-withdrawn"
	CallerNamed     Word = "caller-named"
	CallerForgotten Word = "caller-forgotten"
	SentAway        Word = "call-away"
	LetThrough      Word = "call-let-through"
	NotNow          Word = "call-not-now"
	MessageHeard    Word = "message-heard"
	MessageDeleted  Word = "message-deleted"
	PhraseSet       Word = "phrase-set"
	PhraseRemoved   Word = "phrase-removed"
	PassCodeAdded   Word = "pass-code-added"
	PassCodeRemoved Word = "pass-code-removed"
	DialledRemoved  Word = "dialled-forgotten"
	TestCalled      Word = "test-call"
	SetUp           Word = "set-up"
	Undone          Word = "undone"

	OptionChanged   Word = "option-changed"
	ModeChanged     Word = "mode-changed"
	ScheduleChanged Word = "schedule-changed"
	Expecting       Word = "expecting"

	ListImported       Word = "list-imported"
	ListRemoved        Word = "list-removed"
	ListSubscribed     Word = "list-subscribed"
	ListUnsubscribed   Word = "list-unsubscribed"
	ListUnsigned       Word = "list-unsigned" // whether one that is not signed may turn callers away
	ListKeyChanged     Word = "list-key"
	ListPublished      Word = "list-published"
	PhoneBlockAsked    Word = "phoneblock-asked"
	PhoneBlockNotAsked Word = "phoneblock-not-asked"
	BookMade           Word = "book-made"
	BookWithdrawn      Word = "book-withdrawn"

	GroupJoined  Word = "group-joined"
	GroupLeft    Word = "group-left"
	GroupPaused  Word = "group-paused"
	GroupResumed Word = "group-resumed"
	GroupEarlier Word = "group-earlier" // reports from before the household joined are sent

	AlertAdded   Word = "told-added"
	AlertChanged Word = "told-changed"
	AlertPaused  Word = "told-paused"
	AlertResumed Word = "told-resumed"
	AlertRemoved Word = "told-removed"

	BackedUp Word = "backup"
	Exported Word = "exported"
	Restored Word = "restored"
)
