package asterisk

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestWeakness(t *testing.T) {
	for password, want := range map[string]string{
		"1": "has fewer than 12 characters", "": "has fewer than 12 characters", "hT7!x": "has fewer than 12 characters", "elevenchars": "has fewer than 12 characters",
		"home-hall-home-hall": "is easy to guess", "passwordpassword": "is easy to guess", "123456789012": "is easy to guess",
		"aaaaaaaaaaaaaaaaaaaaaaaa": "is easy to guess", "ringfence2026": "is easy to guess", "homehall1234": "is easy to guess",
		"qwertyuiop12": "is easy to guess",
		// of `head -c 12 /dev/urandom | base64` and `openssl rand -hex 12`, and four words
		"1V5n5q0lFzOyBtqK": "", "c1bb5f2f8a0d61ab80b1b24b": "", "seven wet herons on a wall": "", "fünf nasse Reiher": "",
		strings.Repeat("wet herons on a wall ", 500): "", // of which the beginning is looked at: the work is bounded
	} {
		if got := weakness(password, "home-hall"); got != want {
			t.Errorf("%.40q %q, not %q", password, got, want)
		}
	}
}

// A password is judged once: a thousand of them take a second, and one household more takes none of the others anew.
func TestAPasswordIsJudgedOnce(t *testing.T) {
	site := usual()
	site.Households[0].Phones[0].Password = "a password"
	j := &Judge{judged: map[[2]string]string{{site.Households[0].Endpoint(site.Households[0].Phones[0]), "a password"}: "was judged before"}}
	for range 2 {
		sentences := ""
		for _, w := range j.Weaknesses(site) {
			sentences += w.Sentence
		}
		if !strings.Contains(sentences, "was judged before") || len(j.judged) < 2 {
			t.Errorf("%q, of %v", sentences, j.judged)
		}
		site.Households[0].Phones = append(site.Households[0].Phones, Phone{Name: "new", Password: "another"})
	}
}

// A trunk that accepts calls from nearly everywhere lets strangers ring as the provider.
func TestTrunksOpenToEverybody(t *testing.T) {
	for network, want := range map[string]int{
		"0.0.0.0/0": 1, "128.0.0.0/1": 1, "10.0.0.0/7": 1, "10.0.0.0/8": 0, "192.0.2.7": 0, "::/0": 1, "2001::/15": 1, "2001::/16": 0, "2001:db8::1": 0,
		"::ffff:0.0.0.0/96": 1, "::ffff:128.0.0.0/97": 1, "::/64": 1, "::ffff:10.0.0.0/104": 0, "::ffff:192.0.2.7/128": 0, "::1/128": 0,
	} {
		site := usual()
		site.ARIPassword, site.Households[0].Phones[0].Password = "1V5n5q0lFzOyBtqK", "c1bb5f2f8a0d61ab80b1b24b"
		site.Trunks[1].Accept = []string{network}
		open := site.Weaknesses()
		if len(open) != want || want == 1 && !strings.Contains(open[0].Sentence, "accepts calls from "+network) {
			t.Errorf("%s: %v", network, open)
		}
		dir := filepath.Join(t.TempDir(), "asterisk")
		if err := errors.Join(site.Validate(), WriteConfig(dir, site, fakeModules(t))); err != nil {
			t.Error(err)
		}
		if want == 1 && !open[0].StandsIn(dir) {
			t.Errorf("%s is not found where it stands", network)
		}
	}
}

// Every password that is checked here is looked at, and only those.
func TestWeaknesses(t *testing.T) {
	site := usual() // whose provider dictates a weak one
	site.ARIPassword, site.Households[0].Phones[0].Password = "1V5n5q0lFzOyBtqK", "c1bb5f2f8a0d61ab80b1b24b"
	if open := site.Weaknesses(); len(open) > 0 {
		t.Errorf("%v", open)
	}
	site.Trunks[0].Password, site.Households[0].Phones[0].Password, site.ARIPassword, site.HTTPHost = "short;", "1", "secret", "192.168.1.10"
	open := site.Weaknesses()
	for i, words := range []string{"the trunk line has fewer", "the phone hall of home has fewer", "asterisk.ari_password has fewer", "asterisk.ari is 192.168.1.10"} {
		if len(open) <= i || !strings.Contains(open[i].Sentence, words) {
			t.Fatalf("%s is not among %v", words, open)
		}
	}
	if open[0].Households[0] != "home" || open[1].Households[0] != "home" || open[2].Households != nil {
		t.Errorf("they concern %v", open)
	}
	dir := filepath.Join(t.TempDir(), "asterisk")
	for _, d := range open {
		if d.StandsIn(dir) {
			t.Errorf("%s stands where nothing does", d.Sentence)
		}
	}
	if err := WriteConfig(dir, site, fakeModules(t)); err != nil {
		t.Fatal(err)
	}
	for _, d := range open {
		if !d.StandsIn(dir) {
			t.Errorf("%s is not found where it stands", d.Sentence)
		}
	}
	site.Trunks[0].Password, site.Households[0].Phones[0].Password, site.ARIPassword, site.HTTPHost = "short", "2", "secre", "192.168.1.1"
	for _, d := range site.Weaknesses() {
		if d.StandsIn(dir) {
			t.Errorf("%s is new, and taken for old", d.Sentence)
		}
	}
}
