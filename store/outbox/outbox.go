// Package outbox keeps what is to be sent out of the house: alerts to carers, by the channels that each of them has chosen, and reports to the groups
// that a household has joined. It has tables of its own in the database of package store. What an alert says and when it is due is decided by
// app/alerts; what a group is sent, by sharing/group.
package outbox

import (
	"database/sql"

	"ringfence/store/sqlite"
)

// Outbox is the outbox of all households. Its methods may be called from any goroutine, and join a transaction begun by store.Store.Together.
type Outbox struct {
	write sqlite.Connection
	read  *sql.DB
}

// New is the outbox in an open database.
func New(write sqlite.Connection, read *sql.DB) *Outbox { return &Outbox{write: write, read: read} }
