// Package switchboard has the legs and telephones of package ivr on a real Asterisk, through ARI. It is the only place
// that imports CyCoreSystems/ari.
//
// What it adds to that library (all of it measured or read there, version 5.3.1): its own websocket, because the
// library's waits for ever for an absent Asterisk, keeps its socket open after Close and panics on a message that it
// cannot decode; and a context on every request, because the library's requests have none.
//
// # Deadlines
//
// Before each step with a leg it sets TIMEOUT(absolute) on the channel to the length of the step and a grace. When this
// program dies, hangs or is stopped, Asterisk takes the channel out of Stasis at that moment and goes on at the
// extension T of the dialplan, which rings the household or connects the telephone that was picked up. The grace of a
// telephone is shorter than that of a caller who hears ringing: so a household that stands at the telephone is connected to the
// caller that it hears of, and not rung once more.
//
// Nobody is in silence for more than 20 s, whatever becomes of this program:
//   - the sounds of one step are one playback, which Asterisk plays to its end, and only the grace comes after it;
//   - the longest step without sound is the recording of a name;
//   - what takes longer to say is recorded by the dialplan, which brings the channel back (see recordUnattended). It cannot be
//     done with a deadline that is put off again and again: Asterisk 22 works off the commands to a channel one after another,
//     and a playback or a recording is one (measured: the request to set a variable returns when the playback has finished);
//   - where the caller hears ringing but no telephone in the home rings, the deadline is a short one that is put off again and
//     again, so that the house rings soon.
//
// # Names
//
// The sound that a channel plays is called CHANNEL-sound, the recording that it makes CHANNEL-said, a message that is left
// CHANNEL-message, the leg to a telephone rf-CALLER'S CHANNEL-ENDPOINT. So an application that has just started can stop, fetch
// and give back what one before it has left.
package switchboard
