package web

import (
	"net/http"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/store"
	"ringfence/web/backend"
)

// todayCalls is how many calls Today shows.
const todayCalls = 12

// today is what a carer looks at first: is all well, who is on the phone, who rang.
type today struct {
	State      backend.LineState
	Damage     string // to the database, within a week; "" for none
	Mode       string
	Unheard    int
	InProgress []callCard // calls in progress
	Saying     []saying
	Last       []callCard
}

// onTheLine is whose call is in progress; the first one's, if there are more.
func (t today) onTheLine() string {
	if len(t.InProgress) == 0 {
		return ""
	}
	return t.InProgress[0].Who
}

func (s callHandlers) streamToday(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.stream(w, r, v, streamParts{"today", []string{"line", "in-progress", "saying", "last"}, backend.See, func(r *http.Request, v *backend.Visitor) (any, error) { return s.todayOf(r, v) }})
}

func (s callHandlers) todayOf(r *http.Request, v *backend.Visitor) (today, error) {
	ctx := r.Context()
	house, err := s.House(ctx, v)
	if err != nil {
		return today{}, err
	}
	t := today{State: s.Switchboard.Line(v.Household.Name).State(), Mode: household.NowInWords(house, v.Now)}
	if rescue, lately := s.RescuedSince(v.Now.AddDate(0, 0, -7)); lately {
		t.Damage = rescue.Sentence()
	}
	if _, found, err := store.Unreadable(s.Store.Folder()); err != nil {
		return today{}, err
	} else if found.After(v.Now.AddDate(0, 0, -7)) {
		t.Damage = strings.TrimSpace(t.Damage + " " + store.UnreadableWords)
	}
	if t.Unheard, _, err = s.Store.MessageCount(ctx, v.Household.Name); err != nil {
		return today{}, err
	}
	calls, _, err := s.Store.FindCalls(ctx, v.Household.Name, store.CallSearch{Limit: todayCalls})
	if err != nil {
		return today{}, err
	}
	cards, err := s.cards(ctx, v, calls)
	if err != nil {
		return today{}, err
	}
	for _, c := range cards {
		if c.InProgress() {
			t.InProgress = append(t.InProgress, c)
			t.addSaying(v, c, s.Switchboard.Saying(v.Household.Name, c.ID))
		} else {
			t.Last = append(t.Last, c)
		}
	}
	return t, nil
}

// saying is what a caller is saying at this moment, as far as a machine has read it.
type saying struct {
	Who   string
	Words store.Words
}

// addSaying adds what a caller is saying, until there are the words of the whole, for visitors who may hear it.
func (t *today) addSaying(v *backend.Visitor, c callCard, words store.Words) {
	isRead := c.Said != nil && c.Said.Words.Text != ""
	if v.Hears && words.Text != "" && !isRead {
		words.Text = strings.TrimRight(words.Text, ".,;:?! ") // they may go on
		t.Saying = append(t.Saying, saying{c.Who, words})
	}
}

// stale is how long a call without an end counts as in progress. After that its end was lost, in a power cut for example.
const stale = 12 * time.Hour
