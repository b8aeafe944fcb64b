package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// CallKind picks calls by what was done with them, or by their outcome. The words are in addresses of pages, so they are a contract.
type CallKind string

// The kinds. Every call is one of the first four, by what was done with it.
const (
	KindAll        CallKind = ""
	KindRang       CallKind = "rang"        // the telephones rang at once, also where nothing could be decided
	KindScreened   CallKind = "screened"    // the caller was asked who they are
	KindTurnedAway CallKind = "turned-away" // the caller never reached the household
	KindMessage    CallKind = "message"     // the caller could only leave a message

	KindLeft       CallKind = "left-message" // the caller left a message
	KindMissed     CallKind = "missed"       // meant to ring, and nobody picked up
	KindScam       CallKind = "scam"         // turned away by a block, a list or their words, or sent away by the household
	KindInProgress CallKind = "in-progress"
	KindScamWords  CallKind = "scam-words" // what the caller said sounds like a scam
)

// CallKinds lists the kinds, in the order in which a page offers them.
func CallKinds() []CallKind {
	return []CallKind{KindAll, KindRang, KindScreened, KindTurnedAway, KindMessage, KindLeft, KindMissed, KindScam, KindScamWords, KindInProgress}
}

// The kinds as conditions of SQL on calls c.
var (
	isMissed = "(c.action IN ('ring', 'screen', '')" +
		" AND c.outcome IN " + inSQL(calllog.NobodyHome, calllog.Busy, calllog.CallerGone, calllog.MessageLeft) +
		" AND NOT " + hasStep(calllog.KindPickedUp) +
		" AND (c.action <> 'screen' OR c.outcome NOT IN " + inSQL(calllog.CallerGone) + " OR " + hasStep(calllog.KindRang, calllog.KindSecondCall) + "))"
	isLeft = "(c.outcome IN " + inSQL(calllog.MessageLeft) +
		" OR EXISTS (SELECT 1 FROM recordings r WHERE r.call_id = c.id AND r.kind = 'message'))"
	isSentAway = "c.outcome IN " + inSQL(calllog.SentAway)
	isScam     = "(" + isSentAway + " OR c.action = 'turn-away' AND c.reasons ->> '$[0].code' IN ('block', 'list') OR " +
		"c.action = 'screen' AND c.outcome IN " + inSQL(calllog.TurnedAway) + " AND " + hasStep(calllog.KindScriptResult) + ")"
	isScamWords = "EXISTS (SELECT 1 FROM call_steps s WHERE s.call_id = c.id AND s.step IN " + inSQL(calllog.KindScript) +
		" AND s.detail ->> '$.level' IN " + inSQL(calllog.ScriptWarn, calllog.ScriptStrong) + ")"
)

func hasStep(kinds ...calllog.Kind) string {
	return "EXISTS (SELECT 1 FROM call_steps s WHERE s.call_id = c.id AND s.step IN " + inSQL(kinds...) + ")"
}

// inSQL is a list of SQL's; the words need no escaping.
func inSQL[W calllog.Outcome | calllog.Kind | calllog.ScriptLevel](words ...W) string {
	var list []string
	for _, w := range words {
		list = append(list, "'"+string(w)+"'")
	}
	return "(" + strings.Join(list, ", ") + ")"
}

var kindConditions = map[CallKind]string{
	KindAll:        "",
	KindRang:       "c.action IN ('ring', '')",
	KindScreened:   "c.action = 'screen'",
	KindTurnedAway: "c.action = 'turn-away'",
	KindMessage:    "c.action = 'message'",
	KindLeft:       isLeft,
	KindMissed:     isMissed,
	KindScam:       isScam,
	KindInProgress: "c.ended_ms IS NULL",
	KindScamWords:  isScamWords,
}

// CallSearch picks some of a household's calls; the zero value all of them.
type CallSearch struct {
	Kind   CallKind
	Number screening.Number // exactly this one
	// Who is what somebody typed: a number in any form or a part of one, or words that are all in a name: the network's, a contact's present
	// one, or the one that carers gave a stranger.
	Who  string
	Line screening.Line // of the household, for reading Who
	// Hears also finds Who in what callers said. It is for people who may hear recordings.
	Hears bool
	// From is the first moment of the calls, Before the first moment after them; zero is no limit.
	From, Before time.Time
	// After is the last call of the page before; zero is the first page. A call that comes in meanwhile is on no later page.
	After CallPlace
	Limit int // of a page; 100 by default and at most
}

// CallPlace is a call's place in the log.
type CallPlace struct {
	At time.Time // to the millisecond
	ID int64
}

// Place is the call's place in the log.
func (c Call) Place() CallPlace { return CallPlace{c.At, c.ID} }

// LoggedCall is a call as a page shows it.
type LoggedCall struct {
	Call
	Contact   string // the present name of the contact who has the number; "" where nobody has
	ContactID int64  // 0 where nobody has
}

// ErrNoCall says that the household has no such call.
var ErrNoCall = errors.New("there is no such call")

var loggedFrom = ` FROM households h JOIN calls c ON c.household_id = h.id
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = ` + columns.NumberOfContact("h.id", "c.number") + ` LEFT JOIN contacts p ON p.id = n.contact_id`

const (
	loggedColumns = callColumns + ", coalesce(p.name, ''), coalesce(p.id, 0)"
	mostCalls     = 100
)

// FindCalls lists a page of the household's calls that a search finds, newest first, with steps and recordings. next is where another page
// begins, nil if there is none.
func (s *Store) FindCalls(ctx context.Context, household string, search CallSearch) (calls []LoggedCall, next *CallPlace, err error) {
	condition, args, err := s.conditions(ctx, household, search)
	if err != nil {
		return nil, nil, err
	}
	limit := search.Limit
	if limit <= 0 || limit > mostCalls {
		limit = mostCalls
	}
	// One more tells whether there is another page.
	calls, err = s.loggedCalls(ctx, condition+" ORDER BY c.at_ms DESC, c.id DESC LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return nil, nil, err
	}
	if len(calls) > limit {
		calls = calls[:limit]
		place := calls[limit-1].Place()
		next = &place
	}
	return calls, next, s.loggedDetails(ctx, calls)
}

// EachCall yields all calls that a search finds, newest first, up to the first error. It reads a page at a time, so that a slow reader keeps
// nothing open in the database.
func (s *Store) EachCall(ctx context.Context, household string, search CallSearch) iter.Seq2[LoggedCall, error] {
	return func(yield func(LoggedCall, error) bool) {
		for {
			calls, next, err := s.FindCalls(ctx, household, search)
			if err != nil {
				yield(LoggedCall{}, err)
				return
			}
			for _, c := range calls {
				if !yield(c, nil) {
					return
				}
			}
			if next == nil {
				return
			}
			search.After = *next
		}
	}
}

// Call is one call of a household, with steps and recordings; ErrNoCall where it has none of that ID.
func (s *Store) Call(ctx context.Context, household string, id int64) (LoggedCall, error) {
	calls, err := s.loggedCalls(ctx, " WHERE h.name = ? AND c.id = ?", household, id)
	if err != nil {
		return LoggedCall{}, err
	}
	if len(calls) == 0 {
		return LoggedCall{}, fmt.Errorf("%w: %d", ErrNoCall, id)
	}
	return calls[0], s.loggedDetails(ctx, calls)
}

// Recording is what was said in a household's call; kind is one of calllog. False if there is none. It is only for people who may
// hear recordings.
func (s *Store) Recording(ctx context.Context, household string, call int64, kind string) (r Recording, there bool, err error) {
	return sqlite.Row(ctx, s.read, s.recordingFields, "SELECT "+recordingColumns+` FROM recordings r
		JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id
		WHERE h.name = ? AND r.call_id = ? AND r.kind = ?`, household, call, kind)
}

// FirstCall is when the oldest call in the log came in; false if there is none.
func (s *Store) FirstCall(ctx context.Context, household string) (at time.Time, there bool, err error) {
	at, _, err = sqlite.Row(ctx, s.read, func(at *time.Time) []any { return []any{columns.ScanMilliseconds(at)} },
		"SELECT min(at_ms) FROM calls WHERE "+columns.ByName, household)
	return at, !at.IsZero(), err
}

// CallsAfter lists a household's calls behind one, in the order in which they came in, without steps and recordings.
func (s *Store) CallsAfter(ctx context.Context, household string, after int64, limit int) ([]LoggedCall, error) {
	return s.loggedCalls(ctx, " WHERE h.name = ? AND c.id > ? ORDER BY c.id LIMIT ?", household, after, limit)
}

// Waiting is a call of a household's whose caller is screened, and which has no end yet.
type Waiting struct {
	Household string
	Call      int64
}

const screenedQuery = `SELECT h.name, c.id FROM calls c JOIN households h ON h.id = c.household_id
	WHERE c.ended_ms IS NULL AND c.action = 'screen' AND c.at_ms >= ? ORDER BY +c.id` // the + has it use the index of open calls

// ScreenedInProgress lists the calls of all households whose callers are screened, that began after since and have no end yet.
func (s *Store) ScreenedInProgress(ctx context.Context, since time.Time) ([]Waiting, error) {
	return sqlite.Rows(ctx, s.read, func(w *Waiting) []any { return []any{&w.Household, &w.Call} },
		screenedQuery, since.UnixMilli())
}

func (s *Store) loggedCalls(ctx context.Context, condition string, args ...any) ([]LoggedCall, error) {
	return sqlite.Rows(ctx, s.read, func(c *LoggedCall) []any { return append(c.fields(), &c.Contact, &c.ContactID) },
		"SELECT "+loggedColumns+loggedFrom+condition, args...) // #nosec G202 -- of constants; what was typed is in args
}

func (s *Store) loggedDetails(ctx context.Context, calls []LoggedCall) error {
	all := make([]*Call, len(calls))
	for i := range calls {
		all[i] = &calls[i].Call
	}
	return s.details(ctx, all)
}

// conditions are the search in SQL, from WHERE on. Everything that was typed is a parameter.
func (s *Store) conditions(ctx context.Context, household string, search CallSearch) (string, []any, error) {
	all, args := []string{"h.name = ?"}, []any{household}
	add := func(condition string, more ...any) {
		all, args = append(all, condition), append(args, more...)
	}
	kind, known := kindConditions[search.Kind]
	if !known {
		return "", nil, fmt.Errorf("there is no kind of calls %q", search.Kind)
	}
	if kind != "" {
		add(kind)
	}
	if search.Number != "" {
		add("c.number = ?", search.Number.Key())
	}
	if !search.From.IsZero() {
		add("c.at_ms >= ?", search.From.UnixMilli())
	}
	if !search.Before.IsZero() {
		add("c.at_ms < ?", search.Before.UnixMilli())
	}
	if search.After.ID != 0 {
		add("(c.at_ms, c.id) < (?, ?)", search.After.At.UnixMilli(), search.After.ID)
	}
	if strings.TrimSpace(search.Who) != "" {
		who, more, err := s.whoCondition(ctx, household, search)
		if err != nil {
			return "", nil, err
		}
		add(who, more...)
	}
	return " WHERE " + strings.Join(all, " AND "), args, nil
}

// whoCondition finds what was typed as a number, or in a name.
func (s *Store) whoCondition(ctx context.Context, household string, search CallSearch) (string, []any, error) {
	var either []string
	var args []any
	add := func(condition string, more ...any) {
		either, args = append(either, condition), append(args, more...)
	}
	if number, err := search.Line.ParseNumber(search.Who); err == nil {
		add("c.number = ?", number.Key())
	}
	if start, is := screening.InternalPiece(search.Who); is {
		add("c.number_text LIKE ?", start+"%")
	}
	starts, inside := screening.Pieces(search.Who, search.Line.Region)
	for _, start := range starts {
		add("c.number_text LIKE ?", "+"+start+"%")
	}
	if inside != "" {
		add("c.number_text LIKE ?", "%"+inside+"%")
		// A number that cannot exist is stored only as the network wrote it. Nobody can find one that the caller withheld.
		add("c.number_text = '' AND c.presentation = 'allowed' AND c.said_number LIKE ?", "%"+inside+"%")
	}
	words := strings.Fields(search.Who)
	var name []string
	for _, w := range words {
		name = append(name, `c.name LIKE ? ESCAPE '\'`)
		args = append(args, "%"+likePattern(w)+"%")
	}
	either = append(either, strings.Join(name, " AND "))
	lookup := map[string]string{
		"p.id":     "SELECT p.id, p.name FROM contacts p JOIN households h ON h.id = p.household_id WHERE h.name = ?",
		"c.number": "SELECT k.number, k.name FROM caller_names k JOIN households h ON h.id = k.household_id WHERE h.name = ?",
	}
	if search.Hears {
		lookup["c.id"] = "SELECT r.call_id, r.words FROM recordings r JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id WHERE h.name = ? AND r.words <> ''"
	}
	for column, query := range lookup {
		keys, err := s.namedSo(ctx, query, household, words)
		if err != nil {
			return "", nil, err
		}
		if keys != "" {
			add(column+" IN (SELECT value FROM json_each(?))", keys)
		}
	}
	return "(" + strings.Join(either, " OR ") + ")", args, nil
}

// likePattern matches a word in any case. SQLite's LIKE folds the case of ASCII only, so other letters match any one letter.
func likePattern(word string) string {
	var pattern strings.Builder
	for _, r := range word {
		switch {
		case r >= unicode.MaxASCII:
			pattern.WriteByte('_')
		case strings.ContainsRune(`\%_`, r):
			pattern.WriteByte('\\')
			pattern.WriteRune(r)
		default:
			pattern.WriteRune(r)
		}
	}
	return pattern.String()
}

// namedSo lists the keys of a query's rows (key, name) whose name has all the words, as JSON; "" where there are none. "zoe" finds Zoë.
func (s *Store) namedSo(ctx context.Context, query, household string, words []string) (keys string, err error) {
	var found []int64
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var key int64
		var name string
		if err := scan(&key, &name); err != nil {
			return err
		}
		name = folded(name)
		for _, w := range words {
			if !strings.Contains(name, folded(w)) {
				return nil
			}
		}
		found = append(found, key)
		return nil
	}, query, household)
	if err != nil || len(found) == 0 {
		return "", err
	}
	list, err := json.Marshal(found)
	return string(list), err
}

// folded is text in lower case and without accents, so that names compare as people remember them.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}
