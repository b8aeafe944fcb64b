// Package contracttest holds tests to the names that programs read: they are added to, and never renamed.
package contracttest

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// KeepNames compares names with those in a file, one a line. A name of the file that is missing is a fault, and update does not take it out of the
// file; a new one is written there with update.
func KeepNames(t *testing.T, file string, names []string, update bool) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // a file of the tests
	if err != nil && !update {
		t.Fatal(err)
	}
	known := strings.Fields(string(text))
	for _, name := range known {
		if !slices.Contains(names, name) {
			t.Errorf("%s is gone, and programs rely on it: let it stay, and add the new field beside it", name)
		}
	}
	var added []string
	for _, name := range names {
		if !slices.Contains(known, name) {
			added = append(added, name)
		}
	}
	if len(added) == 0 {
		return
	}
	if !update {
		t.Errorf("%s is new: from now on programs may rely on it. Add it to %s by running this test with -update", strings.Join(added, ", "), file)
		return
	}
	all := slices.Concat(known, added)
	slices.Sort(all)
	if err := os.WriteFile(file, []byte(strings.Join(slices.Compact(all), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// FieldsOf are the paths to all fields of what is written as JSON, such as calls.steps[].at.
func FieldsOf(place string, of reflect.Type) (names []string) {
	switch of.Kind() {
	case reflect.Pointer:
		return FieldsOf(place, of.Elem())
	case reflect.Slice, reflect.Array:
		return FieldsOf(place+"[]", of.Elem())
	case reflect.Struct:
	default:
		return nil
	}
	for _, field := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, place+"."+name)
			names = append(names, FieldsOf(place+"."+name, field.Type)...)
		}
	}
	return names
}
