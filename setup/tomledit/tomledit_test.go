package tomledit

import (
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

const before = `# Our settings. Ask Ben before you change them!
data = '/srv/ringfence'   # the big disk

# The country.
# region = "GB"

[asterisk]
# Where it listens.
# sip = "127.0.0.1:5060"
	media    =   "10.0.0.5"  # odd, but ours

[[trunk]]
name = "line"
address="192.0.2.1" # Ben's
accept = [ # two of them
  "192.0.2.0/28",
  "192.0.2.64/28", # since May
]

[[household]]
name = "home"
trunk = "line"
[household.codes]
messages = "*30"
[[household.phone]]
name = "hall"
password = "x"
# the cordless one
[[household.phone]]
name = "bedroom"
password = "y"

[[household]]
name = "gran"
[[household.phone]]
name = "kitchen"
# The end.
`

// Everything that is not changed stays as it is, byte by byte.
// Long: a table of changes.
func TestOnlyWhatIsChangedChanges(t *testing.T) {
	for name, test := range map[string]struct {
		change    func(d *Document) error
		old, want string // a part of before, and what stands there afterwards
	}{
		"a value keeps its comment": {
			func(d *Document) error { return d.Set(Element{"trunk", 0}, "address", "sip.example") },
			`address="192.0.2.1" # Ben's`, `address="sip.example" # Ben's`,
		},
		"a value of several lines": {
			func(d *Document) error { return d.Set(Element{"trunk", 0}, "accept", []string{"198.51.100.0/24"}) },
			"[ # two of them\n  \"192.0.2.0/28\",\n  \"192.0.2.64/28\", # since May\n]", `['198.51.100.0/24']`,
		},
		"a key below the comment that shows it": {
			func(d *Document) error { return d.Set(Table("asterisk"), "sip", "eth0:5060") },
			"# sip = \"127.0.0.1:5060\"\n", "# sip = \"127.0.0.1:5060\"\nsip = \"eth0:5060\"\n",
		},
		"a key of the root": {
			func(d *Document) error { return d.Set(Root, "region", "FR") },
			"# region = \"GB\"\n", "# region = \"GB\"\nregion = \"FR\"\n",
		},
		"a key that nothing shows": {
			func(d *Document) error { return d.Set(Element{"household", 1}, "number", "020 7946 0100") },
			"name = \"gran\"\n", "name = \"gran\"\nnumber = \"020 7946 0100\"\n",
		},
		"a key less": {
			func(d *Document) error { return d.Delete(Element{"trunk", 0}, "address") },
			"address=\"192.0.2.1\" # Ben's\n", "",
		},
		"a phone more": {
			func(d *Document) error {
				return d.AppendWithin(Element{"household", 0}, "household.phone", Value{"name", "attic"}, Value{"password", `a"b\c`})
			},
			"password = \"y\"\n", "password = \"y\"\n\n[[household.phone]]\nname = \"attic\"\npassword = 'a\"b\\c'\n",
		},
		"a phone less": {
			func(d *Document) error { return d.Remove(Element{"household.phone", 1}) },
			"[[household.phone]]\nname = \"bedroom\"\npassword = \"y\"\n", "",
		},
		"a trunk more": {
			func(d *Document) error {
				return d.AppendElement("trunk", Value{"name", "second"}, Value{"register", true}, Value{"calls", 3})
			},
			"# The end.\n", "# The end.\n\n[[trunk]]\nname = \"second\"\nregister = true\ncalls = 3\n",
		},
		"a table more": {
			func(d *Document) error { return d.Set(Table("metrics"), "listen", "127.0.0.1:9464") },
			"# The end.\n", "# The end.\n\n[metrics]\nlisten = \"127.0.0.1:9464\"\n",
		},
	} {
		d, err := Parse([]byte(before))
		if err != nil {
			t.Fatal(err)
		}
		if err := test.change(d); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Count(before, test.old) != 1 {
			t.Fatalf("%s: %q stands there %d times", name, test.old, strings.Count(before, test.old))
		}
		if want := strings.Replace(before, test.old, test.want, 1); string(d.Bytes()) != want {
			t.Errorf("%s:\n%s", name, d.Bytes())
		}
		var any map[string]any
		if err := toml.Unmarshal(d.Bytes(), &any); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhichPhonesAreWhose(t *testing.T) {
	d, err := Parse([]byte(before))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Within(Element{"household", 1}, "household.phone"); len(got) != 1 || got[0] != 2 {
		t.Errorf("gran's phones are %v", got)
	}
	count := func(name string) (n int) {
		for _, t := range d.tables[1:] {
			if t.name == name {
				n++
			}
		}
		return n
	}
	if count("household.phone") != 3 || count("metrics") != 0 {
		t.Error("tables are counted wrongly")
	}
}

// Files of Windows, files without a last line break, and empty ones.
func TestOtherFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "data = \"/x\"\n",
		"# ours":                   "# ours\ndata = \"/x\"\n",
		"# ours\r\n[web]\r\na=1":   "# ours\r\ndata = \"/x\"\r\n[web]\r\na=1\n",
		"keep_days = 9":            "keep_days = 9\ndata = \"/x\"\n",
		"data = '''\n/y'''# later": "data = \"/x\"# later\n",
	} {
		d, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Set(Root, "data", "/x"); err != nil || string(d.Bytes()) != want {
			t.Errorf("%q becomes %q, %v", text, d.Bytes(), err)
		}
	}
	if _, err := Parse([]byte("a = [")); err == nil {
		t.Error("what is no TOML is read")
	}
	d, _ := Parse([]byte("a = 1\n"))
	if err := d.Set(Root, "b c", "x"); err == nil || string(d.Bytes()) != "a = 1\n" {
		t.Errorf("a change that leaves no TOML: %v, %q", err, d.Bytes())
	}
}
