package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/app/ivrstore"
	"ringfence/sound"
	"ringfence/store"
	"ringfence/web"
	"ringfence/web/backend"
)

var (
	_ backend.Houses  = households{}
	_ web.Phrases     = households{}
	_ backend.Regions = (*regions)(nil)
	_ web.Backups     = restart{}
	_ web.TestCalls   = (*Telephony)(nil)
)

// What the settings' pages show of a household has no password in it, and what they change is heard by callers.
func TestHouseholdsForTheSettingsPages(t *testing.T) {
	_, r, _ := regionScene(t)
	own := ivrstore.Sounds{Store: r.db, Folder: filepath.Join(r.current.Settings().AsteriskFolder(), "sounds")}
	f := households{r.current, r.lines, own}
	house := f.House("home")
	if house.KeepDays != 90 || house.Region != "GB" || len(house.Codes) != 10 || house.Codes[0].What == "" || house.Server != "127.0.0.1:5060" ||
		house.Phones[0] != (backend.PhoneDetails{Name: "hall", User: "home-hall"}) || house.Trunk != (backend.TrunkDetails{Name: "line", Address: "127.0.0.2", How: "The other side is known by its address."}) {
		t.Errorf("%+v", house)
	}
	if strings.Contains(fmt.Sprintf("%+v", house), "wet herons") {
		t.Error("a password is shown")
	}
	if words, wav := f.Standard("home", store.PhraseAskName); !strings.Contains(words, "please say your name") || len(wav) < 8000 {
		t.Errorf("%q, %d bytes", words, len(wav))
	}
	if words, wav := f.Standard("home", store.PhraseGreeting); words != "" || wav != nil {
		t.Errorf("%q, %d bytes", words, len(wav))
	}
	wav := sound.WAV(sound.Rate, bytes.Repeat([]byte{1, 2}, 8000))
	heard := filepath.Join(own.Folder, "own", "home", "ask-name.wav")
	err := r.db.SetPhrase(t.Context(), "home", store.PhraseAskName, wav)
	if err == nil {
		err = f.Publish(t.Context(), "home", store.PhraseAskName)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(heard); err != nil || !bytes.Equal(got, wav) {
		t.Errorf("Asterisk does not have it: %v", err)
	}
	err = r.db.RemovePhrase(t.Context(), "home", store.PhraseAskName)
	if err == nil {
		err = f.Publish(t.Context(), "home", store.PhraseAskName)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(heard); err == nil {
		t.Error("Asterisk still has it")
	}
	if err := r.choose(t.Context(), "dad", "US"); err != nil {
		t.Fatal(err)
	}
	for household, want := range map[string]string{"home": "Dial 999 or 112", "dad": "Dial 911"} {
		if card, err := f.Card(household); err != nil || !strings.Contains(card, want) {
			t.Errorf("%s's card: %v", household, err)
		}
	}
}
