package forms

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/sharing/addressbook"
)

// Files of other programs become lists: what they block, and phone books whole. Whom they let through is never in one.
func TestListsOfOtherPrograms(t *testing.T) {
	for _, s := range []struct {
		name, form, text, want string
		refused                int
	}{
		{"a FRITZ!Box phone book", "fritzbox", "<phonebooks><phonebook name=\"Rufsperren\"><contact><person><realName>Inland - 02...</realName></person><telephony nid=\"1\">\n" +
			"<number type=\"work\">+442079460666</number><number>0161496 0666</number><number>020794606*</number><number>x</number></telephony></contact></phonebook></phonebooks>",
			"442079460666 Inland - 02...; 441614960666 Inland - 02...; 4420794606* Inland - 02...", 1},
		{"a Yealink phone book", "yealink", "<YealinkIPPhoneDirectory><DirectoryEntry><Name>Steve</Name><Telephone>020 7946 0666</Telephone></DirectoryEntry><DirectoryEntry><Name>Nobody</Name></DirectoryEntry></YealinkIPPhoneDirectory>",
			"442079460666 Steve", 1},
		{"callblocker’s list", "callblocker", `{"name":"main","entries":[{"name":"X","number":"+442079460666"},{"name":"an area","number":"+44207946"},{"name":"SPAM*","number":""}]}`,
			"442079460666 X; 44207946* an area", 1},
		{"Yet Another Call Blocker’s blacklist", "yetanothercallblocker", "ID,name,pattern,creationTimestamp,numberOfCalls,lastCallTimestamp\n1,Spammer,+442079460666,1763977000000,3,1763977000001\n2,x,0909879*,1763977000000,0,\n",
			"442079460666 Spammer; 44909879* x", 0},
		{"NoPhoneSpam’s blacklist", "nophonespam", "+442079460666: says Microsoft\n0909879*: x\n", "442079460666 says Microsoft; 44909879* x", 0},
		{"SpamBlocker’s rules", "spamblocker-table", "pattern,description,isBlacklist\n442079460666,Steve,true\n7700900123,Anna,false\n", "442079460666 Steve", 1},
		{"SpamBlocker’s backup", "spamblocker", `{"numberRules":{"rules":[{"pattern":"442079460666","description":"Steve"},{"pattern":"447700900123","isBlacklist":false},{"pattern":".*"}]}}`, "442079460666 Steve", 2},
		{"numbers with commas between them, as Fossify exports blocked ones", "fossify", "+442079460666,01614960666", "442079460666; 441614960666", 0},
		{"an address book (LDIF)", "ldif", "dn: cn=Steve\ncn: Steve\ntelephoneNumber: 020 7946 0666\ndescription: scam\n\n", "442079460666 Steve: scam", 0},
	} {
		i, all, err := readAs("", "GB", s.text)
		if got := inWords(all); got != s.want || i.Refused != s.refused || err != nil || string(i.Form) != s.form || i.Form.Title() != s.name {
			t.Errorf("%s (%s): %s, and not %s; %d refused %v %v", i.Form.Title(), i.Form, got, s.want, i.Refused, i.Refusals, err)
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(s.text)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if _, all, err := readAs("", "GB", packed.String()); inWords(all) != s.want || err != nil {
			t.Errorf("%s, compressed: %s %v", s.name, inWords(all), err)
		}
	}
}

// callattendant's database has both whom it blocks and whom it lets through.
func TestAListOfCallattendants(t *testing.T) {
	read := func(statements ...string) (*Import, string, error) {
		path := filepath.Join(t.TempDir(), "callattendant.db")
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if _, err := db.ExecContext(context.Background(), s); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path) //nolint:gosec // of this test
		if err != nil {
			t.Fatal(err)
		}
		i, all, err := readAs("", "GB", string(text))
		return i, inWords(all), err
	}
	white := []string{"CREATE TABLE Whitelist (PhoneNo TEXT, Name TEXT, Reason TEXT)", "INSERT INTO Whitelist VALUES ('02079460123', 'Anna', 'Daughter'), ('07700900123', 'Ben', '')"}
	i, got, err := read(append(white, "CREATE TABLE Blacklist (PhoneNo TEXT, Name TEXT, Reason TEXT)", "INSERT INTO Blacklist VALUES ('02079460666', 'Steve', 'says Microsoft')")...)
	if got != "442079460666 Steve: says Microsoft" || i.Refused != 2 || err != nil || !strings.Contains(i.Refusals[0].Why, "callattendant lets this caller through") {
		t.Error(got, i.Refusals, err)
	}
	if i, got, err := read(white...); got != "" || err == nil || !strings.Contains(err.Error(), "callattendant lets all 2 callers in this file through: import it as contacts") || i.Broken() == nil {
		t.Error(got, err)
	}
}

// A phone book of people whom nobody blocks is never published as a list of scams.
func TestPhoneBooksAreNotPublished(t *testing.T) {
	for name, most := range map[string]int{"Telefonbuch": 0, "Rufsperren": 1} {
		i, all := &Import{Region: "GB", Certain: true}, 0
		var wrong error
		for _, err := range i.Entries(strings.NewReader("<phonebooks><phonebook name=\"" + name + "\"><contact><telephony><number>02079460666</number></telephony></contact></phonebook></phonebooks>")) {
			if wrong = err; err == nil {
				all++
			}
		}
		if all != most || (wrong == nil) != (most > 0) || wrong != nil && !strings.Contains(wrong.Error(), "nothing of it is published") {
			t.Error(name, all, wrong)
		}
	}
}

// Nor are the address books of people, unless every name in one says that nobody wants to hear from them.
func TestCardsOfPeopleAreNotPublished(t *testing.T) {
	card := func(name string) string { return "BEGIN:VCARD\nFN:" + name + "\nTEL:02079460666\nEND:VCARD\n" }
	for text, published := range map[string]bool{
		card("Ann"): false, card("Scam") + card("Ann"): false, card(""): false, card("Scam") + card("Spam 2"): true, card("Arnaque"): true,
		card("Betrüger") + "BEGIN:VCARD\nFN:Nobody\nEND:VCARD\n": true,
	} {
		for _, certain := range []bool{true, false} {
			i := &Import{Region: "GB", Certain: certain}
			var wrong error
			for _, err := range i.Entries(strings.NewReader(text)) {
				wrong = err
			}
			if (wrong == nil) != (published || !certain) || (i.Doubt == "") != published || wrong != nil && (i.Added > 0 || !strings.Contains(wrong.Error(), "publish that")) {
				t.Errorf("%q %v: %d %q %v", text, certain, i.Added, i.Doubt, wrong)
			}
		}
	}
}

// What is known and not read is named.
func TestOtherFilesAreNamed(t *testing.T) {
	for words, text := range map[string]string{
		"a FRITZ!Box configuration backup: in the FRITZ!Box, open": "**** FRITZ!Box 7590 CONFIGURATION EXPORT\nPassword=x\n",
		"a spreadsheet of Excel’s (.xlsx): save the sheet as CSV":  "PK\x03\x04\x14\x00[Content_Types].xml",
		"an XML file of a kind that Ringfence doesn’t know":        "<?xml version=\"1.0\"?><calls count=\"1\"><call number=\"02079460666\"/></calls>",
		"this is a database, and not callattendant’s":              "SQLite format 3\x00",
		"the compressed file (gzip) is damaged":                    "\x1f\x8b\x08\x00",
	} {
		if _, _, err := readAs("", "GB", text); err == nil || !strings.Contains(err.Error(), words) && !strings.Contains(err.Error(), "the database is damaged") {
			t.Errorf("%s: %v", words, err)
		}
	}
	if _, all, err := readAs(Plain, "GB", "BEGIN TRANSACTION;\n02079460666\n01614960666\n"); len(all) != 2 || err != nil {
		t.Error("people may know better what a text is:", all, err)
	}
}

// A list for a FRITZ!Box is read back as one, and never as people.
func TestListsForAFritzBoxComeBack(t *testing.T) {
	text, done := written(t, ToFritzBox, Options{Sure: 0.5})
	_, all, err := readAs("", "GB", text)
	if done.Numbers != 4 || done.Prefixes != 2 || len(all) != done.Numbers || err != nil {
		t.Errorf("%+v: %v %v", done, inWords(all), err)
	}
	if _, err := addressbook.Read(strings.NewReader(text), addressbook.Options{Region: "GB"}); err == nil || !strings.Contains(err.Error(), "import it as a list") {
		t.Error(err)
	}
}
