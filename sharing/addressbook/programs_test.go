package addressbook

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/programs"
	"ringfence/store"
)

// The phone books of phones and routers, and whom other call blockers let through.
func TestPhoneBooksOfOtherPrograms(t *testing.T) {
	const fritz = `<?xml version="1.0" encoding="utf-8"?>
<phonebooks><phonebook owner="1" name="Telefonbuch"><contact><category>1</category><person><realName>Tante Erna</realName></person><telephony nid="2"><number type="home" prio="1" id="0">030 1234567</number><number type="mobile" id="1">0171 1234567</number></telephony><services /><setup /><uniqueid>12</uniqueid></contact><contact><person><realName>Ben</realName></person><telephony><number>020 7946 0124</number></telephony></contact></phonebook></phonebooks>`
	for _, s := range []struct{ form, text, want string }{
		{"FRITZ!Box phone book", fritz, "2 Tante Erna [2 030 1234567] [2 0171 1234567]\n3 Ben [3 020 7946 0124]"},
		{"Yealink phone book", "<YealinkIPPhoneDirectory><DirectoryEntry><Name>Chris Wild</Name><Telephone>020 7946 0150</Telephone><Telephone>07700900150</Telephone></DirectoryEntry></YealinkIPPhoneDirectory>",
			"1 Chris Wild [1 020 7946 0150] [1 07700900150]"},
		{"SpamBlocker’s rules", "pattern,description,isBlacklist\n442079460666,Steve,true\n7700900123,Anna,false\n", "3 Anna [3 +447700900123]"},
		{"callblocker’s list", `{"name":"main","entries":[{"name":"Mr X","number":"+442079460123"}]}`, "1 Mr X [1 +442079460123]"},
		{"address book (LDIF)", "dn: cn=Anna\ncn: Anna\nmobile: 07700 900123\ndescription: daughter\n", "1 Anna [1 07700 900123] {daughter}"},
	} {
		book, err := Read(strings.NewReader(s.text), Options{Region: "GB"})
		if got := brief(book.Rows); got != s.want || err != nil || book.Form != s.form {
			t.Errorf("%s: %s\nand not\n%s\n%v %v", book.Form, got, s.want, book.Refused, err)
		}
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(fritz)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if book, err := Read(&packed, Options{}); len(book.Rows) != 2 || err != nil {
		t.Error(book, err)
	}
}

// Those whom a program blocks are never contacts, and a file with nobody else says so.
func TestBlockedCallersAreNoContacts(t *testing.T) {
	book, err := Read(strings.NewReader("<YealinkIPPhoneBook>\n<Menu Name=\"Blacklist\"><Unit Name=\"Steve\" Phone1=\"02079460666\"/></Menu>\n<Menu Name=\"Family\"><Unit Name=\"Anna\" Phone1=\"02079460123\"/></Menu></YealinkIPPhoneBook>"), Options{})
	if got := brief(book.Rows); got != "3 Anna [3 02079460123]" || err != nil || len(book.Refused) != 1 || !strings.Contains(book.Refused[0].String(), "line 2: the phone blocks this caller") {
		t.Error(got, book.Refused, err)
	}
	for text, want := range map[string]string{
		"<phonebooks><phonebook name=\"Rufsperren\"><contact><telephony><number>02079460666</number></telephony></contact></phonebook></phonebooks>": "the FRITZ!Box blocks everybody in this file: import it as a list",
		"+442079460666: x\n01614960666: y\n": "NoPhoneSpam blocks everybody",
		"+442079460666,01614960666":          "Fossify blocks everybody",
		"ID,name,pattern,creationTimestamp,numberOfCalls,lastCallTimestamp\n1,x,02079460666,1763977000000,3,\n": "Yet Another Call Blocker blocks everybody",
		"<!DOCTYPE html>":   "this is a web page (HTML): download the file itself",
		"<rss version='2'>": "this is a news feed: export the address book as a vCard (.vcf) or CSV file",
		"\x1f\x8b\x08":      "damaged",
	} {
		if _, err := Read(strings.NewReader(text), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// Contacts written as a phone book are read back.
func TestPhoneBooksComeBack(t *testing.T) {
	contacts := []store.Contact{{Name: "Anna & Ben", Numbers: []screening.Number{"+442079460123", "+44175363*", "+447700900123"}, Notes: "not there"}, {Name: "Nobody"}}
	for _, kind := range programs.Written() {
		var file bytes.Buffer
		if err := WritePhoneBook(&file, kind, contacts); err != nil {
			t.Fatal(err)
		}
		book, err := Read(&file, Options{Region: "GB"})
		plan := Make(book, Household{Region: "GB"}).Contacts()
		if err != nil || len(plan) != 1 || plan[0].Name != "Anna & Ben" || len(plan[0].Numbers) != 2 || plan[0].Notes != "" {
			t.Errorf("%s: %v %v", kind, plan, err)
		}
	}
}
