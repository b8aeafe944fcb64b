package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/app"
	"ringfence/asterisk"
	"ringfence/config"
)

// A password that is easily guessed, and ARI where others reach it, are refused at set-up. What stands in settings from before
// goes on working, because the telephone has to ring; check warns of it.
func TestWeaknessesAreRefusedAtSetUpAlone(t *testing.T) {
	t.Parallel()
	inst, err := asterisk.Find(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const made = "make one with `head -c 12 /dev/urandom | base64`, and set it in ringfence.toml"
	for text, words := range map[string]string{
		strings.Replace(usualSettings, "wet herons on 7 walls", "1", 1):                                                 "the password of the phone hall of home has fewer than 12 characters: " + made + " and in the phone",
		strings.Replace(usualSettings, "wet herons on 7 walls", "home-hall-home", 1):                                    "the password of the phone hall of home is easy to guess: " + made + " and in the phone",
		strings.Replace(usualSettings, `address = "127.0.0.2"`, "address = \"a.example\"\npassword=\"x\"", 1):           "the password of the trunk line has fewer than 12 characters: " + made + " and at its other side",
		"[asterisk]\nari_password = \"ringfence\"\n" + usualSettings:                                                    "asterisk.ari_password has fewer than 12 characters: leave it out of ringfence.toml, and a good one is made",
		strings.Replace(usualSettings, `address = "127.0.0.2"`, "address = \"127.0.0.2\"\naccept = [\"0.0.0.0/0\"]", 1): "accepts calls from 0.0.0.0/0",
		"[asterisk]\nari = \"0.0.0.0:8088\"\n" + usualSettings:                                                          "asterisk.ari is 0.0.0.0",
	} {
		h := newHome(t, text)
		dir := filepath.Join(h.data, "asterisk")
		h.says(exitFailed, words, "asterisk", "config", dir)
		h.says(exitFailed, words, "serve")
		if _, err := os.Stat(filepath.Join(dir, "pjsip.conf")); err == nil {
			t.Error("it was written all the same")
		}
		// As one before this wrote it.
		s, err := config.Read(h.config, h.data)
		if err != nil {
			t.Fatal(err)
		}
		password, err := s.MakeARIPassword()
		if err != nil {
			t.Fatal(err)
		}
		site, err := s.Site(password)
		if err != nil {
			t.Fatal(err)
		}
		if err := asterisk.WriteConfig(dir, site, inst); err != nil {
			t.Fatal(err)
		}
		if code, _, warned := h.run("asterisk", "config", dir); code != exitDone || !strings.Contains(warned, words) {
			t.Errorf("exit %d, said %q", code, warned)
		}
		if _, out, _ := h.run("check"); !strings.Contains(out, "FAIL  passwords") || !strings.Contains(out, words) {
			t.Errorf("check says %s", out)
		}
		h.says(exitDone, "", "calls") // which makes the database: the application has run here
		if err := app.RefuseWeaknesses(s); err != nil {
			t.Errorf("serve refuses settings from before: %v", err)
		}
	}
}
