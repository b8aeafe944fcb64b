package main

import (
	"flag"
	"reflect"
	"testing"

	"ringfence/household/cell"
	"ringfence/household/replay"
	"ringfence/internal/contracttest"
	"ringfence/screening"
)

var update = flag.Bool("update", false, "add new fields of --json to testdata/json-fields.txt")

// Programs read what commands write with --json. Each has its fields in testdata, which only grow: go test ./cmd/ringfence -run FieldsOfJSON -update
func TestFieldsOfJSONAreNeverRenamed(t *testing.T) {
	t.Parallel()
	var names []string
	for command, shape := range map[string]reflect.Type{
		"calls":          reflect.TypeFor[jsonCall](),
		"check":          reflect.TypeFor[checkJSON](),
		"household-list": reflect.TypeFor[cell.Household](),
		"group-sent":     reflect.TypeFor[jsonSent](),
		"lookup":         reflect.TypeFor[screening.Answer](),
		"messages-list":  reflect.TypeFor[jsonMessage](),
		"notices":        reflect.TypeFor[jsonNotice](),
		"replay":         reflect.TypeFor[replay.JSON](),
		"speech-script":  reflect.TypeFor[scriptJSON](),
		"user-list":      reflect.TypeFor[jsonUser](),
	} {
		names = append(names, contracttest.FieldsOf(command, shape)...)
	}
	contracttest.KeepNames(t, "testdata/json-fields.txt", names, *update)
}
