package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAPackedFileIsTheSameOne(t *testing.T) {
	read, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range read.Names() {
		get := func(accept string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodGet, "/static/"+name, nil)
			r.SetPathValue("name", name)
			r.Header.Set("Accept-Encoding", accept)
			w := httptest.NewRecorder()
			read.Serve(w, r, http.NotFound)
			return w
		}
		plain, packed := get(""), get("gzip, br")
		content, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		unpacked, err := io.ReadAll(content)
		if err != nil || string(unpacked) != plain.Body.String() || len(unpacked) == 0 {
			t.Errorf("%s is another file when it is unpacked: %v", name, err)
		}
		if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is served as %v and %v", name, plain.Header(), packed.Header())
		}
	}
}
