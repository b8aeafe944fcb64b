package metrics

import "sync"

// others is the label of the households that have no metrics of their own. No household can be called so.
const others = "_others"

// named are the households with metrics of their own: the first of the settings, up to a number. One that was chosen stays for as long as it is there, so that
// another household that is added or removed ends no time series.
type named struct {
	most int

	mu  sync.Mutex
	are map[string]bool
}

// choose returns those among the households that there are now, by name.
func (n *named) choose(households []string) map[string]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	chosen := map[string]bool{}
	for _, h := range households {
		if n.are[h] {
			chosen[h] = true
		}
	}
	for _, h := range households {
		if len(chosen) >= n.most {
			break
		}
		chosen[h] = true
	}
	n.are = chosen
	return chosen
}

// label is what a household's metrics have as their household.
func label(chosen map[string]bool, household string) string {
	if chosen[household] {
		return household
	}
	return others
}
