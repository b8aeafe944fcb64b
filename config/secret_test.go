package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSecretsFromElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("RINGFENCE_TEST_SECRET", "from the environment")
	for value, want := range map[string]string{"plain": "plain", "file:" + file: "from a file", "env:RINGFENCE_TEST_SECRET": "from the environment"} {
		if got, err := secret(owned{name: "a password"}, value); err != nil || got != want {
			t.Errorf("%s: %q %v", value, got, err)
		}
	}
	for _, value := range []string{"file:" + file + ".gone", "env:RINGFENCE_TEST_NOTHING"} {
		if _, err := secret(owned{name: "a password"}, value); err == nil {
			t.Errorf("%s was found", value)
		}
	}
}
