package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// logged is a call to be logged.
type logged struct {
	household    string
	at           time.Time
	number       screening.Number
	said, name   string
	presentation screening.Presentation
	action       screening.Action
	reason       screening.Code
	outcome      calllog.Outcome // "" goes on
	steps        []string
	message      bool
}

func (l logged) log(t testing.TB, s *Store) int64 {
	t.Helper()
	if l.household == "" {
		l.household = "home"
	}
	if l.presentation == "" {
		l.presentation = screening.Allowed
	}
	v := screening.Verdict{Action: l.action, Would: l.action}
	if l.reason != "" {
		v.Reasons = []screening.Reason{{Code: l.reason, Text: "so"}}
	}
	call, err := s.CallArrived(t.Context(), l.household, "1", l.at, screening.Identity{Number: l.said},
		screening.Caller{Number: l.number, Name: l.name, Presentation: l.presentation}, v, "")
	must(t, err)
	for i, step := range l.steps {
		must(t, s.CallStep(t.Context(), call, l.at.Add(time.Duration(i+1)*time.Second), calllog.Read(calllog.Kind(step), "")))
	}
	if l.message {
		must(t, s.Keep(t.Context(), call, "message", []byte("RIFF"), time.Second))
	}
	if l.outcome != "" {
		must(t, s.CallEnded(t.Context(), call, l.at.Add(time.Minute), l.outcome))
	}
	return call
}

// ids are the calls that a search finds.
func ids(t *testing.T, s *Store, household string, search CallSearch) string {
	t.Helper()
	calls, next, err := s.FindCalls(t.Context(), household, search)
	must(t, err)
	if next != nil {
		t.Errorf("there is another page of %+v", search)
	}
	var found []int64
	for _, c := range calls {
		found = append(found, c.ID)
	}
	return fmt.Sprint(found)
}

var ten = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// Long: one table.
func TestFindCallsByKind(t *testing.T) {
	s, _ := open(t)
	calls := map[string]int64{}
	at := ten
	for name, l := range map[string]logged{
		"talked":      {action: screening.Ring, outcome: "talked", steps: []string{"rang", "picked-up"}},
		"missed":      {action: screening.Ring, outcome: "nobody-home", steps: []string{"rang", "no-answer"}},
		"gave up":     {action: screening.Ring, outcome: "caller-gone", steps: []string{"rang"}},
		"left":        {action: screening.Ring, outcome: "message-left", steps: []string{"rang", "no-answer"}, message: true},
		"fault":       {outcome: "talked", steps: []string{"fault"}},
		"accepted":    {action: screening.Screen, outcome: "accepted", steps: []string{"asked", "rang", "picked-up"}},
		"not now":     {action: screening.Screen, outcome: "message-left", steps: []string{"rang", "picked-up"}, message: true},
		"refused":     {action: screening.Screen, outcome: "not-now", steps: []string{"rang", "picked-up"}},
		"unannounced": {action: screening.Screen, outcome: "caller-gone", steps: []string{"asked"}},
		"announced":   {action: screening.Screen, outcome: "caller-gone", steps: []string{"asked", "rang"}},
		"heard":       {action: screening.Screen, outcome: "caller-gone", steps: []string{"asked", "rang", "picked-up"}},
		"busy":        {action: screening.Screen, outcome: "busy", steps: []string{"second-call"}},
		"scam":        {action: screening.Screen, outcome: "sent-away", steps: []string{"rang", "picked-up"}},
		"listed":      {action: screening.TurnAway, reason: screening.CodeList, outcome: "turned-away"},
		"blocked":     {action: screening.TurnAway, reason: screening.CodeBlock, outcome: "turned-away"},
		"withheld":    {action: screening.TurnAway, reason: screening.CodeWithheld, outcome: "turned-away"},
		"message":     {action: screening.Message, outcome: "message-left", message: true},
		"nothing":     {action: screening.Message, outcome: "no-message"},
		"cut off":     {action: screening.Message, outcome: "interrupted", message: true},
		"now":         {action: screening.Screen},
	} {
		at = at.Add(time.Second)
		l.at = at
		calls[name] = l.log(t, s)
		l.household, l.name = "other", name
		l.log(t, s)
	}
	for kind, want := range map[CallKind]string{
		KindAll: "talked,missed,gave up,left,fault,accepted,not now,refused,unannounced,announced,heard,busy,scam,listed,blocked,withheld,message,nothing,cut off,now",

		KindRang: "talked,missed,gave up,left,fault", KindScreened: "accepted,not now,refused,unannounced,announced,heard,busy,scam,now",
		KindTurnedAway: "listed,blocked,withheld", KindMessage: "message,nothing,cut off",
		KindLeft: "left,not now,message,cut off", KindMissed: "missed,gave up,left,announced,busy", KindScam: "scam,listed,blocked", KindInProgress: "now",
	} {
		found, _, err := s.FindCalls(t.Context(), "home", CallSearch{Kind: kind})
		must(t, err)
		got := map[int64]bool{}
		for _, c := range found {
			got[c.ID] = true
		}
		wanted := strings.Split(want, ",")
		for _, name := range wanted {
			if !got[calls[name]] {
				t.Errorf("%q does not find %q", kind, name)
			}
		}
		if len(got) != len(wanted) {
			t.Errorf("%q finds %d, not %d", kind, len(got), len(wanted))
		}
	}
	if len(CallKinds()) != len(kindConditions) {
		t.Error("not every kind can be chosen")
	}
	if _, _, err := s.FindCalls(t.Context(), "home", CallSearch{Kind: "'; DROP TABLE calls"}); err == nil {
		t.Error("a kind that is none was taken")
	}
}

// Long: one table.
func TestFindCallsByWho(t *testing.T) {
	s, _ := open(t)
	must(t, s.AddContact(t.Context(), "home", "Zoë Ångström", joan))
	must(t, s.AddContact(t.Context(), "other", "Steve", steve))
	_, err := s.NameCaller(t.Context(), "home", steve, "The cold caller")
	must(t, err)
	_, err = s.NameCaller(t.Context(), "other", joan, "The cold caller")
	must(t, err)
	withZoe := logged{at: ten, number: joan, said: "02079460001", name: "J SMITH", outcome: "talked"}.log(t, s)
	unknown := logged{at: ten.Add(time.Second), number: steve, said: "02079460666", name: `50% "OFF"_\`, outcome: "talked"}.log(t, s)
	foreign := logged{at: ten.Add(2 * time.Second), number: "+12015550123", name: "ÉLODIE", outcome: "talked"}.log(t, s)
	impossible := logged{at: ten.Add(3 * time.Second), said: "00123456", outcome: "talked"}.log(t, s)
	logged{at: ten.Add(4 * time.Second), said: "02079460777", presentation: screening.Withheld, outcome: "talked"}.log(t, s)
	short := logged{at: ten.Add(5 * time.Second), number: "101", outcome: "talked"}.log(t, s)
	logged{household: "other", at: ten, number: joan, name: "J SMITH"}.log(t, s)

	for who, want := range map[string][]int64{
		"020 7946 0001":      {withZoe},
		"+44 20 7946 0001":   {withZoe},
		"0044 20 7946-0001":  {withZoe},
		"tel:+442079460001":  {withZoe},
		"0001":               {withZoe},
		"020 79":             {unknown, withZoe},
		"(020) 794":          {unknown, withZoe},
		"+44":                {unknown, withZoe},
		"zoe":                {withZoe},
		"ANGSTROM zoë":       {withZoe},
		"smith":              {withZoe},
		"cold caller":        {unknown}, // as carers call them
		"COLD":               {unknown},
		"smith j":            {withZoe},
		"smith zoe":          nil, // not of one name
		"steve":              nil, // another household's contact
		"%":                  {unknown},
		"_":                  {unknown},
		`\`:                  {unknown},
		`50% "off"`:          {unknown},
		"élodie":             {foreign},
		"+1 201":             {foreign},
		"00123":              {impossible},
		"777":                nil, // withheld
		"101":                {short},
		"' OR 1=1 --":        nil,
		"no such":            nil,
		"9":                  {unknown, withZoe},
		" \t ":               {short, short - 1, impossible, foreign, unknown, withZoe},
		"020 7946 0001 0002": nil,
	} {
		if got := ids(t, s, "home", CallSearch{Who: who, Line: screening.Line{Region: "GB"}}); got != fmt.Sprint(want) {
			t.Errorf("%q finds %s, not %v", who, got, want)
		}
	}
	study := logged{at: ten.Add(6 * time.Second), number: "**610", said: "**610", name: "Study", outcome: "talked"}.log(t, s)
	const spaced = " ** 610 "
	door := logged{at: ten.Add(7 * time.Second), number: "**61", said: "**61", outcome: "talked"}.log(t, s)
	for who, want := range map[string][]int64{
		"**610": {study}, spaced: {study}, "**61": {door, study}, "**6": {door, study}, "**": {door, study}, "610": {study}, "61": {door, study}, "*": nil, "**7": nil, "**6100": nil,
	} {
		for _, router := range []bool{true, false} { // which the line may have been when they rang
			if got := ids(t, s, "home", CallSearch{Who: who, Line: screening.Line{Region: "GB", Router: router}}); got != fmt.Sprint(want) {
				t.Errorf("%q finds %s, not %v", who, got, want)
			}
		}
	}
	if got := ids(t, s, "home", CallSearch{Number: joan}); got != fmt.Sprint([]int64{withZoe}) {
		t.Error(got)
	}
	calls, _, err := s.FindCalls(t.Context(), "home", CallSearch{Number: joan})
	must(t, err)
	if c := calls[0]; c.Contact != "Zoë Ångström" || c.ContactID == 0 || c.Name != "J SMITH" {
		t.Errorf("%+v", c)
	}
	if got := ids(t, s, "nobody", CallSearch{}); got != "[]" {
		t.Error(got)
	}
}

func TestFindCallsByDay(t *testing.T) {
	s, _ := open(t)
	london, err := time.LoadLocation("Europe/London")
	must(t, err)
	summer := DayStart(2026, 7, 10, london) // 23:00 UTC of the 9th
	logged{at: summer.Add(-time.Millisecond), outcome: "talked"}.log(t, s)
	first := logged{at: summer, outcome: "talked"}.log(t, s)
	last := logged{at: DayStart(2026, 7, 11, london).Add(-time.Millisecond), outcome: "talked"}.log(t, s)
	logged{at: DayStart(2026, 7, 11, london), outcome: "talked"}.log(t, s)
	if got := ids(t, s, "home", CallSearch{From: summer, Before: DayStart(2026, 7, 11, london)}); got != fmt.Sprint([]int64{last, first}) {
		t.Error(got)
	}
}

// Pages follow each other without a gap and without a call twice, also where calls came in at the same millisecond, and
// while new ones come in.
func TestPagesOfCalls(t *testing.T) {
	s, _ := open(t)
	var want []int64
	for i := range 25 {
		want = append(want, logged{at: ten.Add(time.Duration(i/4) * time.Second), outcome: "talked"}.log(t, s))
	}
	var got []int64
	search := CallSearch{Limit: 4}
	for {
		calls, next, err := s.FindCalls(t.Context(), "home", search)
		must(t, err)
		for _, c := range calls {
			got = append([]int64{c.ID}, got...)
		}
		if next == nil {
			break
		}
		search.After = *next
		logged{at: ten.Add(time.Hour), outcome: "talked"}.log(t, s)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, not %v", got, want)
	}
	count := 0
	for c, err := range s.EachCall(t.Context(), "home", CallSearch{Limit: 7}) {
		must(t, err)
		if count++; c.ID == 0 {
			t.Error("a call without an id")
		}
	}
	if count != 25+6 {
		t.Errorf("%d calls", count)
	}
	for _, err := range s.EachCall(t.Context(), "home", CallSearch{}) {
		must(t, err)
		break // the reader has gone
	}
	for _, err := range s.EachCall(t.Context(), "home", CallSearch{Kind: "?"}) {
		if err == nil {
			t.Error("no error")
		}
	}
}

// One household's calls and recordings are nothing to another.
func TestOneCall(t *testing.T) {
	s, _ := open(t)
	call := logged{at: ten, number: joan, action: screening.Screen, reason: screening.CodeUnknown, outcome: "message-left", steps: []string{"asked", "rang"}, message: true}.log(t, s)
	must(t, s.Keep(t.Context(), call, "name", []byte("RIFF"), 3*time.Second))
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	c, err := s.Call(t.Context(), "home", call)
	must(t, err)
	if c.ID != call || c.Contact != "Joan" || len(c.Steps) != 2 || calllog.KindOf(c.Steps[0].Step) != calllog.KindAsked || len(c.Recordings) != 2 || !c.At.Equal(ten) {
		t.Errorf("%+v", c)
	}
	if !c.Recordings[0].Heard.IsZero() || c.Recordings[0].At.IsZero() {
		t.Errorf("%+v", c.Recordings)
	}
	must(t, s.MarkHeard(t.Context(), "home", call))
	r, there, err := s.Recording(t.Context(), "home", call, "message")
	if err != nil || !there || r.Kind != "message" || r.Length != time.Second || r.Heard.IsZero() {
		t.Errorf("%+v %v %v", r, there, err)
	}
	if content, err := os.ReadFile(r.Path); err != nil || string(content) != "RIFF" {
		t.Errorf("%q %v", content, err)
	}
	for _, household := range []string{"other", "nobody", ""} {
		if _, err := s.Call(t.Context(), household, call); !errors.Is(err, ErrNoCall) {
			t.Errorf("%s: %v", household, err)
		}
		if _, there, err := s.Recording(t.Context(), household, call, "name"); there || err != nil {
			t.Error(household, there, err)
		}
	}
	if _, err := s.Call(t.Context(), "home", call+1); !errors.Is(err, ErrNoCall) {
		t.Error(err)
	}
	if _, there, err := s.Recording(t.Context(), "home", call, "../ringfence.db"); there || err != nil {
		t.Error(there, err)
	}
}

func TestFirstCall(t *testing.T) {
	s, _ := open(t)
	logged{household: "other", at: ten.Add(-time.Hour)}.log(t, s)
	if _, there, err := s.FirstCall(t.Context(), "home"); there || err != nil {
		t.Error(there, err)
	}
	logged{at: ten}.log(t, s)
	logged{at: ten.Add(time.Hour)}.log(t, s)
	if at, there, err := s.FirstCall(t.Context(), "home"); !there || !at.Equal(ten) || err != nil {
		t.Error(at, there, err)
	}
}

// No search sorts or looks through other households' calls; one of 100,000 calls that finds nothing took 25 ms so.
func TestSearchesGoByTheIndex(t *testing.T) {
	s, _ := open(t)
	logged{at: ten, number: joan}.log(t, s)
	place := CallPlace{At: ten, ID: 1}
	for _, c := range []struct {
		search CallSearch
		index  string
	}{
		{CallSearch{}, "calls_by_time (household_id=?)"},
		{CallSearch{Kind: KindMissed, Who: "020 7946", Line: screening.Line{Region: "GB"}}, "calls_by_time (household_id=?)"},
		{CallSearch{From: ten, Before: ten}, "calls_by_time (household_id=? AND at_ms>? AND at_ms<?)"},
		{CallSearch{After: place}, "calls_by_time (household_id=? AND at_ms<?)"},
		{CallSearch{Number: joan}, "calls_by_number (household_id=? AND number=?)"},
		{CallSearch{Number: joan, After: place}, "calls_by_number (household_id=? AND number=? AND at_ms<?)"},
	} {
		condition, args, err := s.conditions(t.Context(), "home", c.search)
		must(t, err)
		plan := s.plan(t, "SELECT "+loggedColumns+loggedFrom+condition+" ORDER BY c.at_ms DESC, c.id DESC", args)
		if !strings.Contains(plan, c.index) || strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%+v:\n%s", c.search, plan)
		}
	}
}

// plan is how SQLite goes about a query.
func (s *Store) plan(t *testing.T, query string, args []any) (plan string) {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	for rows.Next() {
		var id, parent, unused int
		var line string
		must(t, rows.Scan(&id, &parent, &unused, &line))
		plan += line + "\n"
	}
	must(t, rows.Err())
	return plan
}
