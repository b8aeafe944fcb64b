// Package switchboard implements the legs and telephones of package ivr on a real Asterisk, through ARI. It is the only place
// that imports CyCoreSystems/ari.
//
// It has a websocket of its own, because that library's (version 5.3.1) waits for ever for an absent Asterisk, stays open after
// Close and panics on a message that it cannot decode; and it puts a context on every request, because the library's take none.
//
// # Deadlines
//
// Before each step with a leg it sets TIMEOUT(absolute) on the channel to the length of the step plus a grace. If this program
// dies, hangs or is stopped, Asterisk takes the channel out of Stasis when that has passed and continues it at extension T of the
// dialplan, which rings the household or connects the telephone that was picked up. A telephone's grace is shorter than that of a
// caller who hears ringing, so that somebody who has picked up is connected to the caller they have just heard announced, instead
// of being rung again.
//
// Nobody is in silence for more than 20 s, whatever happens to this program:
//   - the sounds of one step are one playback, which Asterisk plays to the end; only the grace comes after it;
//   - the longest step without sound is the recording of a name;
//   - anything that takes longer to say is recorded by the dialplan, which then hands the channel back (see recordUnattended).
//     Putting the deadline off again and again would not work: Asterisk runs the commands to a channel one after another, and a
//     playback or a recording is one of them (docs/asterisk.md);
//   - where the caller hears ringing but no telephone in the home rings, or not yet, the deadline is short; while a carer's telephone
//     rings it is put off again and again. So the house rings soon.
//
// # Names
//
// The sound that a channel plays is called CHANNEL-sound, the recording it makes CHANNEL-said, a message left on it
// CHANNEL-message, and the leg to a telephone rf-CALLER'S CHANNEL-ENDPOINT. So an application that has just started can stop,
// fetch and give back whatever the one before it left behind.
package switchboard
