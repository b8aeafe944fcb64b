package script

import "testing"

// How phrases add up, each rule by a sentence that would be read otherwise without it.
func TestHowEvidenceIsWeighed(t *testing.T) {
	phrases := *tables()[0]
	phrases.weights = nil
	for _, c := range []struct {
		rule, text string
		want       Level
	}{
		{"two kinds add up", "It's the tax office, there's an unpaid fine, press one.", Warn},
		{"what calms takes off", "It's the tax office, you overpaid, it's in the post.", None},
		{"without it the same warns", "It's the tax office, you overpaid.", Warn},
		{"nothing calms a code", "There's no hurry, you asked us to ring: read me the code that we've sent you.", Warn},
		{"haste adds to what is heavy", "You overpaid, act now, within two hours.", Warn},
		{"haste alone is none", "It's BT about your payment, the engineer will be with you within two hours.", None},
		{"an investigation is no investment", "Police here, we're investigating a burglary at your neighbour's house.", None},
		{"family says nothing alone", "Hello Mum, it's me, switch on your computer.", None},
		{"family and trouble do", "Hello Mum, it's me, I've been arrested.", Warn},
		{"sales of claims are sales", "You could be owed three thousand pounds for your bad car accident, no win no fee.", Sales},
		{"unless they ask for more", "You could be owed three thousand pounds for your car accident, no win no fee, what's your sort code?", Warn},
		{"who was asked to come sells nothing", "You asked us to come back about the loft insulation.", None},
		{"all three are a strong warning", "It's your bank, somebody tried to take money from your account, move your money to a safe account.", Strong},
	} {
		if got := phrases.Read(c.text); got.Level != c.want {
			t.Errorf("%s: %q is %v, not %s", c.rule, c.text, got, c.want)
		}
	}
}
