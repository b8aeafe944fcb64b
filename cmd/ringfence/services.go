package main

import (
	"errors"
	"os"

	"ringfence/config"
	"ringfence/store/datafolder"
)

// giveToServices gives what a command of root's has made in the folders of the services to the users that they run as.
func (p *program) giveToServices() error {
	if os.Geteuid() != 0 {
		return nil
	}
	s, err := p.settings()
	if err != nil {
		return nil //nolint:nilerr // a command that needs settings has said so
	}
	return errors.Join(datafolder.GiveToOwner(s.Data), giveOwnFolder(s))
}

func giveOwnFolder(s config.Settings) error {
	if own, apart := s.OwnAsteriskFolder(); apart {
		return datafolder.GiveToOwner(own)
	}
	return nil
}
