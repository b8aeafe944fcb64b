package doctor

import (
	"ringfence/config"
)

// service is one of the two programs that an installation runs.
type service struct{ unit, container string }

var (
	asteriskService    = service{"ringfence-asterisk", "asterisk"}
	applicationService = service{"ringfence", "ringfence"}
)

// restart is the command that restarts a service.
func (d *Doctor) restart(s service) string {
	if d.container {
		return "docker compose restart " + s.container
	}
	return "sudo systemctl restart " + s.unit
}

// log is the command that shows what a service has said.
func (d *Doctor) log(s service) string {
	if d.container {
		return "docker compose logs --tail 30 " + s.container
	}
	return "sudo journalctl -u " + s.unit + " -n 30"
}

// AsteriskLog is the command that shows what Asterisk has said.
func (d *Doctor) AsteriskLog() string { return d.log(asteriskService) }

// editing is the command that opens a file.
func editing(file string) string {
	if file == "" {
		file = config.DefaultFile
	}
	return "sudoedit " + config.ShellQuoted(file)
}
