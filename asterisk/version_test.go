package asterisk

import (
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for line, want := range map[string]string{
		"Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n":    "22.10.1",
		"Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5": "20.6.0",
		"Asterisk 23.0.0-rc1":                           "23.0.0",
		"Asterisk 20":                                   "20",
		"Asterisk certified/20.7-cert5":                 "20.7",
		"Asterisk certified-22.8-cert1":                 "22.8",
	} {
		if got, err := parseVersion(line); err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", line, got, err, want)
		}
	}
	for line, want := range map[string]string{
		"Asterisk 16.28.0~dfsg-0+deb11u3": "Asterisk 16.28.0 is too old",
		"Asterisk certified/18.9-cert17":  "Asterisk 18.9 is too old",
		"Asterisk GIT-master-abcdef":      "is not a version",
		"":                                "is not a version",
		"bash: asterisk: not found 22":    "is not a version",
	} {
		if got, err := parseVersion(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %q (%v), want an error with %q", line, got, err, want)
		}
	}
}

func TestCandidate(t *testing.T) {
	for policy, want := range map[string]int{
		"asterisk:\n  Installed: (none)\n  Candidate: 1:22.10.1+dfsg+~cs6.17-1\n  Version table:\n     1:20.1 500\n": 22,
		"asterisk:\n  Installed: 1:16.2\n  Candidate: 20.6.0~dfsg-2\n":                                               20,
		"asterisk:\n  Installed: (none)\n  Candidate: (none)\n":                                                      0,
		"":                       0,
		"N: Unable to locate it": 0,
	} {
		if got := candidate(policy); got != want {
			t.Errorf("the candidate of %q is %d, want %d", policy, got, want)
		}
	}
}

func TestDebianMirror(t *testing.T) {
	for name, test := range map[string]struct{ sources, list, want string }{
		"the first that is not commented out": {
			sources: "Types: deb\n# http://old.example/debian\n#URIs: http://older.example/debian\nURIs: http://mirror.example/debian http://second.example/debian\nSuites: bookworm\n\nURIs: http://mirror.example/debian-security\n",
			want:    "http://mirror.example/debian",
		},
		"the older form": {
			list: "# deb http://old.example/debian bookworm main\ndeb cdrom:[Debian]/ bookworm main\ndeb-src http://source.example/debian bookworm main\ndeb [arch=amd64 signed-by=/a.gpg] http://mirror.example/debian/ bookworm main\n",
			want: "http://mirror.example/debian/",
		},
		"a snapshot in the older form": {
			list: "deb http://mirror.example/archive/debian/20250520T000000Z bookworm main\n",
			want: "http://mirror.example/archive/debian/20250520T000000Z",
		},
		"the newer form counts first": {
			sources: "URIs: https://new.example/debian\n", list: "deb http://old.example/debian bookworm main\n", want: "https://new.example/debian",
		},
		"an empty newer form": {
			sources: "# moved\n", list: "deb http://old.example/debian bookworm main\n", want: "http://old.example/debian",
		},
		"Ubuntu":                     {list: "deb http://archive.example/ubuntu noble main universe\n", want: ""},
		"Debian's updates alone":     {list: "deb http://mirror.example/debian-security bookworm-security main\n", want: ""},
		"what only apt itself reads": {sources: "URIs: mirror+file:///etc/apt/mirrors/debian.list\n", want: ""},
		"nothing":                    {want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			if test.sources != "" {
				m.write(m.file("etc/apt/sources.list.d/debian.sources"), test.sources)
			}
			if test.list != "" {
				m.write(m.file("etc/apt/sources.list"), test.list)
			}
			if got, err := m.debianMirror(); err != nil || got != test.want {
				t.Errorf("the mirror is %q (%v), want %q", got, err, test.want)
			}
		})
	}
}
