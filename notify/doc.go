// Package notify tells people something on the service of their choice: by e-mail, ntfy, Telegram, Matrix, Pushover, a web
// address, or any other service that the library shoutrrr knows.
//
// It has four parts. Services and Build turn what somebody fills in into an address (a shoutrrr URL, which is a secret as a
// whole); Check says in a plain sentence what is wrong with one. Plan says when something may be told: quiet hours, one
// message a day, a pause between repetitions, and how long to wait after a failure; it is pure, with no clock of its own.
// Process sends one message, within a time limit. Sender looks after an outbox: it takes what is due, sends it, and writes
// down what became of it.
//
// Each message is sent by a process of its own (see Process), for three things that shoutrrr does not offer. It cannot be
// interrupted: after connecting to a mail server it waits for an answer without end. A fault in one of its services would
// end the process, and with it the calls that it is in the middle of. And it follows redirects: in that process every
// request to another host than the address names is refused, as are link-local addresses, where cloud machines answer
// with their own secrets, and private addresses unless the household's owner has allowed them, for a Home Assistant at home is one: else
// whoever may look at a household could look through the sender's eyes at all that is in its network.
package notify
