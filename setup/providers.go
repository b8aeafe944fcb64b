package setup

// otherProvider is the answer for a provider without a preset.
const otherProvider = "other"

// Preset is what a provider says publicly of how a phone signs in.
type Preset struct {
	Name, Words string // in a file of answers; for people
	Server      string // "" where each customer has another
	User        string // what its user name is
	Note        string
	Sources     []string // where that is said
}

// Presets are providers that British households use. There is one only where its source can be opened. Zen has none: nothing public was found that
// says how a telephone of one's own signs in there.
func Presets() []Preset {
	return []Preset{
		{
			Name: "sipgate", Words: "sipgate", Server: "sipgate.co.uk",
			User: "The SIP-ID, such as 1234567, not the name for the website. Both it and its password are in your account under Phones, SIP Credentials.",
			Note: "sipgate's is sipgate.co.uk.",
			Sources: []string{
				"https://teamhelp.sipgate.co.uk/hc/en-gb/articles/204217181-Changing-Your-SIP-Password",
				"https://gist.github.com/NapoleonWils0n/4055960",
			},
		},
		{
			Name: "voipfone", Words: "Voipfone", Server: "sip.voipfone.net",
			User:    "The account number of eight digits; with a Virtual PBX, the account number, * and the extension, such as 30999999*200. The password is in the control panel under Master Account, Phone Settings.",
			Note:    "Voipfone's is sip.voipfone.net.",
			Sources: []string{"https://www.voipfone.co.uk/support/guides/pbx-services/third-party-pbx/freepbx"},
		},
		{
			Name: "aaisp", Words: "Andrews & Arnold (AAISP)", Server: "voiceless.aa.net.uk",
			User: "The phone number with + and the country code, such as +442079460100. Make its SIP password on the control pages.",
			Note: "Andrews & Arnold’s is voiceless.aa.net.uk.",
			Sources: []string{
				"https://aaisp.net.uk/kb-telecoms-sip.html", "https://support.aa.net.uk/VoIP_Firewall",
				"https://github.com/r3gis3r/CSipSimple/blob/master/src/com/csipsimple/wizards/impl/Aaisp.java",
			},
		},
		{
			Name: "voipms", Words: "VoIP.ms", // each number is routed to a server of its own
			User: "The six digits of the main account, or a sub-account such as 100000_home.",
			Note: "VoIP.ms has many, such as london1.voip.ms. Take the one that your number is routed to. VoIP.ms shows it under DID Numbers, Manage DID(s): edit the number, and see DID Point of Presence.",
			Sources: []string{ // its own wiki, as copies of it and users' guides in public repositories have it
				"https://wiki.voip.ms/article/Grandstream_HandyTone_802_-_HT802", // the user name, and that the number has to be on the same server
				"https://wiki.voip.ms/article/Manage_DID",
			},
		},
	}
}

func presetOf(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}
