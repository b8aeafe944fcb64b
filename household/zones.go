package household

import (
	"cmp"
	"strings"
	"time"
)

// zoneNames are what people call the time of their country, where that is not the time of a city.
var zoneNames = map[string]string{
	"Europe/London": "UK time", "Europe/Belfast": "UK time", "Europe/Dublin": "Irish time", "Europe/Paris": "French time", "Europe/Berlin": "German time",
	"Europe/Vienna": "Austrian time", "Europe/Zurich": "Swiss time", "Europe/Amsterdam": "Dutch time", "Europe/Brussels": "Belgian time", "Europe/Rome": "Italian time",
	"Europe/Madrid": "Spanish time", "Europe/Lisbon": "Portuguese time", "America/New_York": "Eastern time", "America/Chicago": "Central time",
	"America/Denver": "Mountain time", "America/Los_Angeles": "Pacific time", "Pacific/Auckland": "New Zealand time", "UTC": "UTC", "Etc/UTC": "UTC",
}

// ZoneName is what people call a time zone: UK time, Sydney time.
func ZoneName(zone *time.Location) string {
	name := zone.String()
	if name == "Local" {
		return "this machine’s time"
	}
	city := name[strings.LastIndex(name, "/")+1:]
	return cmp.Or(zoneNames[name], strings.ReplaceAll(city, "_", " ")+" time")
}
