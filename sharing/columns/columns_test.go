package columns

import (
	"errors"
	"strings"
	"testing"
)

// chosen reads a small table as a reader would, and returns the labels of the columns that are chosen, or "?" with those that could be.
func chosen(t *testing.T, use Use, text string, wanted ...string) (string, Choice, *Question) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	layout, err := LayoutOf(lines, use, "GB")
	if err != nil {
		t.Fatal(err)
	}
	var headings []string
	if layout.Header >= 0 {
		headings = Split(lines[layout.Header], layout.Separator)
	}
	judge, err := NewJudge(use, "GB", headings)
	if err != nil {
		t.Fatal(err)
	}
	for at, line := range lines {
		if at > layout.Header && at != layout.Declared {
			judge.Add(Split(line, layout.Separator))
		}
	}
	choice, err := judge.Choose(wanted, false)
	var q *Question
	if errors.As(err, &q) {
		var could []string
		for _, c := range q.Candidates {
			could = append(could, c.Label())
		}
		return "? " + strings.Join(could, ", ") + q.Rows, choice, q
	}
	return strings.Join(labels(choice), ", "), choice, nil
}

func labels(c Choice) (all []string) {
	for _, one := range c.Numbers {
		all = append(all, one.Label())
	}
	return all
}

// Whose number it is: the callers' alone, by their headings in six languages and by what is in all rows.
func TestTheCallersColumn(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"call log with times":   {"caller,time\nanonymous,1764320000\n+442079460666,1764320111\n+442079460667,1764320222\n02079460668,1764320333\n", "“caller”"},
		"reports and counts":    {"Reported,Caller,Reports\n28/11/2026,+44 20 7946 0666 (Microsoft),1200000\n27/11/2026,020 7946 0667,900000\n", "“Caller”"},
		"case":                  {"case number,scam number\n20261128,02079460666\n2026112,02079460667\n", "“scam number”"},
		"call data records":     {"Caller Number,Called Number,Duration\n02079460666,02079460100,12\n02079460667,02079460100,5\n", "“Caller Number”"},
		"FRITZ!Box, English":    {"sep=;\nType;Date;Name;Number;Extension;Local Number;Duration\n1;28.11.26 10:15;;020 7946 0666;Hall;020 7946 0100;0:01\n2;28.11.26 10:20;;020 7946 0667;;020 7946 0100;0:00\n", "“Number”"},
		"FRITZ!Box, German":     {"sep=;\nTyp;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\n1;28.11.26 10:15;;030123456;;03023125100;0:01\n10;28.11.26 10:20;Spam;0211987654;;03023125100;0:00\n", "“Rufnummer”"},
		"from and to":           {"Date,From Number,To Number\n28 Nov,02079460666,02079460100\n28 Nov,02079460667,07700900123\n", "“From Number”"},
		"order":                 {"Order Number;Phone Number\n1764320000;02079460666\n1764320001;02079460667\n", "“Phone Number”"},
		"reporter":              {"Number,Reported by phone\n02079460666,07700900123\n02079460667,07700900124\n", "“Number”"},
		"victim":                {"Scam number,Victim telephone,Notes\n02079460666,07700900123,x\n", "“Scam number”"},
		"Asterisk's records":    {"accountcode,src,dst,dcontext,clid,duration\n,02079460666,02079460100,x,\"\"\"x\"\" <02079460666>\",3\n,02079460667,02079460100,x,\"\"\"y\"\" <02079460667>\",4\n", "“src”"},
		"French":                {"Numéro appelant;Numéro appelé;Durée\n0199001234;0199001100;12\n0199001235;0199001100;3\n", "“Numéro appelant”"},
		"French victim":         {"Téléphone de la victime;Téléphone de l’escroc\n0199001234;0199001100\n0199001235;0199001101\n", "“Téléphone de l’escroc”"},
		"German":                {"Kundennummer;Anrufernummer;Opfertelefon;Aktenzeichen\n4711815;02079460666;07700900123;1\n4711816;02079460667;07700900124;2\n", "“Anrufernummer”"},
		"German caller":         {"Gemeldet von;Rufnummer des Anrufers\n07700900123;02079460666\n07700900124;02079460667\n", "“Rufnummer des Anrufers”"},
		"Spanish":               {"Número llamante,Número llamado,Póliza\n02079460666,07700900123,1764320000\n02079460667,07700900123,1764320001\n", "“Número llamante”"},
		"Italian":               {"Chiamante;Vittima;Pratica\n02079460666;07700900123;1764320000\n02079460667;07700900124;1764320001\n", "“Chiamante”"},
		"Dutch":                 {"Nummer beller;Nummer slachtoffer;Klantnummer\n02079460666;07700900123;1764320000\n02079460667;07700900124;1764320001\n", "“Nummer beller”"},
		"no space":              {"callernumber,callednumber\n02079460666,02079460100\n02079460667,02079460100\n", "“callernumber”"},
		"camels":                {"CallerNumber,DialledNumber,CreatedAt\n02079460666,02079460100,1764320000\n02079460667,02079460100,1764320001\n", "“CallerNumber”"},
		"name or number":        {"Caller,Number\nSteve,02079460666\n02079460667,02079460667\n02079460668,02079460668\n", "“Number”"},
		"Unix times, no zero":   {"id,created,number\n1764320000,1764320001,02079460666\n1764320002,1764320003,02079460667\n", "“number”"},
		"numbers of NHS":        {"NHS Number,Mobile\n943 476 5919,07700900123\n943 476 5870,07700900124\n", "“Mobile”"},
		"a person's telephones": {"Name,Home Phone,Mobile\nSteve,02079460666,0161 496 0666\n", "“Home Phone”, “Mobile”"},
		"the same twice":        {"Caller ID,Scam number\n02079460666,02079460666\n02079460667,02079460667\n", "“Caller ID”"},
		"member, not phone":     {"Number,Phone\n1764320000,02079460666\n1764320001,02079460667\n", "“Phone”"},
		"above the headings":    {"Scam callers, 2026\n\nNumber,Note\n02079460666,x\n", "“Number”"},
		"unknown headings":      {"Numer;Od kogo\n02079460666;x\n01614960666;y\n", "“Numer”"},
		"none":                  {"Steve,02079460666,1\nx,01614960666,2\n", "column 2"},
		"coordinates":           {"lat,lng,phone\n51.5074,-0.1278,02079460666\n51.5075,-0.1279,02079460667\n", "“phone”"},
		"lost its zeros":        {"number,note\n2079460666,x\n1614960666,y\n", "“number”"},
		"shortened":             {"Phone,Ref\n4.42079E+11,02079460666\n4.41615E+11,02079460667\n", "“Phone”"},
		"A and B":               {"A-Number,B-Number\n02079460666,02079460100\n02079460667,02079460100\n", "“A-Number”"},
		"few are numbers":       {"Numer,x\n02079460666,a\nfoo,b\nbar,c\n", "“Numer”"},
		"ours, and callers":     {"Our blocked numbers,Note\n02079460666,x\n", "“Our blocked numbers”"},
		"days, unknown heading": {"Numer,Kiedy\n02079460666,01.02.2026\n02079460667,03.02.2026\n", "“Numer”"},
		"a title, no headings":  {"Our numbers\n02079460666\n02079460667\n", "column 1"},
		"number that called":    {"Number that called you,Your number\n02079460666,02079460100\n", "“Number that called you”"},
	} {
		if got, _, q := chosen(t, Callers, test.text); got != test.want {
			t.Errorf("%s: %s, want %s: %v", name, got, test.want, q)
		}
	}
}

// Where more than one could be meant, or only somebody else's is there, nothing is chosen, and the columns are named.
func TestWhichColumnIsAsked(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"two telephones":   {"Number,Phone\n02079460666,07700900123\n02079460667,07700900124\n", "? “Number”, “Phone”"},
		"two callers":      {"Caller,Scam number\n02079460666,07700900123\n02079460667,07700900124\n", "? “Caller”, “Scam number”"},
		"unknown headings": {"Numer,Ofiara\n02079460666,07700900123\n02079460667,07700900124\n", "? “Numer”, “Ofiara”"},
		"no headings":      {"02079460666,07700900123,x\n02079460667,07700900124,y\n", "? column 1, column 2"},
		"times, bare":      {"+442079460666,1764320000\n+442079460667,1764320300\n", "? column 1, column 2"},
		"victims alone":    {"Victim telephone,Notes\n07700900123,x\n07700900124,y\n", "? “Victim telephone”"},
		"orders alone":     {"Order number,Amount\n1764320000,12\n1764320001,13\n", "? “Order number”, “Amount”"},
		"times alone":      {"Number,x\n1764320000,a\n1764320500,b\n1764321000,c\n", "? “Number”"},
		"times, unknown":   {"Wann,x\n1764320000,a\n1764320500,b\n1764321000,c\n", "? “Wann”"},
		"running numbers":  {"Number,x\n2079460666,a\n2079460667,b\n2079460668,c\n2079460669,d\n", "? “Number”"},
		"one order":        {"Order number\n1764320000\n1764320001\n", "? “Order number”"},
		"one victim":       {"Victim’s phone\n07700900123\n07700900124\n", "? “Victim’s phone”"},
	} {
		got, _, q := chosen(t, Callers, test.text)
		if got != test.want {
			t.Errorf("%s: %s, want %s: %v", name, got, test.want, q)
		}
		if q != nil && (q.Why == "" || strings.Contains(q.Error(), "\n")) {
			t.Errorf("%s: %q", name, q.Error())
		}
	}
	_, _, q := chosen(t, Callers, "Number,Phone\n02079460666,07700900123\n02079460667,07700900124\n")
	want := "More than one column could have the callers’ numbers: “Number” (column 1, phone numbers, such as 02079460666); “Phone” (column 2, phone numbers, such as 07700900123)"
	if q == nil || q.Error() != want {
		t.Error(q)
	}
}

func TestNamedColumns(t *testing.T) {
	const text = "Number,Phone,phone \n02079460666,07700900123,1\n02079460667,07700900124,2\n"
	for wanted, want := range map[string]string{"number": "“Number”", "NUMBER": "“Number”", "2": "“Phone”", "Phone": "? “Phone”, “phone”", "x": "? “Number”, “Phone”, “phone”", "4": "? “Number”, “Phone”, “phone”", "0": "? “Number”, “Phone”, “phone”"} {
		if got, _, _ := chosen(t, Callers, text, wanted); got != want {
			t.Errorf("%s: %s, want %s", wanted, got, want)
		}
	}
	if got, c, _ := chosen(t, Callers, "Victim telephone\n07700900123\n", "victim telephone"); got != "“Victim telephone”" || !c.Understood {
		t.Errorf("%s %+v", got, c)
	}
}

func TestAnAddressBooksColumns(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"care agency":     {"Name,Phone,NHS Number,Member Number\nAnn,02079460166,943 476 5919,1764320\n", "“Phone”"},
		"orders":          {"Order Number;Phone Number\n1764320000;02079460666\n1764320001;02079460667\n", "“Phone Number”"},
		"policy":          {"Name,Phone,Policy number\nAnn,02079460166,1764320000\n", "“Phone”"},
		"next of kin":     {"Name,Phone,Next of kin phone,GP phone\nAnn,02079460166,07700900123,02079460100\n", "“Phone”"},
		"several":         {"Name,Home,Work,Mobile\nAnn,020 7946 0166,020 7946 0100,07700900123\n", "“Home”, “Work”, “Mobile”"},
		"home address":    {"Name,Home,Mobile\nAnn,1 Elm Road,07700900123\n", "“Mobile”"},
		"number, mobile":  {"Name,Number,Mobile\nAnn,02079460166,07700900123\n", "“Number”, “Mobile”"},
		"row and mobile":  {"Number,Name,Mobile\n1764320,Ann,07700900123\n1764321,Bob,07700900124\n", "“Mobile”"},
		"no headings":     {"Joan,020 7946 0001,07700 900123,1764320\nBob,020 7946 0002,07700 900124,1764321\n", "column 2, column 3"},
		"customers":       {"Customer,Customer number,Customer phone\nAnn,4711815,07700900123\n", "“Customer phone”"},
		"German":          {"Name;Versichertennummer;Telefon\nAnn;1764320000;02079460166\n", "“Telefon”"},
		"only a relative": {"Name,Emergency contact phone\nAnn,07700900123\n", "? “Emergency contact phone”"},
		"nothing":         {"Name,NHS Number\nAnn,943 476 5919\n", "? “Name”, “NHS Number”"},
		"customers' own":  {"Customer,Customer number\nAnn,2079460666\nBob,2079460777\n", "? “Customer”, “Customer number”"},
		"running numbers": {"Number,Name\n2079460666,Ann\n2079460667,Bob\n2079460668,Cyd\n2079460669,Dee\n", "? “Number”"},
		"unknown two":     {"Imię,Jeden,Dwa\nAnn,07700900123,02079460166\n", "? “Jeden”, “Dwa”"},
	} {
		if got, _, q := chosen(t, People, test.text); got != test.want {
			t.Errorf("%s: %s, want %s: %v", name, got, test.want, q)
		}
	}
}

// left are the first cells of the rows that are left out, or a question.
func left(t *testing.T, text string) string {
	t.Helper()
	_, c, q := chosen(t, Callers, text)
	if q != nil {
		return "? " + q.Rows
	}
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		if cells := Split(line, ','); c.LeavesOut(cells) != "" {
			out = append(out, cells[0])
		}
	}
	return strings.Join(out, " ")
}

// What a table says is no scam is left out where it is clear, and asked about where it is not.
func TestWhatIsNoScam(t *testing.T) {
	const a, b = "02079460666", "02079460667"
	for name, test := range map[string]struct{ text, want string }{
		"spam":          {"number,spam\n" + a + ",true\n" + b + ",false\n", b},
		"is spam":       {"number,isSpam\n" + a + ",1\n" + b + ",0\n", b},
		"whitelist":     {"number,whitelist\n" + a + ",no\n" + b + ",yes\n", b},
		"allow, block":  {"number,action\n" + a + ",block\n" + b + ",allow\n", b},
		"a list's type": {"number,type\n" + a + ",Blacklist\n" + b + ",Whitelist\n", b},
		"calls":         {"number,type\n" + a + ",Incoming\n" + b + ",Outgoing\n", b},
		"status":        {"number,status\n" + a + ",active\n" + b + ",withdrawn\n", b},
		"kinds":         {"number,type\n" + a + ",tech support\n" + b + ",bank\n", ""},
		"German":        {"Rufnummer,Erlaubt\n" + a + ",nein\n" + b + ",ja\n", b},
		"ratings":       {"number,rating\n" + a + ",negative\n" + b + ",neutral\n", b},
		"letters":       {"number,rating\n" + a + ",A\n" + b + ",F\n", "? “rating”"},
		"scores of one": {"number,spam score\n" + a + ",1\n" + b + ",0\n", "? “spam score”"},
		"stars":         {"number,rating\n" + a + ",1\n" + b + ",5\n", "? “rating”"},
		"scores":        {"number,score\n" + a + ",0.1\n" + b + ",9\n", "? “score”"},
		"codes":         {"number,type\n" + a + ",0\n" + b + ",1\n", "? “type”"},
		"half":          {"number,spam\n" + a + ",yes\n" + b + ",perhaps\n", "? “spam”"},
		"remarks":       {"number,scam\n" + a + ",says Microsoft\n" + b + ",a bank\n", ""},
		"shares":        {"number,spam score\n" + a + ",0.9\n" + b + ",0.2\n", ""},
		"of tellows":    {"number,tellows score\n" + a + ",9\n" + b + ",2\n", b},
		"its neutral":   {"number,tellowsScore\n" + a + ",7\n" + b + ",5\n", b},
		"its Bewertung": {"Rufnummer,Tellows-Bewertung (1-9)\n" + a + ",8\n" + b + ",1\n", b},
		"its averages":  {"number,tellows\n" + a + ",7.4\n" + b + ",\"6,9\"\n", b},
		"not its":       {"number,tellows score\n" + a + ",9\n" + b + ",85\n", "? “tellows score”"},
		"its kinds":     {"number,tellows category\n" + a + ",9\n" + b + ",1\n", ""},
		"whose scale":   {"number,score (1-9)\n" + a + ",9\n" + b + ",2\n", "? “score (1-9)”"},
		"out of five":   {"number,stars (out of 5)\n" + a + ",1\n" + b + ",5\n", "? “stars (out of 5)”"},
		"of a hundred":  {"number,score 0-100\n" + a + ",90\n" + b + ",2\n", "? “score 0-100”"},
		"trust":         {"number,trust score %\n" + a + ",90\n" + b + ",2\n", "? “trust score %”"},
		"spam of 100":   {"number,spam score (0-100)\n" + a + ",90\n" + b + ",2\n", ""},
		"spam over it":  {"number,spam score (0-100)\n" + a + ",90\n" + b + ",200\n", "? “spam score (0-100)”"},
		"spam of what":  {"number,spam score\n" + a + ",90\n" + b + ",2\n", "? “spam score”"},
		"FRITZ!Box":     {"Number,Type,Local Number\n" + a + ",1,020 7946 0100\n" + b + ",4,020 7946 0100\n", b},
		"none":          {"number,spam\n" + a + ",\n" + b + ",\n", ""},
	} {
		if got := left(t, test.text); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// A column of telephones says nothing about other rows' numbers, whatever its heading.
func TestTelephonesAreNoVerdict(t *testing.T) {
	if got, _, q := chosen(t, Callers, "Scam number,Blocked\n02079460666,02079460123\n02079460667,02079460124\n", "1"); got != "“Scam number”" {
		t.Errorf("%s: %v", got, q)
	}
}

// What is left out by all rows, and was not by the first of them, makes another choice.
func TestRowsThatAreLeftOut(t *testing.T) {
	const header = "Number,Local Number,Type\n"
	_, first, _ := chosen(t, Callers, header+"02079460666,x,\n")
	_, all, q := chosen(t, Callers, header+"02079460666,x,\n02079460667,x,4\n")
	if q != nil || all.SameRows(first) || !all.SameRows(all) || !first.SameRows(first) {
		t.Errorf("%+v %+v %v", first.Verdicts(), all.Verdicts(), q)
	}
}

func TestCellsAsSpreadsheetsWriteThem(t *testing.T) {
	for cell, want := range map[string]string{
		"\u00a0=\"02079460666\"\u00a0": "02079460666", "'02079460666": "02079460666", "442079460666.0": "442079460666", "442079460666.5": "442079460666.5", "12.0": "12.0", `="`: `="`,
	} {
		if got := Cell(cell); got != want {
			t.Errorf("%s is %s, and not %s", cell, got, want)
		}
	}
}

// “A” is a spreadsheet's name for its first column, and whom a call went to only beside “Da” or “De”.
func TestColumnsThatSpreadsheetsName(t *testing.T) {
	rows := "020 7946 0401;Rogue builder;07700 900401\n020 7946 0402;Window man;07700 900402\n"
	for heading, want := range map[string]string{"A;B;C": "?", "a;b;c": "?", "A;Nome;Da": "“Da”", "A;Nombre;De": "“De”"} {
		if got, _, _ := chosen(t, Callers, heading+"\n"+rows); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", heading, got)
		}
	}
	if got, _, _ := chosen(t, People, "A;B;C\n"+rows); !strings.Contains(got, "“A”") {
		t.Errorf("an address book: %s", got)
	}
}

func TestWhoseNumbersAreLeftOut(t *testing.T) {
	for heading, want := range map[string]string{
		"Caller,Victim phone,Own number": "Not imported: “Victim phone” and “Own number”, which have other people’s numbers.",
		"Caller,Victim phone":            "Not imported: “Victim phone”, which has other people’s numbers.",
	} {
		_, choice, _ := chosen(t, Callers, heading+"\n020 7946 0401,020 7946 0501,020 7946 0601\n020 7946 0402,020 7946 0502,020 7946 0602\n")
		if choice.NotTaken() != want {
			t.Errorf("%s: %s", heading, choice.NotTaken())
		}
	}
}
