package main_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What the tests of full disks and broken cards stand on is one of each.
func TestADiskThatIsFullAndThenReadOnly(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "data")
	disk, err := newTestDisk(filepath.Join(dir, "image"), at, 32<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	open, err := os.Create(filepath.Join(at, "open"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }() // nothing that matters is in it
	if err := disk.Fill(); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Write(make([]byte, 8192)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk says %v", err)
	}
	if err := disk.Empty(); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Write(make([]byte, 8192)); err != nil {
		t.Errorf("an emptied disk says %v", err)
	}
	if err := disk.TurnReadOnly(); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Write(make([]byte, 8192)); !errors.Is(err, syscall.EROFS) {
		t.Errorf("a broken card says %v", err)
	}
}
