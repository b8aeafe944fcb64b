package ivr

import (
	"testing"

	"ringfence/prompts"
	"ringfence/screening"
)

type recordedWords struct{ fakeSounds }

func (recordedWords) Own(string, prompts.ID) (Sound, bool) { return Sound{}, true }

// A household's own words replace the inspection message alone: whoever is to hear the engaged tone is not answered.
func TestOwnWordsAreForTheInspectionMessage(t *testing.T) {
	c := &call{Screener: &Screener{Sounds: recordedWords{}}, Arrival: Arrival{Household: "home"}}
	for _, f := range screening.Farewells() {
		want := f
		if f == screening.Inspection {
			want = "own"
		}
		if got := c.ownFarewell(f); got != want {
			t.Errorf("%s becomes %s, not %s", f, got, want)
		}
	}
}
