package doctor

import (
	"fmt"
	"strings"

	"ringfence/config"
	"ringfence/screening"
	"ringfence/web/backend"
)

// service is one of the two programs that an installation runs.
type service struct{ unit, container string }

var (
	asteriskService    = service{"ringfence-asterisk", "asterisk"}
	applicationService = service{"ringfence", "ringfence"}
)

// systemctl is the command that does something to services: start or restart.
func (d *Doctor) systemctl(what string, services ...service) string {
	var units, containers []string
	for _, s := range services {
		units, containers = append(units, s.unit), append(containers, s.container)
	}
	if d.container {
		return fmt.Sprintf("docker compose %s %s", what, strings.Join(containers, " "))
	}
	return fmt.Sprintf("sudo systemctl %s %s", what, strings.Join(units, " "))
}

// log is the command that shows what a service has said.
func (d *Doctor) log(s service) string {
	if d.container {
		return "docker compose logs --tail 30 " + s.container
	}
	return "sudo journalctl -u " + s.unit + " -n 30"
}

// editing is the command that opens a file.
func editing(file string) string {
	if file == "" {
		file = config.DefaultFile
	}
	return "sudoedit " + config.ShellQuoted(file)
}

func capitalNumber(n int) string { return screening.Capital(backend.Words(n)) }
