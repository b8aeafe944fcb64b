package ivrstore

import (
	"strconv"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
)

// Messages that nobody has heard stay, and the carers are told that there is no room for another.
func TestRoomForMessage(t *testing.T) {
	s, ctx := open(t), t.Context()
	var last int64
	for i := range messageLimits.Count {
		call, err := s.Queue.CallArrived("home", strconv.Itoa(i), time.Now(), screening.Identity{}, screening.Caller{Presentation: screening.Allowed},
			screening.Verdict{}, calllog.MessageLeft)
		if err == nil {
			err = s.Keep(ctx, call, "message", sound.WAV(sound.Rate, make([]byte, 80)), time.Second)
		}
		if err != nil {
			t.Fatal(err)
		}
		last = call
	}
	must(t, s.Queue.Flush(ctx))
	room, err := s.RoomForMessage(ctx, "home")
	if room || err != nil {
		t.Errorf("there is room: %v, %v", room, err)
	}
	must(t, s.Queue.Flush(ctx))
	if n, err := s.LastNotices(ctx, store.NoticeMessagesFull); err != nil || n["home"].Kind == "" || n["home"].Call != 0 {
		t.Errorf("the carers were not told: %+v, %v", n, err)
	}
	if err := s.MarkHeard(ctx, "home", last); err != nil {
		t.Fatal(err)
	}
	if room, err := s.RoomForMessage(ctx, "home"); !room || err != nil {
		t.Errorf("one that was heard makes no room: %v, %v", room, err)
	}
}

// The carers are told of what happens, behind the call.
func TestCarersAreTold(t *testing.T) {
	s, ctx := open(t), t.Context()
	s.OnMessageLeft(ctx, "home", 0)
	s.OnSentAway(ctx, "home", "the household", 0)
	must(t, s.Queue.Flush(ctx))
	for kind, text := range map[string]string{
		store.NoticeMessageLeft: "A message was left.", store.NoticeSentAway: "A scam caller was sent away by the household.",
	} {
		if n, err := s.LastNotices(ctx, kind); err != nil || n["home"].Text != text {
			t.Errorf("%s: %+v, %v", kind, n, err)
		}
	}
}
