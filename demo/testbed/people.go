package testbed

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// Library has everything that can be heard on a testbed: the prompts in a language, and the voices of the people. Of phrases with the same words the
// one with the shorter name is reported: n1, not feminine-1. It takes a moment to make, so all share one.
func Library(language string) (*recognise.Library, error) {
	libraries.mu.Lock()
	defer libraries.mu.Unlock()
	if made := libraries.made[language]; made != nil {
		return made, nil
	}
	made, err := newLibrary(language)
	if err == nil {
		libraries.made[language] = made
	}
	return made, err
}

var libraries = struct {
	mu   sync.Mutex
	made map[string]*recognise.Library
}{made: map[string]*recognise.Library{}}

func newLibrary(language string) (*recognise.Library, error) {
	all, said := map[string]audio.Sound{}, map[string]bool{}
	ids := prompts.All()
	slices.SortStableFunc(ids, func(a, b prompts.ID) int { return len(a) - len(b) })
	for _, id := range ids {
		words := prompts.Text(language, id)
		if said[words] {
			continue
		}
		said[words] = true
		sound, err := audio.ReadWAV(prompts.Recording(language, id, prompts.Narrow))
		if err != nil {
			return nil, fmt.Errorf("the prompt %s: %w", id, err)
		}
		all[string(id)] = sound
	}
	for _, name := range softphone.Voices() {
		voice, err := softphone.Voice(name)
		if err != nil {
			return nil, err
		}
		all[name] = voice
	}
	return recognise.NewLibrary(all)
}

// Caller is somebody in the telephone network, at the far side of the trunk.
func (s *Testbed) Caller(name string, onEvent func(softphone.Event)) (*softphone.Caller, error) {
	library, err := Library(s.language())
	if err != nil {
		return nil, err
	}
	return softphone.NewCaller(softphone.Config{Name: name, Address: TrunkIP + ":0", Library: library, OnEvent: onEvent})
}

// Dial has a caller ring the household.
func (s *Testbed) Dial(ctx context.Context, caller *softphone.Caller, from softphone.CallerID) (*softphone.Call, error) {
	return caller.Dial(ctx, softphone.Dial{Number: Number, At: s.SIP, From: from})
}

// Telephone is one of the household's telephones. It is registered when this returns, unless it has a fixed address.
func (s *Testbed) Telephone(ctx context.Context, name string, onEvent func(softphone.Event), codecs ...softphone.Codec) (*softphone.Phone, error) {
	library, err := Library(s.language())
	if err != nil {
		return nil, err
	}
	address, server, contact := HomeIP+":0", s.SIP, ""
	for _, p := range s.Phones {
		if p.Name != name {
			continue
		}
		if p.IPv6 {
			address = "[::1]:0"
		}
		address, server, contact = cmp.Or(p.Address, address), cmp.Or(p.Server, server), p.Contact
	}
	phone, err := softphone.NewPhone(softphone.PhoneConfig{
		Config: softphone.Config{Name: name, Address: address, Library: library, OnEvent: onEvent, Codecs: codecs},
		Server: server, User: "home-" + name, Contact: contact, Password: s.Passwords[name],
	})
	if err != nil || s.Passwords[name] == "" {
		return phone, err
	}
	return phone, phone.Register(ctx)
}

// Network is the far side of the trunk, where the household's own calls arrive.
func (s *Testbed) Network(onEvent func(softphone.Event)) (*softphone.Provider, error) {
	library, err := Library(s.language())
	if err != nil {
		return nil, err
	}
	return softphone.NewProvider(softphone.ProviderConfig{
		Config: softphone.Config{Name: "network", Address: s.Provider, Library: library, OnEvent: onEvent},
	})
}
