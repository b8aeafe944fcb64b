// Package notify sends people alerts by the service of their choice: by e-mail, ntfy, Telegram, Matrix, Pushover, a web address, or any other service
// that the library shoutrrr knows.
//
// It has four parts. Services and Build turn what somebody fills in into an address (a shoutrrr URL, which is a secret as a whole); Check says in a
// plain sentence what is wrong with one. Plan says when an alert may be sent: quiet hours, one message a day, a pause between repetitions, and how
// long to wait after a failure; it is pure, with no clock of its own. Process sends one message within a time limit. Sender looks after an outbox: it
// sends what is due, and records the result.
//
// Each message is sent in a process of its own (see Process), for three reasons. shoutrrr cannot be interrupted: after connecting to a mail server it
// waits for an answer for ever. A panic in one of its services would end this process, and the calls that it is handling. And it follows redirects.
// In the separate process every request to a host that the address does not name is refused. So are link-local addresses, where cloud machines serve
// their own secrets; and so are private addresses, unless the household's owner has allowed them, as for a Home Assistant at home. Otherwise anybody
// who may look at a household could use the sender to look around in its network.
package notify
