package web

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/web/backend"
)

// restOfRingfence is what the settings' pages need of the rest, and remembers what they did with it.
type restOfRingfence struct {
	db   *store.Store
	data string

	mu      sync.Mutex
	regions map[string]string
	router  bool // the lines come from a router
	fault   string
	tests   map[string]TestCall
	refuse  error
	began   int
	changed func()
}

// Stage checks a backup with the store, in the folder of this database.
func (f *restOfRingfence) Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (backups.Contents, error) {
	return backups.Stage(ctx, f.data, backup, note)
}

func (f *restOfRingfence) Restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.began++
}

func (f *restOfRingfence) StartTest(household string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return f.refuse
	}
	f.tests[household] = TestCall{}
	return nil
}

func (f *restOfRingfence) Test(household string) (TestCall, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	test, made := f.tests[household]
	return test, made
}

// step is the next thing that happens in a test call of mum's telephone.
func (f *restOfRingfence) step(step string, over bool) {
	f.mu.Lock()
	test := f.tests["mum"]
	test.Steps = append(slices.Clone(test.Steps), TestStep{siteNow.Add(time.Duration(len(test.Steps)) * 3 * time.Second), step})
	test.Over = over
	f.tests["mum"] = test
	f.mu.Unlock()
	f.changed()
}

func (f *restOfRingfence) House(household string) backend.House {
	return backend.House{
		KeepDays: 90, Region: "GB", Wiring: "adapter", Server: "192.168.1.10:5060",
		Codes:  []backend.FeatureCode{{Keys: "*30", What: "Hear the messages that callers have left"}, {Keys: "*35", What: "Hear or change how strict Ringfence is"}},
		Trunk:  backend.TrunkDetails{Name: "bt", Address: "192.168.1.20:5062", How: "It is known by its password."},
		Phones: []backend.PhoneDetails{{Name: "hall", User: household + "-hall"}, {Name: "bedroom", Address: "192.168.1.21:5060"}},
	}
}

func (f *restOfRingfence) Card(string) (string, error) {
	return "<!DOCTYPE html><html lang=\"en-GB\"><head><title>Your telephone · Ringfence</title><style>h1 { color: rgb(1, 2, 3); }</style></head><body><main><h1>Your telephone</h1></main></body></html>", nil
}

func (f *restOfRingfence) Standard(_, phrase string) (string, []byte) {
	switch phrase {
	case store.PhraseAskName:
		return "Hello. This household screens its calls.", tone(2 * time.Second)
	case store.PhraseInspection:
		return "Thank you, but we are already aware of this matter.", tone(3 * time.Second)
	}
	return "", nil
}

func (f *restOfRingfence) Publish(context.Context, string, string) error { return nil }

func (f *restOfRingfence) Fits(_, region string) error {
	if region == "AD" {
		return errors.New("in AD ringfence.toml cannot be understood: write its numbers there with + and the country code first")
	}
	return nil
}

func (f *restOfRingfence) Follow(ctx context.Context) error {
	chosen, err := f.db.Regions(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.regions = chosen
	return err
}

func (f *restOfRingfence) Fault() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault
}

// moved are households with the regions that were chosen.
func (f *restOfRingfence) moved(all []backend.Household) []backend.Household {
	f.mu.Lock()
	defer f.mu.Unlock()
	all = slices.Clone(all)
	for i := range all {
		all[i].Router = f.router
		if region := f.regions[all[i].Name]; region != "" {
			all[i].Region = region
		}
	}
	return all
}
