package web

import (
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/store/people"
	"ringfence/store/storetest"
)

// The people of a site, by what they may do. Each household has an owner of its own; "both" is a carer of mum's and gran's.
var sitePeople = []struct {
	key, household string
	role           store.Role
	hears          bool
}{
	{"owner", "mum", store.RoleOwner, true}, // owners first: a household keeps one
	{"granowner", "gran", store.RoleOwner, true},
	{"elseowner", "else", store.RoleOwner, true},
	{"carer", "mum", store.RoleCarer, true},
	{"unhearing", "mum", store.RoleCarer, false},
	{"viewer", "mum", store.RoleViewer, true},
	{"both", "mum", store.RoleCarer, true},
	{"both", "gran", store.RoleCarer, true},
}

// newSite is a site whose households have a life.
func newSite(t *testing.T) *site {
	t.Helper()
	filledSite.once.Do(func() { filledSite.site, filledSite.data = fillOnce(t) })
	if filledSite.data == nil {
		t.Fatal("no site could be filled") // the test that was the first says why
	}
	data := t.TempDir()
	if err := os.CopyFS(data, filledSite.data); err != nil {
		t.Fatal(err)
	}
	s := siteIn(t, data)
	s.people, s.calls, s.blocks = maps.Clone(filledSite.people), maps.Clone(filledSite.calls), maps.Clone(filledSite.blocks)
	s.way, s.contact, s.imported, s.group, s.area = filledSite.way, filledSite.contact, filledSite.imported, filledSite.group, filledSite.area
	s.upload()
	return s
}

// filledSite is the data of a site and what is known of it, of which each test gets a copy: to fill one takes many times as long.
var filledSite struct {
	once sync.Once
	*site
	data fstest.MapFS
}

func fillOnce(t *testing.T) (*site, fstest.MapFS) {
	t.Helper()
	data := t.TempDir()
	db := openData(t, data)
	s := &site{t: t, db: db, people: map[string]people.Person{}, calls: map[string]int64{}, blocks: map[string]int64{}}
	for _, p := range sitePeople {
		if _, there := s.people[p.key]; !there {
			person, err := s.db.People.Add(t.Context(), strings.ToUpper(p.key[:1])+p.key[1:]+" Taylor", p.key+"@example.org")
			s.ok(err)
			s.people[p.key] = person
		}
		s.ok(s.db.SetMembership(t.Context(), p.household, s.people[p.key].ID, p.role, p.hears))
	}
	s.fillAreas()
	s.fill()
	s.ok(db.Close())
	files, err := storetest.ReadFolder(data)
	s.ok(err)
	return s, files
}

// fillAreas has people who belong to mum's only by an area: what they may do there is what somebody may who was given the same for it alone.
func (s *site) fillAreas() {
	s.t.Helper()
	ctx := s.t.Context()
	for _, p := range []struct {
		key   string
		role  store.Role
		hears bool
	}{{"areacarer", store.RoleCarer, true}, {"areaviewer", store.RoleViewer, false}, {"areaowner", store.RoleOwner, true}} {
		person, err := s.db.People.Add(ctx, "Zoe "+p.key, p.key+"@example.org")
		s.ok(err)
		s.people[p.key] = person
		area, err := s.db.AddArea(ctx, "Of "+p.key, siteNow)
		s.ok(err)
		_, err = s.db.SetAreaRole(ctx, area.ID, person.ID, store.Standing{Role: p.role, Hears: p.hears})
		s.ok(err)
		_, _, err = s.db.SetAreaHouseholds(ctx, area.ID, []string{"mum"}, true)
		s.ok(err)
		s.area = area.ID
	}
}

// fill gives mum's house a life.
func (s *site) fill() {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.SetOption(ctx, "mum", "title", "Mum’s house"))
	s.ok(s.db.SetOption(ctx, "gran", "title", "Gran’s flat"))
	s.ok(s.db.AddContact(ctx, "mum", "Anna Taylor", "+442079460123"))
	s.ok(s.db.AddContact(ctx, "gran", "Gran's secret friend", "+442079460777"))
	for _, household := range []string{"mum", "gran"} {
		s.ok(s.db.AddBlock(ctx, household, screening.Block{Digits: "449098790123", Note: hostileName}, "Owner Taylor"))
		blocks, err := s.db.Blocks(ctx, household)
		s.ok(err)
		s.blocks[household] = blocks[0].ID
	}
	s.fillContacts()
	s.fillGroups()
	var err error
	s.way, err = s.db.Outbox.AddChannel(ctx, "mum", s.people["owner"].ID, "E-mail to owner@example.org", "email", secretAddress, outbox.Choices{Events: outbox.Events(), Digest: -1})
	s.ok(err)
	reason := func(code screening.Code, text string) []screening.Reason {
		return []screening.Reason{{Code: code, Text: text}}
	}
	ago := func(d time.Duration) time.Time { return siteNow.Add(-d) }
	s.calls["contact"] = s.call("mum", ago(50*time.Hour), screening.Caller{Number: "+442079460123", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Ring, Would: screening.Ring, Reasons: reason(screening.CodeContact, "Anna Taylor is one of the household's contacts.")},
		"talked", "rang", "", "picked-up", "")
	s.calls["turned-away"] = s.call("mum", ago(26*time.Hour), screening.Caller{Number: "+442079460999", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.TurnAway, Would: screening.TurnAway, Reasons: reason(screening.CodeList, "The list Trading Standards knows this number as a scam (tech-support).")},
		"turned-away")
	s.calls["screened"] = s.call("mum", ago(3*time.Hour), screening.Caller{Number: "+442079460555", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "The household does not know the caller.")},
		"sent-away", "asked", "ask-name", "said", "3s", "rang", "", "picked-up", "", "pressed", "3")
	s.ok(s.db.Keep(ctx, s.calls["screened"], "name", tone(3*time.Second), 3*time.Second))
	s.calls["message"] = s.call("mum", ago(2*time.Hour), screening.Caller{Number: "+442079460666", Name: "Surgery", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "The household does not know the caller.")},
		"message-left", "asked", "ask-name", "said", "2s", "rang", "", "no-answer", "nobody answered", "message", "6s")
	s.ok(s.db.Keep(ctx, s.calls["message"], "message", tone(6*time.Second), 6*time.Second))
	s.calls["withheld"] = s.call("mum", ago(90*time.Minute), screening.Caller{Presentation: screening.Withheld},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeWithheld, "The caller withholds their number.")}, "no-name", "asked", "ask-name")
	s.calls["hostile"] = s.call("mum", ago(time.Hour), screening.Caller{Number: "+442079460888", Name: hostileName, Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "The household does not know the caller.")}, "caller-gone", "asked", hostileName)
	s.calls["long"] = s.longHeaders("mum", ago(30*time.Minute))
	s.calls["gran"] = s.call("gran", ago(time.Hour), screening.Caller{Number: "+442079460777", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "Gran's secret reason.")}, "accepted")
	s.ok(s.db.Keep(ctx, s.calls["gran"], "name", tone(2*time.Second), 2*time.Second))
}

// longHeaders is a call whose caller's telephone sends headers of 4,000 characters, as the network hands them over.
func (s *site) longHeaders(household string, at time.Time) int64 {
	s.t.Helper()
	id := screening.Identity{
		Number: strings.Repeat("9<b>", 1000), Name: strings.Repeat("\u202eM&", 1000), Presentation: strings.Repeat("x", 4000),
	}
	v := screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeImpossible, Text: "The caller shows a number that can't exist."}}}
	call, err := s.db.CallArrived(s.t.Context(), household, "long", at, id, screening.Identify(id, "GB"), v, "caller-gone")
	s.ok(err)
	return call
}

// call logs a call with pairs of steps and details; outcome "" is one in progress.
func (s *site) call(household string, at time.Time, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome, steps ...string) int64 {
	s.t.Helper()
	id := screening.Identity{Number: string(caller.Number), Name: caller.Name}
	call, err := s.db.CallArrived(s.t.Context(), household, at.Format(time.RFC3339Nano)+household, at, id, caller, v, "")
	s.ok(err)
	for i := 0; i+1 < len(steps); i += 2 {
		s.ok(s.db.CallStep(s.t.Context(), call, at.Add(time.Duration(i+1)*2*time.Second), calllog.Read(calllog.Kind(steps[i]), steps[i+1])))
	}
	if outcome != "" {
		s.ok(s.db.CallEnded(s.t.Context(), call, at.Add(time.Minute), outcome))
	}
	return call
}

// ringing is a call in progress at mum's: an unknown caller who has said who they are.
func (s *site) ringing() int64 {
	s.t.Helper()
	call := s.call("mum", siteNow.Add(-20*time.Second), screening.Caller{Number: "+442079460444", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "The household does not know the caller."}}},
		"", "asked", "ask-name", "said", "3s", "rang", "")
	s.ok(s.db.Keep(s.t.Context(), call, "name", tone(3*time.Second), 3*time.Second))
	s.board.changed()
	return call
}
