package wording

// phrases are turns of phrase that people do not use, and what to say instead.
var phrases = phraseRules([]stilted{
	{`being told|(?:are|is|be) told (?:nothing|of)`, "alerts, or get an alert", "Being told of a call", "Alerts about calls, at once"},
	{`codes? of (?:an|the|your) app`, "authenticator app, or a code from it", "Set up codes of an app", "Set up an authenticator app"},
	{`past (?:its|their) time`, "out of date", "The list is past its time.", "The list is out of date."},
	{`begins? so`, "starting with these digits", "Block every number that begins so", "It begins, so wait."},
	{`(?:bring|brings|bringing|brought) (?:it |them )?in (?:an|the|those|a) (?:address|contacts?|list|file)|(?:was|were) brought in|bring in those`, "import",
		"Bring in an address book", "Import an address book"},
	{`what (?:becomes|would become|became|has become) of`, "what happens to, or how it ended", "What becomes of unknown callers", "What would happen to a call"},
	{`what holds|(?:what|which|that|it) holds (?:now|then|today)|says nothing, .{1,30} holds`, "what applies, or at all other times", "What holds then", "The box holds 20 messages."},
	{`stands? (?:here|there)|(?:stands|standing) (?:at|on|below|beside|above|in) (?:the|a|every|this|that|its|their)`, "is here, is shown, is listed",
		"whatever stands here", "it stands for all numbers"},
	{`to the end yet|set up to the end`, "finished", "It is not set up to the end yet.", "Setup isn't finished."},
	{`what is new, now`, "update now", "Get what is new, now", "Update now"},
	{`(?:is|are|was|were|be|being) got`, "is downloaded, or fetched", "The list is got at once.", "It has got a name."},
	{`opens? once`, "works once", "It opens once, within a day.", "It works once."},
	{`take the tick away|takes? the tick`, "untick", "Take the tick away from whoever should not.", "Untick anyone who shouldn't."},
	{`phones? (?:is|are) (?:not )?there|telephones? (?:is|are) (?:not )?there`, "is connected", "No telephone is there.", "No phone is connected."},
	{`(?:\d+|` + something + `) %`, "no space: 90%", "It is 90 % sure.", "It is 90% sure."},
	{`in per cent`, "(%)", "sure, in per cent", "20 per cent"},
	{`(?:is|are|was) none of`, "must be one of", `"foo" is none of ring, message`, "None of them answers."},
	{`cannot be looked at`, "can't be checked", "The line cannot be looked at just now.", "The line can't be checked."},
	{`anew`, "again, or restart", "Record it anew", "Record it again"},
	{`keep (?:this|these|the) (?:week|name|change|password|and go on)`, "save", "Keep this week", "Save this week"},
	{`hand (?:this|the) list on`, "share", "Hand this list on", "Share this list"},
	{`one step more|to say who they are is enough`, "one extra step, or giving a name is enough", "It is one step more.", "It's one extra step."},
	{`there (?:is|are|was|were) none`, "no …, or the noun", "Where there is none, it rings.", "There are no calls yet."},
	{`(?:has|have) not (?:been|come) to the phone|come to the (?:tele)?phone`, "answer", "They have not come to the telephone yet.", "They haven't answered yet."},
	{`just now`, "at the moment", "They can't take your call just now.", "They are just nowhere."},
	{`as (?:they|it|he|she|you|we) (?:may|might|will|likes?|pleases?)`, "say what", "Name it as you like.", "Name it as you want it shown."},
	{`whereof|wherein|whereby|thereof|therein|thereby|hereby|herein|hitherto|henceforth`, "of which, in it, so far", "the list and the parts thereof", "the list and its parts"},
	{`whosoever|whomever|whatsoever`, "whoever, anyone who", "whomever you like", "whoever rings"},
	{`so sure`, "with this confidence", "at least so sure", "so surely"},
	{`for, \d+ against|households? for,`, "reported by …; disputed by …", "4 households for, 0 against", "Reported by 4 households"},
	{`(?:is|are|was|were) (?:what|that which) (?:is|are) new`, "what's new", "It is what is new.", "What's new"},
	{`give (?:it|them) (?:a )?look`, "check", "give it a look", "take a look"},
	{`the (?:one|ones|house|phone|person) (?:which|whom)`, "who, or that", "the person whom you know", "the person you know"},
	{`in the place of`, "instead of", "in the place of another", "in place of another"},
	{`as if translated|in this wise|to this end`, "plain words", "to this end", "at this end"},
	{`from the house(?:hold)?['’]s side|on (?:the|its) part of`, "by the household", "on the part of the household", "part of the household"},
})

// A stilted phrase: its pattern, what to say, and for the test a sentence that has it, and one that only looks so.
type stilted struct{ expression, say, finds, leaves string }

func phraseRules(all []stilted) (made []rule) {
	for _, s := range all {
		made = append(made, rule{name: "stilted", say: s.say, find: pattern(s.expression), finds: []string{s.finds}, leaves: []string{s.leaves}})
	}
	return made
}
