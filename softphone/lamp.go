package softphone

import (
	"context"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// onNotify keeps a message summary (RFC 3842), which lights a telephone's lamp or makes its dial tone stutter.
func (s *Station) onNotify(req *sip.Request, tx sip.ServerTransaction) {
	if event := req.GetHeader("Event"); event != nil && event.Value() == "message-summary" {
		s.mu.Lock()
		s.lamp = string(req.Body())
		if s.lampOn != nil {
			close(s.lampOn)
			s.lampOn = nil
		}
		s.mu.Unlock()
	}
	s.onOptions(req, tx)
}

// Lamp waits for a message summary with so many new and old messages.
func (s *Station) Lamp(ctx context.Context, fresh, old int) error {
	want := fmt.Sprintf("Voice-Message: %d/%d", fresh, old)
	lit := "Messages-Waiting: no"
	if fresh > 0 {
		lit = "Messages-Waiting: yes"
	}
	for {
		s.mu.Lock()
		now := s.lamp
		if s.lampOn == nil {
			s.lampOn = make(chan struct{})
		}
		changes := s.lampOn
		s.mu.Unlock()
		if strings.Contains(now, want) && strings.Contains(now, lit) {
			return nil
		}
		select {
		case <-changes:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the lamp to say %q: %w; it says %q", want, context.Cause(ctx), now)
		}
	}
}
