package programs

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"ringfence/sharing/filekind"
)

// told reads a text as what its beginning shows, and writes down what was taken and what was left out: "2 Anna [020 7946 0123] (note) blocked".
func told(text string) (people, left []string, err error) {
	r := Reader{Kind: filekind.Of([]byte(text)), Region: "GB", Refuse: func(line int, why string) { left = append(left, fmt.Sprintf("%d %s", line, why)) }}
	r.Take = func(p Person) error {
		var numbers []string
		for _, n := range p.Numbers {
			number := n.Text
			if n.Short {
				number += "…"
			}
			numbers = append(numbers, number)
		}
		words := fmt.Sprintf("%d %s [%s]", p.Line, p.Name, strings.Join(numbers, ", "))
		if p.Note != "" {
			words += " (" + p.Note + ")"
		}
		people = append(people, words+map[Standing]string{Allowed: " allowed", Blocked: " blocked"}[p.Standing])
		return nil
	}
	if !Reads(r.Kind) {
		return nil, nil, fmt.Errorf("nothing reads %q", r.Kind)
	}
	return people, left, r.Read(strings.NewReader(text))
}

// wide is a text in UTF-16 with a byte order mark.
func wide(text string) string {
	all := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		all = append(all, byte(unit), byte(unit>>8))
	}
	return string(all)
}

// samples are small files as programs write them.
var samples = []struct{ name, text, people, left string }{
	{"FRITZ!Box, in one line", `<?xml version="1.0" encoding="utf-8"?>` + "\n" +
		`<phonebooks><phonebook owner="1" name="Telefonbuch"><contact><category>1</category><person><realName>Tante Erna</realName></person><telephony nid="2">` +
		`<number type="home" prio="1" id="0">030 1234567</number><number type="mobile" id="1">0171 1234567</number></telephony><services /><setup /><uniqueid>12</uniqueid></contact>` +
		`<contact><category /><person><realName>M&#252;ller &amp; Sohn</realName></person><telephony><number type="fax_work">02079460124</number></telephony></contact></phonebook></phonebooks>`,
		"2 Tante Erna [030 1234567, 0171 1234567]; 2 Müller & Sohn [02079460124]", ""},
	{"FRITZ!Box, its own phones", "<phonebook owner=\"255\">\n<contact><person><realName>Alle (Rundruf)</realName></person><telephony><number type=\"intern\">9</number></telephony></contact>\n" +
		"<contact><person><realName></realName></person><telephony nid='1'><number type='work'>02079460123</number></telephony><services><email>anna@example.org</email></services></contact></phonebook>",
		"3 anna@example.org [02079460123]", "2 it is one of the FRITZ!Box’s own phones"},
	{"FRITZ!Box, blocked", "<phonebooks>\n<phonebook name=\"Rufsperren\">\n<contact><person><realName>Ausland</realName></person><telephony nid=\"1\">\n" +
		"<number type=\"work\" id=\"0\" vanity=\"\" prio=\"1\">+442079460123</number>\n<number>0207946012*</number></telephony></contact></phonebook></phonebooks>",
		"3 Ausland [+442079460123, 0207946012*] blocked", ""},
	{"FRITZ!Box, in Latin-1", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><phonebooks><phonebook><contact><person><realName>M\xfcller</realName></person><telephony><number>02079460123</number></telephony></contact></phonebook></phonebooks>",
		"1 Müller [02079460123]", ""},
	{"UTF-8 that says it is Latin-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><phonebooks><phonebook><contact><person><realName>Müller</realName></person><telephony><number>02079460123</number></telephony></contact></phonebook></phonebooks>",
		"1 Müller [02079460123]", ""},
	{"Latin-1 that says nothing, with a byte order mark before another", "\ufeff<phonebooks><phonebook><contact><person><realName>M\xfcller</realName></person><telephony><number>02079460123</number></telephony></contact></phonebook></phonebooks>",
		"1 Müller [02079460123]", ""},
	{"UTF-16", wide("<?xml version=\"1.0\" encoding=\"UTF-16\"?><phonebooks><phonebook><contact><person><realName>Müller</realName></person><telephony><number>02079460123</number></telephony></contact></phonebook></phonebooks>"),
		"1 Müller [02079460123]", ""},
	{"JFritz", "<phonebook><comment>Phonebook for JFritz</comment>\n<entry private=\"false\"><name><firstname>Anna</firstname><lastname>Taylor</lastname></name><phonenumbers standard=\"home\"><number type=\"home\">02079460123</number>" +
		"<number type=\"mobile\">07700900123</number></phonenumbers></entry><entry><company>Smith Ltd</company><phonenumbers><number>01614960123</number></phonenumbers></entry></phonebook>",
		"2 Anna Taylor [02079460123, 07700900123]; 2 Smith Ltd [01614960123]", ""},
	{"Yealink, without a declaration", "<YealinkIPPhoneDirectory>\n<DirectoryEntry><Name>Chris Wild</Name><Telephone>020 7946 0150</Telephone><Telephone label=\"Mobile\">07700900150</Telephone></DirectoryEntry></YealinkIPPhoneDirectory>",
		"2 Chris Wild [020 7946 0150, 07700900150]", ""},
	{"Yealink, with menus", "<?xml version=\"1.0\"?><YealinkIPPhoneBook><Title>Yealink</Title>\n<Menu Name=\"All Contacts\"><Unit Name=\"Anna\" Phone1=\"02079460123\" Phone2=\"\" Phone3=\"07700900123\" default_photo=\"Resource:\"/></Menu>\n" +
		"<Menu Name=\"Blacklist\"><Unit Name=\"Steve\" Phone1=\"02079460666\"/></Menu></YealinkIPPhoneBook>",
		"2 Anna [02079460123, 07700900123]; 3 Steve [02079460666] blocked", ""},
	{"Yealink, exported by the phone", "<root_group>\n<group display_name=\"All Contacts\" ring=\"Auto\"/></root_group>\n<root_contact>\n" +
		"<contact display_name=\"A & B\" office_number=\"02079460123\" mobile_number=\"\" other_number=\"07700900123\" line=\"0\" ring=\"Auto\" group_id_name=\"All Contacts\"/>\n" +
		"<contact display_name=\"x\" office_number=\"02079460666\" group_id_name=\"Blocklist\"/></root_contact>",
		"4 A & B [02079460123, 07700900123]; 5 x [02079460666] blocked", ""},
	{"Yealink, as elements", "<vp_contact><root_contact><contact><display_name>Anna</display_name><office_number>02079460123</office_number><group_id_name>All</group_id_name></contact></root_contact></vp_contact>",
		"1 Anna [02079460123]", ""},
	{"Snom", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<tbook e=\"2\" complete=\"true\">\n<item context=\"active\" type=\"friends\" fav=\"false\" mod=\"true\" index=\"1\"><number>02079460123</number><name>Anna</name></item>\n" +
		"<item context=\"active\" type=\"deny\"><first_name>Steve</first_name><last_name>Scam</last_name><number>02079460666</number></item></tbook>",
		"3 Anna [02079460123]; 4 Steve Scam [02079460666] blocked", ""},
	{"Snom's directory, with an ampersand", "<SnomIPPhoneDirectory><Title>Menu</Title><Prompt>Prompt</Prompt><DirectoryEntry><Name>A & B</Name><Telephone>02079460123</Telephone></DirectoryEntry></SnomIPPhoneDirectory>",
		"1 A & B [02079460123]", ""},
	{"Gigaset", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE LocalDirectory>\n<list>\n<entry surname=\"Taylor\" name=\"Anna\" office1=\"02079460123\" office2=\"\" mobile1=\"07700900123\" mobile2=\"\" home1=\"\" home2=\"\"/>\n</list>",
		"4 Anna Taylor [02079460123, 07700900123]", ""},
	{"Gigaset, by lines", "<list response=\"get_list\" type=\"pb\" total=\"1\" first=\"1\" last=\"1\"><entry id=\"1\"><ln>Taylor</ln><fn>Anna</fn><hm>02079460123</hm><mb>07700900123</mb><zc>CM6</zc></entry></list>",
		"1 Anna Taylor [02079460123, 07700900123]", ""},
	{"Panasonic", "<?xml version=\"1.0\" encoding=\"utf-8\"?> <ppxml xmlns=\"http://panasonic/sip_phone\"\nxmlns:xsi=\"x\" xsi:schemaLocation=\"y\"><Screen version=\"2.0\"><PhoneBook version=\"2.0\">\n" +
		"<Personnel id='1'><Name>'Anna'</Name><PhoneNums><PhoneNum type='company'>02079460123</PhoneNum><PhoneNum type='mobile'>07700900123</PhoneNum></PhoneNums></Personnel></PhoneBook></Screen></ppxml>",
		"3 Anna [02079460123, 07700900123]", ""},
	{"Grandstream", "<AddressBook>\n<pbgroup><id>1</id><name>Family</name></pbgroup><pbgroup><id>2</id><name>Blacklist</name></pbgroup>\n<Contact><id>5</id><FirstName>Anna</FirstName><LastName>Taylor</LastName><Frequent>0</Frequent>" +
		"<Phone type=\"Home\"><phonenumber>02079460123</phonenumber><accountindex>1</accountindex></Phone><Phone type=\"Cell\">\n<phonenumber>07700900123</phonenumber></Phone><Group>1</Group></Contact>\n" +
		"<Contact><LastName>Steve</LastName><Phone><phonenumber>02079460666</phonenumber></Phone><Group>2</Group></Contact></AddressBook>",
		"3 Anna Taylor [02079460123, 07700900123]; 5 Steve [02079460666] blocked", ""},
	{"Cisco, in CDATA", "<CiscoIPPhoneDirectory><Title>x</Title><DirectoryEntry><Name><![CDATA[Anna <1>]]></Name><Telephone>02079460123</Telephone></DirectoryEntry><SoftKeyItem><Name>Dial</Name></SoftKeyItem></CiscoIPPhoneDirectory>",
		"1 Anna <1> [02079460123]", ""},
	{"Poly", "<?xml version=\"1.0\" standalone=\"yes\"?>\n<directory><item_list>\n<item><fn>Anna</fn><ln>Taylor</ln><ct>02079460123</ct><ar>0</ar></item>\n<item><fn>Steve</fn><ct>02079460666</ct><ar>1</ar></item></item_list></directory>",
		"3 Anna Taylor [02079460123]; 4 Steve [02079460666] blocked", ""},
	{"Fanvil", "<PhoneDirectory><DirectoryEntry><Name>Anna</Name><Telephone>02079460123</Telephone><Mobile>07700900123</Mobile><Other/></DirectoryEntry></PhoneDirectory>",
		"1 Anna [02079460123, 07700900123]", ""},
	{"another maker", "<EltexIPPhoneDirectory><DirectoryEntry><Name>Anna</Name><Telephone>02079460123</Telephone><Group>1</Group></DirectoryEntry></EltexIPPhoneDirectory>",
		"1 Anna [02079460123]", ""},
	{"MicroSIP", "<?xml version=\"1.0\"?>\n<contacts>\n<contact name=\"Anna\" number=\"02079460123\" phone=\"\" mobile=\"07700900123\" presence=\"0\"/></contacts>",
		"3 Anna [02079460123, 07700900123]", ""},
	{"LDIF", "version: 1\n\n# Thunderbird\ndn: cn=Anna Taylor,mail=anna@example.org\nobjectclass: top\nobjectclass: mozillaAbPersonAlpha\ngivenName: Anna\nsn: Taylor\ncn: Anna Taylor\ntelephoneNumber: 020 7946\n  0123\n" +
		"mobile: 07700 900123\ndescription: daughter\nmozillaHomePostalCode: 10000\n\ndn:: Y249TcO8bGxlcg==\ncn:: TcO8bGxlcg==\nhomePhone: 01614960123\nfacsimiletelephonenumber;x-y: 01614960124\npager:< file:///etc/02079460126\n\n" +
		"dn: cn=old\nchangetype: delete\n\ndn: o=Smith Ltd\no: Smith Ltd\ntelephonenumber:02079460125",
		"4 Anna Taylor [020 7946 0123, 07700 900123] (daughter); 16 Müller [01614960123, 01614960124]; 25 Smith Ltd [02079460125]", "22 it is a change, and nobody’s entry"},
	{"callblocker", `{"name": "main", "num_entries": 3, "entries": [{"name": "Company X", "number": "+442079460666", "date_created": "2016-08-21 14:54:02 +0000"},
		{"name": "an area", "number": "+4420794"}, {"name": "SPAM*", "number": ""}, {"name": 5, "number": []}]}`,
		"1 Company X [+442079460666…]; 2 an area [+4420794…]", "3 it is about the name “SPAM*”, and has no number; 4 it is not as the program writes its entries"},
	{"callblocker's cache", `{"name": "onlinecheck", "entries": [{"name": "tellows, score=7", "number": "+442079460666"}]}`, "1 tellows, score=7 [+442079460666…] blocked", ""},
	{"SpamBlocker", `{"global":{"enabled":true},"contacts":{"enabled":true},"numberRules":{"rules":[{"id":1,"pattern":"442079460666","description":"Steve"},{"id":2,"pattern":"\\+?44161496.*","isBlacklist":true,"flags":3},
		{"id":3,"pattern":"7700900123","description":"Anna","isBlacklist":false},{"id":4,"pattern":".*"},{"id":5,"pattern":"Acme","patternModeType":3},{"id":6,"pattern":"442079460667","flags":2},{"pattern":[]}]},
		"historyLogs":{"calls":[{"peer":"02079460999"}]},"spamNumbers":{"numbers":[{"id":1,"peer":"+442079460668","time":1600000000000,"importReason":"ByAPI"}]}}`,
		"1 Steve [+442079460666] blocked; 3 Anna [+447700900123] allowed; 8  [+442079460668] blocked",
		"2 “44161496…” may be 044161496… or +44161496…: add the right one by hand; 4 its pattern “.*” is more than one number or the beginning of numbers; 5 it is a rule about names or places; " +
			"6 it is a rule for text messages; 7 it is not as the program writes its entries"},
	{"SpamBlocker's table", "pattern,description,priority,flags,isBlacklist\n442079460666,Steve,1,3,true\n7700900123,Anna,1,1,false\n442079460667,sms,1,2,true\n\"44\"x,y\n7700900125,Bo,1,1,0\n",
		"2 Steve [+442079460666] blocked; 3 Anna [+447700900123] allowed; 6 Bo [+447700900125] allowed", "4 it is a rule for text messages; 5 its quotes do not match"},
	{"Yet Another Call Blocker", "ID,name,pattern,creationTimestamp,numberOfCalls,lastCallTimestamp\n1,Spammer,+442079460666,1600000000000,3,1600000001000\r\n2,\"Block, 0909\",0909*,1600000000000,0,\n",
		"2 Spammer [+442079460666] blocked; 3 Block, 0909 [0909*] blocked", ""},
	{"NoPhoneSpam", "+442079460666: says: Microsoft\n0909*: \n01614960666: bank\nx\n", "1 says: Microsoft [+442079460666] blocked; 2  [0909*] blocked; 3 bank [01614960666] blocked", "4 it is not a number, a colon and a name"},
	{"Fossify", "+442079460666,01614960666, 07700900666", "1  [+442079460666] blocked; 2  [01614960666] blocked; 3  [07700900666] blocked", ""},
}

func TestPrograms(t *testing.T) {
	seen := map[filekind.Kind]bool{filekind.Database: true} // which has tests of its own
	for _, s := range samples {
		people, left, err := told(s.text)
		if got := strings.Join(people, "; "); got != s.people || err != nil {
			t.Errorf("%s:\n%s\nand not\n%s\n%v", s.name, got, s.people, err)
		}
		if got := strings.Join(left, "; "); got != s.left {
			t.Errorf("%s leaves out\n%s\nand not\n%s", s.name, got, s.left)
		}
		seen[filekind.Of([]byte(s.text))] = true
	}
	for _, kind := range append(filekind.PhoneBooks(), filekind.LDIF, filekind.CallBlocker, filekind.SpamBlocker, filekind.SpamBlockerTable, filekind.YetAnother, filekind.NoPhoneSpam, filekind.Fossify) {
		if !seen[kind] || !Reads(kind) {
			t.Errorf("there is no sample of %s", kind)
		}
	}
}

// A file that is cut off anywhere is refused as such, or what is whole in it is taken; nobody in it becomes somebody else.
func TestFilesThatAreCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("it only computes, and takes long: it runs without -short")
	}
	for _, s := range samples {
		if kind := filekind.Of([]byte(s.text)); !kind.IsPhoneBook() && kind != filekind.CallBlocker && kind != filekind.SpamBlocker {
			continue
		}
		for at := len(s.text) / 2; at < len(s.text)-1; at++ {
			people, _, err := told(strings.TrimRight(s.text[:at], " \n"))
			if !strings.HasPrefix(s.people, strings.Join(people, "; ")) {
				t.Fatalf("%s, cut off at %d: %v", s.name, at, people)
			}
			if err == nil && !strings.HasSuffix(s.text[:at], ">") {
				t.Fatalf("%s, cut off at %d, is whole", s.name, at)
			}
		}
	}
}

func TestHostileXML(t *testing.T) {
	entities := "<!DOCTYPE phonebooks [<!ENTITY a \"lollollol\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>\n"
	people, _, err := told(entities + "<phonebooks><phonebook><contact><person><realName>&b;&c;</realName></person><telephony><number>02079460123</number></telephony></contact></phonebook></phonebooks>")
	if strings.Join(people, "") != "2 &b;&c; [02079460123]" || err != nil {
		t.Error(people, err)
	}
	for text, want := range map[string]string{
		"<phonebooks>" + strings.Repeat("<x>", maxDepth+1):                                            "within one another",
		"<phonebooks><x y=\"" + strings.Repeat("a", maxTokens+1) + "\"/></phonebooks>":                "more than 1024 kB",
		"<phonebooks>" + strings.Repeat("a", maxTokens+1) + "</phonebooks>":                           "more than 1024 kB",
		"<phonebooks><!--" + strings.Repeat("a", maxTokens+1) + "--></phonebooks>":                    "more than 1024 kB",
		"<phonebooks><contact>" + strings.Repeat("<number/>", maxParts+1) + "</contact></phonebooks>": "in one entry",
		"<phonebooks></phonebooks>":                                                         "there is nobody in it",
		"<phonebooks><phonebook><contact></phonebook></phonebooks>":                         "closes nothing that is open",
		"<phonebooks></phonebooks></phonebooks>":                                            "closes nothing that is open",
		"<phonebooks><phonebook>":                                                           "ends too early",
		"<phonebooks><contact><a ":                                                          "ends too early",
		"<phonebooks><contact><1></contact></phonebooks>":                                   "is damaged",
		"<tbook><item><number>0207946</tbook>":                                              "closes nothing",
		`{"numberRules":{"rules":[` + strings.Repeat("[", 20000):                            "damaged",
		`{"spamNumbers":{"numbers":[{"peer":"1"},`:                                          "ends too early",
		"ID,name,pattern\n" + strings.Repeat("x", maxLine+1):                                "longer than 64 kB",
		"dn: cn=x\ncn: x\n" + strings.Repeat("x", maxLine+1):                                "longer than 64 kB",
		"version: 1\n\ndn:: %%%\n":                                                          "there is nobody in it",
		strings.Repeat("02079460666,", filekind.Beginning/8) + strings.Repeat("1", maxLine): "longer than 64 kB",
	} {
		if _, _, err := told(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, and not %s", text, err, want)
		}
	}
	stop := errors.New("enough")
	r := Reader{Kind: filekind.Fossify, Take: func(Person) error { return stop }}
	if err := r.Read(strings.NewReader("02079460123,02079460124")); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// SpamBlocker's patterns have lost their + and leading zeros. A number is taken where it can only be one.
func TestNumbersWithoutTheirBeginning(t *testing.T) {
	for digits, want := range map[string]string{
		"442079460123": "+442079460123", "+442079460123": "+442079460123", "02079460123": "02079460123", "12015550123": "+12015550123", "7700900123": "+447700900123", "999999999999999": "999999999999999",
	} {
		if got, why := whole(digits, "GB"); got != want {
			t.Errorf("%s is %s (%s), and not %s", digits, got, why, want)
		}
	}
	if got, why := whole("2034567890", "GB"); got != "" || !strings.Contains(why, "may be") { // London or Egypt
		t.Error(got, why)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range samples {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		people, _, err := told(text)
		if err != nil && (err.Error() == "" || strings.Contains(err.Error(), "%!")) {
			t.Error(err)
		}
		if len(people) > maxEntries {
			t.Error(len(people))
		}
	})
}
