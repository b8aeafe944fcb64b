package main

import (
	"ringfence/sharing/fetch"
	"ringfence/sharing/inquiry"
)

// listsSettings are about lists and groups elsewhere.
type listsSettings struct {
	// AllowPrivate lets them be in the home network, or on this machine.
	AllowPrivate bool `toml:"allow_private"`
}

// fetcher gets things from addresses that strangers have written.
func (l listsSettings) fetcher() *fetch.Client {
	return fetch.New(fetch.Options{AllowPrivate: l.AllowPrivate, Agent: "ringfence/" + release})
}

// inquirer asks of callers. It has connections of its own, so that no list that is being got keeps a call from its answer.
func (l listsSettings) inquirer() *fetch.Client {
	return fetch.New(fetch.Options{AllowPrivate: l.AllowPrivate, Agent: "ringfence/" + release, Begin: inquiry.Within, AtOnce: inquiry.AtOnce})
}
