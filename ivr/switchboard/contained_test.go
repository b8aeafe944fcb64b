package switchboard

import (
	"context"
	"log/slog"
	"reflect"
	"testing"
)

// Every method of a handler that panics ends with an error, and the program goes on with everybody else's calls.
func TestNoFaultOfAHandlerEndsTheProgram(t *testing.T) {
	failing := reflect.ValueOf(contained{Handler: nil, log: slog.New(slog.DiscardHandler)}) // whose every method panics
	for method := range reflect.TypeFor[Handler]().Methods() {
		var args []reflect.Value
		for in := range method.Type.Ins() {
			if in == reflect.TypeFor[context.Context]() {
				args = append(args, reflect.ValueOf(t.Context()))
				continue
			}
			args = append(args, reflect.Zero(in))
		}
		results := failing.MethodByName(method.Name).Call(args)
		if len(results) > 0 && results[len(results)-1].IsNil() {
			t.Errorf("%s panicked, and returned no error", method.Name)
		}
	}
}
