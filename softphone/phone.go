package softphone

import (
	"cmp"
	"context"
)

// PhoneConfig describes a telephone in the home.
type PhoneConfig struct {
	Config
	Server      string // SIP address of the Asterisk that it belongs to
	User        string // the name with which it registers and dials
	Contact     string // the user part of its own address; "" is User
	Password    string
	CallWaiting bool // a second call rings as well; otherwise it is refused as busy
}

// Phone is a telephone in the home. It is reachable at its address from the start; if Asterisk does not know the address, it has to Register.
type Phone struct {
	*Station
	config       PhoneConfig
	registration registration
}

// NewPhone makes a telephone.
func NewPhone(config PhoneConfig) (*Phone, error) {
	s, err := open(config.Config, cmp.Or(config.Contact, config.User))
	if err != nil {
		return nil, err
	}
	s.single = !config.CallWaiting
	return &Phone{Station: s, config: config}, s.serve()
}

// Call dials a number through the Asterisk that the telephone belongs to.
func (p *Phone) Call(ctx context.Context, number string) (*Call, error) {
	return p.Dial(ctx, Dial{Number: number, At: p.config.Server, From: CallerID{Number: p.config.User}, User: p.config.User, Password: p.config.Password})
}
