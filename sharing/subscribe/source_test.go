package subscribe

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"aead.dev/minisign"

	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
)

func aKey(t testing.TB) string {
	t.Helper()
	public, _, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return public.String()
}

func TestSources(t *testing.T) {
	key := aKey(t)
	folder := "https://parish.example/scams/"
	link := "ringfence:list?url=" + url.QueryEscape(folder) + "&key=" + url.QueryEscape(key)
	const spaced = " https://parish.example/scams\n"
	for text, want := range map[string]Source{
		spaced:                                    {URL: folder},
		folder:                                    {URL: folder},
		folder + "manifest.json":                  {URL: folder},
		folder + "manifest.json.minisig":          {URL: folder},
		folder + "#top":                           {URL: folder},
		"parish.example/scams":                    {URL: folder},
		"https://parish.example":                  {URL: "https://parish.example/"},
		folder + "manifest.json?token=a%2Fb":      {URL: folder + "?token=a%2Fb"},
		"https://parish.example/a%2Fb%20c":        {URL: "https://parish.example/a%2Fb%20c/"},
		"http://192.168.1.2:8000/mymanifest.json": {URL: "http://192.168.1.2:8000/mymanifest.json", File: true},
		link:                                   {URL: folder, Key: key},
		(Source{URL: folder, Key: key}).Link(): {URL: folder, Key: key},
		strings.TrimSuffix(folder, "/") + "#key=" + key:                {URL: folder, Key: key},
		strings.Replace(link, "ringfence:list", "RINGFENCE://list", 1): {URL: folder, Key: key},
		strings.ReplaceAll(link, "%2B", "+"):                           {URL: folder, Key: key}, // as programs write it that are not careful
	} {
		if text == strings.ReplaceAll(link, "%2B", "+") && strings.Contains(key, "+") {
			continue // a plus sign is a space there
		}
		got, err := ParseSource(text, "")
		if err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
	got, err := ParseSource(folder, "untrusted comment: minisign public key\n"+key+"\n")
	if err != nil || got != (Source{URL: folder, Key: key}) {
		t.Errorf("with the key's file: %+v %v", got, err)
	}
	if want := folder + "#key=" + url.QueryEscape(key); got.Link() != want {
		t.Errorf("the link is %s, not %s", got.Link(), want)
	}
	again, err := ParseSource(got.Link(), "")
	if err != nil || again != got {
		t.Errorf("its own link: %+v %v", again, err)
	}
	if again, err := ParseSource(got.Link(), key); err != nil || again != got {
		t.Errorf("with the same key beside it: %+v %v", again, err)
	}
	if manifest, err := (Source{URL: folder + "?token=x"}).file(list.ManifestFile); err != nil || manifest != folder+"manifest.json?token=x" {
		t.Error(manifest, err)
	}
	for _, wrong := range []struct{ text, key string }{
		{"", ""}, {"not an address", ""}, {"ftp://parish.example/", ""}, {"https://susan:secret@parish.example/", ""}, {folder, "RWtooshort"},
		{folder + "#key=", ""}, {folder + "#key=RWtooshort", ""}, {folder + "#key=%zz", ""}, {(Source{URL: folder, Key: key}).Link(), aKey(t)},
		{"ringfence:list", ""}, {"ringfence:list?key=" + url.QueryEscape(key), ""}, {"ringfence:group?url=" + url.QueryEscape(folder), ""},
		{"ringfence:list?url=%zz", ""}, {"ringfence:list?url=" + url.QueryEscape("file:///etc/passwd"), ""},
		{"ringfence:list?url=" + url.QueryEscape("ringfence:list?url=x"), ""}, {link, aKey(t)}, {"https://" + strings.Repeat("x", 9000), ""},
	} {
		if got, err := ParseSource(wrong.text, wrong.key); err == nil {
			t.Errorf("%+v is %+v", wrong, got)
		}
	}
}

// An address that is too long once it is written out is refused when it is pasted, not when its list is fetched.
func TestAddressesThatGrow(t *testing.T) {
	for _, end := range []string{"", "/numbers.csv"} {
		if _, err := ParseSource("parish.example/"+strings.Repeat("é", 400)+end, ""); !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("%q: %v", end, err)
		}
		if _, err := ParseSource("parish.example/"+strings.Repeat("é", 300)+end, ""); err != nil {
			t.Errorf("%q: %v", end, err)
		}
	}
}

// A space in an address would end it in the request.
func TestAddressesAreAskedForAsBrowsersDo(t *testing.T) {
	for written, sent := range map[string]string{
		"parish.example/numbers.csv?who=all numbers": "https://parish.example/numbers.csv?who=all%20numbers", "parish.example/?é \u00a0#": "https://parish.example/?%C3%A9%20%C2%A0",
		"parish.example/?who=%20a+b": "https://parish.example/?who=%20a+b",
	} {
		if s, err := ParseSource(written, ""); err != nil || s.URL != sent {
			t.Errorf("%q: %q %v", written, s.URL, err)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	f.Add("https://parish.example/scams/manifest.json?x=y", "")
	f.Add("ringfence:list?url=https%3A%2F%2Fparish.example%2F&key=RWx", "")
	f.Add("parish.example/%2F/../..", "RWx")
	f.Fuzz(func(t *testing.T, text, key string) {
		s, err := ParseSource(text, key)
		if err != nil {
			return
		}
		file, err := s.file(list.ManifestFile)
		if err != nil || fetch.Check(s.URL) != nil || fetch.Check(file) != nil {
			t.Fatalf("%q is %+v, whose manifest is at %q: %v", text, s, file, err)
		}
		if again, err := ParseSource(s.Link(), ""); err != nil || again != s {
			t.Fatalf("%+v is handed on as %+v %v", s, again, err)
		}
	})
}
