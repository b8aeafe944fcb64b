package softphone

import "testing"

func TestEveryVoiceHasItsWords(t *testing.T) {
	for _, name := range Voices() {
		if Words(name) == "" {
			t.Errorf("nobody has written down what %s says", name)
		}
	}
	if words := Words("neighbour"); words != "It's Margaret from number nine, about the flowers for the church." {
		t.Errorf("the neighbour says %q", words)
	}
	if Words("nobody") != "" {
		t.Error("nobody says something")
	}
}
