package switchboard

import (
	"context"
	"strconv"
	"time"

	"ringfence/internal/repeat"
	"ringfence/ivr"
)

// lookEvery is how soon a message lights the lamp, and a telephone or a line that has gone is known to be away. Asterisk itself asks them every 20 s
// (qualify_frequency in pjsip.conf).
const lookEvery = 5 * time.Second

// keepLamps keeps the states of telephones and lines up to date, and tells the telephones how many messages wait, whenever that changes or a telephone
// comes back. It makes one request and one query for all households.
func (s *Switchboard) keepLamps(ctx context.Context, handler Handler) {
	shown := map[string]ivr.MessageCount{} // by telephone that is there
	repeat.Every(ctx, lookEvery, func() {
		states, err := s.lookAtEndpoints(ctx)
		s.logFault("look at", "phones and lines", err)
		if err == nil {
			s.setLamps(ctx, handler, shown, states)
		}
	})
}

// lampsAtOnce is how many telephones are told in one look that have come, or of which nothing is known since this program has come. A telephone keeps what it
// was told, so few of them show anything wrong meanwhile. To tell a thousand at once would take Asterisk seconds that calls need.
const lampsAtOnce = 20

// setLamps tells the telephones what they have not been told yet.
func (s *Switchboard) setLamps(ctx context.Context, handler Handler, shown map[string]ivr.MessageCount, states map[string]string) {
	counts, err := handler.MessageCounts(ctx)
	s.logFault("count", "messages", err)
	light := func(endpoint string, now ivr.MessageCount) {
		if s.light(ctx, endpoint, now) {
			shown[endpoint] = now
		}
	}
	var come, without []string // telephones that have come, those of households without messages last
	of := map[string]ivr.MessageCount{}
	for household, endpoints := range s.options.Telephones() {
		now := counts[household]
		for _, endpoint := range endpoints {
			switch was, told := shown[endpoint]; {
			case states[endpoint] == "offline":
				delete(shown, endpoint)
			case err != nil, told && was == now:
			case told:
				light(endpoint, now)
			case now != ivr.MessageCount{}:
				come, of[endpoint] = append(come, endpoint), now
			default:
				without = append(without, endpoint)
			}
		}
	}
	come = append(come, without...)
	for _, endpoint := range come[:min(len(come), lampsAtOnce)] {
		light(endpoint, of[endpoint])
	}
}

// light tells one telephone.
func (s *Switchboard) light(ctx context.Context, endpoint string, now ivr.MessageCount) (told bool) {
	lit := map[bool]string{true: "yes", false: "no"}[now.Unheard > 0]
	err := s.runInDialplan(ctx, "lamp", "s", map[string]string{
		"RF_PHONE": endpoint, "RF_LAMP": lit, "RF_NEW": strconv.Itoa(now.Unheard), "RF_OLD": strconv.Itoa(now.Heard),
	})
	s.logFault("light the lamp", endpoint, err)
	return err == nil
}
