package alerts

import (
	"context"
	"errors"
	"strings"
	"time"

	"ringfence/notify"
	"ringfence/store"
)

// target is where a channel's messages go; its URL is "" if the channel has been removed meanwhile, or its address was given up.
func target(ctx context.Context, db *store.Store, contact string, channel int64) (to notify.Target, err error) {
	if to.URL, to.AtHome, err = db.Outbox.ChannelAddress(ctx, channel); err != nil || !notify.NeedsPushKeys(to.URL) {
		return to, err
	}
	to.Push, err = pushKeys(ctx, db, contact)
	return to, err
}

// pushKeys are this installation's keys for Web Push, which are made when they are first needed.
func pushKeys(ctx context.Context, db *store.Store, contact string) (keys notify.PushKeys, err error) {
	keys.Contact = contact
	keys.Public, keys.Private, err = db.Outbox.PushKeys(ctx, func() (public, private string, err error) {
		made, err := notify.NewPushKeys()
		return made.Public, made.Private, err
	})
	return keys, err
}

// Contact is an address by which whoever runs a push service can find who sends (RFC 8292, section 2.1): that of the pages, if it is one of https, as Apple's
// service refuses any other.
func Contact(pages string) string {
	if strings.HasPrefix(pages, "https://") {
		return pages
	}
	return "https://localhost"
}

// goneText is for somebody's other alerts.
const goneText = "Alerts no longer reach one of your browsers or phones. To switch them on again, open Ringfence on it, go to Alerts and press “Another address or password”."

// channelFailed notes that nothing could be sent to a channel. An address that will never take anything again is forgotten.
func channelFailed(ctx context.Context, db *store.Store, channel int64, at, next time.Time, why *notify.Failure) error {
	if why.Kind == notify.KindGone {
		return db.Outbox.ChannelGone(ctx, channel, at, why.Sentence, goneText)
	}
	return db.Outbox.ChannelFailed(ctx, channel, at, next, why.Sentence)
}

// asFailure is an error of a courier's, which is a failure or the end of a context.
func asFailure(err error) *notify.Failure {
	var f *notify.Failure
	if errors.As(err, &f) {
		return f
	}
	return &notify.Failure{Kind: "broken", Sentence: "The message could not be sent.", Detail: err.Error()}
}
