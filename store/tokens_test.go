package store

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	anna, ben := aPerson(t, s, "Anna", RoleOwner), aPerson(t, s, "Ben", RoleCarer)
	all, err := s.AddToken(ctx, anna.ID, Token{Name: "Home Assistant", Scope: ScopeRead}, now)
	must(t, err)
	one, err := s.AddToken(ctx, ben.ID, Token{Name: "Script", Scope: ScopeChange, Household: "home", Expires: now.Add(time.Hour)}, now)
	must(t, err)
	for what, bad := range map[string]Token{"no household of yours": {Name: "x", Scope: ScopeRead, Household: "other"}, "household of yours": {Name: "x", Scope: ScopeRead, Household: "nowhere"}, "no scope": {Name: "x", Scope: "all"}, "a name is needed": {Scope: ScopeRead}} {
		if _, err := s.AddToken(ctx, anna.ID, bad, now); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	got, p, err := s.TokenOf(ctx, all, now)
	if want := (Token{1, "Home Assistant", ScopeRead, "", now, time.Time{}, time.Time{}}); err != nil || p.ID != anna.ID || got != want {
		t.Errorf("%+v %+v %v", got, p, err)
	}
	must(t, s.TouchToken(ctx, got, now))
	got, p, err = s.TokenOf(ctx, one, now)
	if want := (Token{2, "Script", ScopeChange, "home", now, time.Time{}, now.Add(time.Hour)}); err != nil || p.ID != ben.ID || got != want {
		t.Errorf("%+v %+v %v", got, p, err)
	}
	if tokens, err := s.Tokens(ctx, anna.ID); err != nil || len(tokens) != 1 || !tokens[0].Used.Equal(now) {
		t.Errorf("%+v %v", tokens, err)
	}
	if gone, err := s.RevokeToken(ctx, ben.ID, 1); gone || err != nil {
		t.Error("another's token is revoked", err)
	}
	if gone, err := s.RevokeToken(ctx, anna.ID, 1); !gone || err != nil {
		t.Error(gone, err)
	}
	closed := func(token string, now time.Time) {
		t.Helper()
		if _, _, err := s.TokenOf(ctx, token, now); !errors.Is(err, ErrNoToken) {
			t.Error(err)
		}
	}
	closed(all, now)
	closed("", now)
	closed(one, now.Add(time.Hour))
	_, err = s.RemoveMembership(ctx, "home", ben.ID)
	must(t, err)
	must(t, s.SetMembership(ctx, "home", ben.ID, RoleViewer, false))
	closed(one, now) // it does not come back with its person
}
