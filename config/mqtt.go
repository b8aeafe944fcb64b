package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// MQTT is the broker at which a smart home listens, such as Home Assistant's.
type MQTT struct {
	Broker    string `toml:"broker"` // such as "mqtt://192.168.1.30" or "mqtts://broker.example:8883"; "" is none
	User      string `toml:"user"`
	Password  string `toml:"password"`
	CA        string `toml:"ca"`        // a PEM file with who may have signed the broker's certificate; "" are those that the machine trusts
	Topic     string `toml:"topic"`     // that every topic of Ringfence's begins with
	Discovery string `toml:"discovery"` // under which Home Assistant looks for devices
}

// The ports of MQTT (OASIS MQTT 5.0, section 4.2), by the schemes that are usual for its addresses.
var mqttPorts = map[string]string{"mqtt": "1883", "mqtts": "8883"}

func (m MQTT) validate() error {
	if m.Broker == "" {
		return nil
	}
	u, err := url.Parse(m.Broker)
	if err != nil || mqttPorts[u.Scheme] == "" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" {
		return fmt.Errorf(`mqtt.broker is %q: write it like "mqtt://192.168.1.30:1883", or "mqtts://…" with encryption; user and password are settings of their own`, withoutUser(m.Broker))
	}
	if u.Scheme == "mqtt" && isElsewhere(u.Hostname()) {
		return fmt.Errorf(`mqtt.broker is %q, where others could listen in: write "mqtts://…", or the address of a machine in your home network`, m.Broker)
	}
	for name, topic := range map[string]string{"topic": m.Topic, "discovery": m.Discovery} {
		if topic == "" || strings.ContainsAny(topic, "+#\x00 ") || strings.HasPrefix(topic, "/") || strings.HasSuffix(topic, "/") || strings.HasPrefix(topic, "$") {
			return fmt.Errorf("mqtt.%s is %q: it is one or more words with / between them, such as %q", name, topic, "ringfence")
		}
	}
	return nil
}

// withoutUser is an address as a log may show it: who writes a user into it mostly writes the password there, too.
func withoutUser(address string) string {
	at := strings.LastIndex(address, "@")
	if at < 0 {
		return address
	}
	scheme, _, found := strings.Cut(address[:at], "//")
	if !found {
		return "…" + address[at:]
	}
	return scheme + "//…" + address[at:]
}

// Address is where the broker is, with its port.
func (m MQTT) Address() (*url.URL, error) {
	u, err := url.Parse(m.Broker)
	if err != nil {
		return nil, err
	}
	if u.Port() == "" {
		u.Host += ":" + mqttPorts[u.Scheme]
	}
	return u, nil
}

// Secret is the password for the broker; "" if there is none.
func (m MQTT) Secret() (string, error) {
	return secret(owned{name: "the password for the MQTT broker", foreign: true}, m.Password)
}

// TLS is how the broker's certificate is verified; nil without encryption.
func (m MQTT) TLS() (*tls.Config, error) {
	u, err := m.Address()
	if err != nil || u.Scheme != "mqtts" {
		return nil, err
	}
	c := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	if m.CA == "" {
		return c, nil
	}
	text, err := os.ReadFile(m.CA)
	if err != nil {
		return nil, fmt.Errorf("mqtt.ca cannot be read: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(text) {
		return nil, errors.New("mqtt.ca has no certificate in it: it has to be a PEM file")
	}
	return c, nil
}
