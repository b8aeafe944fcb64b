package storetest

/*
#cgo LDFLAGS: -Wl,-unresolved-symbols=ignore-all
#include <stdatomic.h>

// SQLite itself is in another package, go-sqlite3's, so its header is not at hand. See sqlite.org/c3ref/auto_extension.html and trace_v2.html.
extern int sqlite3_auto_extension(void (*entry)(void));
extern int sqlite3_trace_v2(void *db, unsigned mask, int (*callback)(unsigned, void *, void *, void *), void *context);

static _Atomic long long begun;

static int count(unsigned event, void *context, void *statement, void *text) {
	atomic_fetch_add(&begun, 1);
	return 0;
}

static int watch(void *db, char **error, void *routines) {
	return sqlite3_trace_v2(db, 1, count, 0); // SQLITE_TRACE_STMT
}

static int watchAll(void) { return sqlite3_auto_extension((void (*)(void))watch); }
static long long statementsBegun(void) { return atomic_load(&begun); }
*/
import "C"

import (
	"fmt"
	"sync"
)

// watchAll has SQLite count the statements of every connection that is opened from then on.
var watchAll = sync.OnceValue(func() error {
	if failed := C.watchAll(); failed != 0 {
		return fmt.Errorf("SQLite does not count statements: error %d", failed)
	}
	return nil
})

// CountStatements counts the statements that this process has SQLite run, in databases that are opened after this call.
func CountStatements() (begun func() int, err error) {
	return func() int { return int(C.statementsBegun()) }, watchAll()
}
