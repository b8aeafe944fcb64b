package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"time"

	"ringfence/prompts"
	"ringfence/softphone/audio"
)

// caller is one call: who it is, and what they say when.
type caller struct {
	kind   string
	robot  bool
	wait   time.Duration // after the answer, before they say first
	first  audio.Sound   // said whatever they hear; of no length where they wait for the tone
	pause  time.Duration // after the tone, before they say then
	then   audio.Sound   // said once they have heard the tone; of no length where they don't
	behind audio.Sound   // plays in their room, all the time; of no length where nothing does
}

const (
	robots = 100
	people = 60
)

// The ways in which recorded calls begin.
var ways = []string{"at once", "after two seconds", "after the tone"}

// softer is how loud recorded calls are beside the usual -20 dBFS; networks differ.
var softer = []float64{0, -6, 0, -10}

// everybody makes the callers of the recordings in a folder.
func everybody(folder string) ([]caller, error) {
	t, err := readTexts()
	if err != nil {
		return nil, err
	}
	sounds := map[string][]audio.Sound{}
	for _, s := range t.all() {
		sound, err := s.load(folder)
		if errors.Is(err, fs.ErrNotExist) && s.kind == "robots" {
			fmt.Println("there is no recording of the robot", s.name)
			continue
		}
		if err != nil {
			return nil, err
		}
		sounds[s.kind] = append(sounds[s.kind], sound)
	}
	if len(sounds["robots"]) == 0 {
		return nil, errors.New("there are no recordings: make some with -speak PROGRAM")
	}
	return slices.Concat(recorded(sounds["robots"]), persons(sounds)), nil
}

// recorded are the robots: each text begins in each way, and at several levels.
func recorded(sounds []audio.Sound) (all []caller) {
	for i := range robots {
		round := i / len(sounds)
		c := caller{kind: ways[(i+round)%len(ways)], robot: true}
		said := at(sounds[i%len(sounds)], softer[round%len(softer)])
		switch c.kind {
		case ways[0]:
			c.first = said
		case ways[1]:
			c.wait, c.first = 2*time.Second, said
		default:
			c.then = said
		}
		all = append(all, c)
	}
	return all
}

// answerPause lies between the answer and the first word (ivr/switchboard/leg.go).
const answerPause = 400 * time.Millisecond

// toneEnds is how long after the answer that is.
var toneEnds = answerPause + prompts.Duration("en-GB", prompts.AskName) + prompts.Duration("en-GB", prompts.Tone)

// persons are the people.
func persons(sounds map[string][]audio.Sound) (all []caller) {
	says := func() audio.Sound { return sounds["people"][len(all)%len(sounds["people"])] }
	of := func(kind string, i int) audio.Sound { return sounds[kind][i%len(sounds[kind])] }
	for range 20 {
		all = append(all, caller{kind: "waits for the tone", pause: 300 * time.Millisecond, then: says()})
	}
	for i := range 12 {
		all = append(all, caller{kind: "says hello", wait: time.Duration(i%4) * time.Second, first: of("before", i), then: says()})
	}
	for i := range 8 {
		all = append(all, caller{kind: "talks over the beginning", wait: time.Duration(i%3) * 300 * time.Millisecond, first: of("beginning", i), then: says()})
	}
	for i := range 4 {
		first := of("beginning", i)
		all = append(all, caller{kind: "talks over the tone", wait: toneEnds - first.Length() + 500*time.Millisecond, first: first, then: says()})
	}
	for i := range 6 {
		all = append(all, caller{kind: "hesitates", pause: time.Second, then: joined(of("hesitates", i), 1200*time.Millisecond, says())})
	}
	for range 6 {
		all = append(all, caller{kind: "has a television on", then: says(), behind: at(sounds["television"][0], -18)})
	}
	for i := range people - len(all) {
		all = append(all, caller{kind: "tells everything", then: of("longwinded", i)})
	}
	return all
}

// joined is one sound, a pause, and another.
func joined(a audio.Sound, pause time.Duration, b audio.Sound) audio.Sound {
	return audio.Sound{Rate: a.Rate, PCM: slices.Concat(a.PCM, audio.Silence(pause, a.Rate).PCM, b.PCM)}
}

// at is a sound that is louder by so many decibels.
func at(s audio.Sound, decibels float64) audio.Sound {
	factor := math.Pow(10, decibels/20)
	other := audio.Sound{Rate: s.Rate, PCM: slices.Clone(s.PCM)}
	for i, x := range other.PCM {
		other.PCM[i] = int16(max(math.MinInt16, min(math.MaxInt16, float64(x)*factor)))
	}
	return other
}

// kinds are the kinds of the callers of one sort, in the order in which they come.
func kinds(results []result, robot bool) (all []string) {
	seen := map[string]bool{}
	for _, r := range results {
		if r.robot == robot && !seen[r.kind] {
			seen[r.kind] = true
			all = append(all, r.kind)
		}
	}
	return all
}
