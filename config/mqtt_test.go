package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBrokers(t *testing.T) {
	usual := MQTT{Topic: "ringfence", Discovery: "homeassistant"}
	if err := usual.validate(); err != nil {
		t.Errorf("without a broker: %v", err)
	}
	for broker, address := range map[string]string{
		"mqtt://192.168.1.30": "192.168.1.30:1883", "mqtt://homeassistant.local:1884": "homeassistant.local:1884", "mqtts://broker.example": "broker.example:8883",
		"mqtts://8.8.8.8": "8.8.8.8:8883", "mqtt://[fd00::1]": "[fd00::1]:1883",
	} {
		m := usual
		m.Broker = broker
		u, err := m.Address()
		if wrong := m.validate(); wrong != nil || err != nil || u.Host != address {
			t.Errorf("%s: %v %v %v", broker, u, err, wrong)
		}
		if c, err := m.TLS(); err != nil || (c != nil) != strings.HasPrefix(broker, "mqtts") {
			t.Errorf("%s: encryption %v %v", broker, c, err)
		}
	}
	for wrong, words := range map[MQTT]string{
		{Broker: "192.168.1.30:1883", Topic: "a", Discovery: "b"}:                  "write it like",
		{Broker: "http://192.168.1.30", Topic: "a", Discovery: "b"}:                "write it like",
		{Broker: "mqtt://", Topic: "a", Discovery: "b"}:                            "write it like",
		{Broker: "mqtt://anna:secret@192.168.1.30", Topic: "a", Discovery: "b"}:    "settings of their own",
		{Broker: "mqtt://anna:secret/@192.168.1.30", Topic: "a", Discovery: "b"}:   `"mqtt://…@192.168.1.30"`,
		{Broker: "anna:secret@192.168.1.30", Topic: "a", Discovery: "b"}:           "write it like",
		{Broker: "mqtt://192.168.1.30/a", Topic: "a", Discovery: "b"}:              "write it like",
		{Broker: "mqtt://8.8.8.8", Topic: "a", Discovery: "b"}:                     "where others could listen in",
		{Broker: "mqtt://192.168.1.30", Topic: "ringfence/#", Discovery: "b"}:      "mqtt.topic",
		{Broker: "mqtt://192.168.1.30", Topic: "a", Discovery: ""}:                 "mqtt.discovery",
		{Broker: "mqtt://192.168.1.30", Topic: "$SYS", Discovery: "homeassistant"}: "mqtt.topic",
	} {
		if err := wrong.validate(); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestAuthorityOfABroker(t *testing.T) {
	m := MQTT{Broker: "mqtts://broker.example", CA: filepath.Join(t.TempDir(), "ca.pem")}
	if _, err := m.TLS(); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("without the file: %v", err)
	}
	if err := os.WriteFile(m.CA, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := m.TLS(); err == nil || !strings.Contains(err.Error(), "no certificate in it") {
		t.Errorf("with a file of another kind: %v", err)
	}
}
