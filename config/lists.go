package config

// Lists are about lists and groups elsewhere.
type Lists struct {
	// AllowPrivate lets them be in the home network, or on this machine.
	AllowPrivate bool `toml:"allow_private"`
}
