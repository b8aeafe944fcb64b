package script

import (
	"slices"
	"strings"
	"testing"
)

// How phrases add up, each rule by a sentence that would be read otherwise without it.
func TestHowEvidenceIsWeighed(t *testing.T) {
	phrases := *english(t)
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
		{"who says to ring the number on the card is the bank", "This is your bank's fraud department. There are unusual payments on your card. Ring us on the number on your card.", None},
		{"but not who wants more", "This is your bank. Ring us on the number on your card, and move your money to a safe account.", Warn},
		{"all three are a strong warning", "It's your bank, somebody tried to take money from your account, move your money to a safe account.", Strong},
	} {
		if got := phrases.Read(c.text); got.Level != c.want {
			t.Errorf("%s: %q is %v, not %s", c.rule, c.text, got, c.want)
		}
	}
}

// Whatever a swindler says beside it, the words learned take nothing from what is enough by itself.
func TestNothingCalmsWhatIsEnoughByItself(t *testing.T) {
	const calm = "Hello, it's Brian from the surgery in Dunmow about your appointment with Dr Patel on Tuesday. Your prescription is ready. "
	for _, scam := range []string{
		"Just read me the code that we've sent you.", "Your bank rang us: move your money to a safe account.", "This is Microsoft, there's a virus on your computer.",
		"Download AnyDesk for me.", "There's a warrant out for your arrest.", "Read me the numbers on the back of the gift cards.",
	} {
		if got := Read(calm + scam); rank(got.Level) < rank(Warn) {
			t.Errorf("%q is %s", scam, got.Level)
		}
	}
	if got := Read(calm); got.Level != None {
		t.Errorf("%q is %v", calm, got)
	}
}

// What everybody says every day is never enough by itself, whatever words weigh.
func TestWhatHonestCallersSayIsNotEnoughByItself(t *testing.T) {
	english := english(t)
	everyday := 0
	for _, o := range openings(t, "harder.tsv") {
		if o.kind != "everyday" {
			continue
		}
		everyday++
		words := " " + strings.Join(english.dictionary.words(o.text), " ") + " "
		for _, f := range slices.Concat(find(english.hooks, words), find(english.asks, words)) {
			if f.weight >= byItself {
				t.Errorf("%q has %q", o.text, f.weights[int(f.weight)-1].FindString(words))
			}
		}
	}
	if everyday < 90 {
		t.Errorf("there are %d", everyday)
	}
}

// A message of minutes meets something of everything. So it is read in parts, and what was said in another part adds nothing.
func TestLongTextsAreReadInParts(t *testing.T) {
	chat := strings.Repeat("it was lovely in the garden and we had tea with the dog and children ", 6)
	for _, c := range []struct {
		rule, text string
		want       Level
	}{
		{"parts of one scam", "It's the tax office. You overpaid.", Warn},
		{"said far apart", "It's the tax office. " + chat + "You overpaid.", None},
		{"a scam after much else", chat + "This is your bank. Move your money to a safe account.", Warn},
		{"a scam before much else", "This is your bank. Move your money to a safe account. " + chat, Warn},
		{"who speaks is at the beginning", "Mum was arrested " + chat, Warn},
		{"not in the middle", chat + "mum was arrested " + chat, None},
	} {
		phrases := *english(t)
		phrases.weights = nil
		if got := phrases.Read(c.text); got.Level != c.want {
			t.Errorf("%s: %v, not %s", c.rule, got, c.want)
		}
	}
	const refund = "It's the tax office about a refund. "
	weighed := *english(t)
	weighed.weights = map[string]int{}
	for f := range weighed.dictionary.features(weighed.dictionary.words(chat)) {
		weighed.weights[f] = 100
	}
	if got := weighed.Read(refund + chat); got.Level != Warn {
		t.Errorf("at the beginning, words make it %s", got.Level)
	}
	if got := weighed.Read(chat + refund + chat); got.Level != None {
		t.Errorf("in the middle, words make it %v", got)
	}
}

// No message was learned from. They are few.
func TestMessages(t *testing.T) {
	f := measure(t, "messages.tsv", "")
	t.Logf("\n%s", f)
	if warned, all := f.warned("scam"); all < 4 || warned < all {
		t.Errorf("of %d scams, %d are warned of", all, warned)
	}
	if warned, all := f.warned("genuine"); all < 12 || warned > 1 {
		t.Errorf("of %d honest messages, %d are warned of", all, warned)
	}
}
