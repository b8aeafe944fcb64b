package app

import (
	"context"
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// stale is a form that somebody has open while somebody else changes what it shows.
type stale struct {
	from, action string // as in page
	fields       []string
	needs        func(h *house)
	others       func(ctx context.Context, a household.Admin) (household.Done, error)
	tells        string // what they have changed
}

func others(values map[string]string) func(context.Context, household.Admin) (household.Done, error) {
	return func(ctx context.Context, a household.Admin) (household.Done, error) {
		return a.SetOptions(ctx, "", values)
	}
}

func othersMode(ctx context.Context, a household.Admin) (household.Done, error) {
	return a.SetMode(ctx, "", screening.BlockOnly, time.Time{})
}

func othersWeek(ctx context.Context, a household.Admin) (household.Done, error) {
	return a.AddTime(ctx, "", screening.Span{Days: screening.Daily, From: 22 * 60, To: 7 * 60, Quiet: true})
}

func othersExpect(ctx context.Context, a household.Admin) (household.Done, error) {
	return a.Expect(ctx, "", a.Now.Add(5*time.Hour))
}

func othersPhrase(ctx context.Context, a household.Admin) (household.Done, error) {
	return a.SetPhrase(ctx, "", store.PhraseGreeting, append(aSound(), aSound()[44:]...))
}

const night = "Every day, 22:00 to 07:00 the next morning: quiet hours."

var staleForms = []stale{
	{from: "settings/mode", fields: []string{"mode", "off"}, others: othersMode, tells: "“Stop scammers only” holds from now on."},
	{from: "settings/mode", action: "settings/mode/expect", others: othersExpect, tells: "Until THEN"},
	{from: "settings/mode", action: "settings/mode/expect", needs: (*house).expecting, others: othersExpect, tells: "Until THEN"},
	{from: "settings/week", fields: []string{"cells", cells}, others: othersWeek, tells: night},
	{from: "settings/week", action: "settings/week/add", fields: []string{"day", "mon", "from", "09:00", "to", "10:00", "what", "ask"}, others: othersWeek, tells: night},
	{from: "settings/week", action: "settings/week/remove", needs: (*house).onMonday, others: othersWeek, tells: night},
	{from: "settings/week", action: "settings/week/clear", needs: (*house).onMonday, others: othersWeek, tells: night},
	{from: "settings/week", action: "settings/week/contacts", fields: []string{"quiet-contacts", "turn-away"}, others: others(map[string]string{"quiet-contacts": "message"}), tells: "“"},
	{from: "settings/checks", fields: []string{"human-check", "hidden"}, others: others(map[string]string{"withheld": "turn-away"}), tells: "“"},
	{from: "settings/carer", fields: []string{"carer-number", "07700 900456"}, others: others(map[string]string{"carer-number": "07700 900123"}), tells: "07700 900123"},
	{from: "settings/emergency", fields: []string{"emergency", "72h"}, others: others(map[string]string{"emergency": "48h"}), tells: "every call rings for 2 days"},
	{from: "settings/house", fields: []string{"title", "Mum's house"}, others: others(map[string]string{"title": "The bungalow"}), tells: "The bungalow"},
	{from: "settings/smart-home", fields: []string{"smart-home", "calls"}, others: others(map[string]string{"smart-home": "words"}), tells: "What callers say too"},
	{from: "settings/keeping", fields: []string{"keep-days", "200"}, others: others(map[string]string{"keep-days": "300"}), tells: "300 days"},
	{from: "settings/phrases", action: "settings/phrases/" + store.PhraseGreeting, fields: []string{"sound", "voice.wavFILE:" + string(aSound())}, others: othersPhrase, tells: "recorded"},
	{from: "settings/phrases", action: "settings/phrases/" + store.PhraseGreeting + "/standard", needs: func(h *house) {
		h.must(h.db.SetPhrase(h.Context(), h.name, store.PhraseGreeting, aSound()))
	}, others: othersPhrase, tells: "recorded"},
	{from: "lists", action: "lists/threshold", fields: []string{"threshold", "0.5"}, others: others(map[string]string{"threshold": "0.9"}), tells: "90"},
	{from: "alerts", action: "alerts/at-home", fields: []string{"alerts-at-home", "on"}, others: others(map[string]string{"alerts-at-home": "on"}), tells: "home"},
	{from: "start/house", fields: []string{"title", "Mum's house"}, others: othersMode, tells: "“Stop scammers only” holds from now on."},
	{from: "start/house", fields: []string{"title", "Mum's house"}, others: others(map[string]string{"title": "The bungalow"}), tells: "The bungalow"},
	{from: "contacts/{contact}", fields: []string{"name", "Anna"}, needs: (*house).daughter, others: othersContact, tells: "Daughter, 020 7946 0301, 020 7946 0302, with notes “in hospital”"},
	{from: "contacts/{contact}", action: "contacts/{contact}/remove", needs: (*house).daughter, others: othersContact, tells: "Daughter, 020 7946 0301, 020 7946 0302, with notes “in hospital”"},
}

func othersContact(ctx context.Context, a household.Admin) (household.Done, error) {
	c, _, err := a.Store.ContactByNumber(ctx, a.Household, daughter)
	if err != nil {
		return household.Done{}, err
	}
	c.Notes = "in hospital"
	return a.SaveContact(ctx, c, "", false)
}

// A form that shows what is not so any more is refused, and says what somebody else has made of it. Sent once more as it comes back, it is
// taken. No form of a setting is left out.
func TestStaleFormsAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it last minutes")
	}
	t.Parallel()
	w := newWalk(t, len(staleForms)+1)
	t.Run("forms", func(t *testing.T) {
		for _, s := range staleForms {
			if s.action == "" {
				s.action = s.from
			}
			t.Run(s.action, func(t *testing.T) {
				t.Parallel()
				w.house(t).refusesStale(s)
			})
		}
	})
	for _, form := range w.forms() {
		setting := strings.HasPrefix(form, "settings/") && !strings.HasPrefix(form, "settings/backup/")
		if setting && !w.used["form "+form] {
			t.Errorf("the form %s can be stale: add it to staleForms", form)
		}
	}
}

func (h *house) refusesStale(s stale) {
	if s.needs != nil {
		s.needs(h)
	}
	at, body := h.open(h.owner, s.from)
	a := Admin(h.Settings, h.db, h.name, household.Actor{Name: "Ben", Way: store.WayPage, Role: store.RoleOwner})
	done, err := s.others(h.Context(), a)
	h.must(err)
	before := h.state()
	answer := h.send(h.owner, at, body, form(s.action, s.fields...))
	text := html.UnescapeString(h.read(answer))
	if !slices.Contains([]int{http.StatusConflict, http.StatusUnprocessableEntity}, answer.StatusCode) || h.state() != before || h.auditLog()[0].ID != done.Line {
		h.Fatalf("it was taken, with %d", answer.StatusCode)
	}
	if told := toCome.ReplaceAllString(text, "THEN"); !strings.Contains(told, s.tells) {
		h.Errorf("it does not say what somebody else has changed, %q: %s", s.tells, faults.FindAllString(text, -1))
	}
}
