package config

// Metrics is where Prometheus asks.
type Metrics struct {
	Listen string `toml:"listen"` // "" is nowhere
}

func (m Metrics) validate() error {
	if m.Listen == "" {
		return nil
	}
	_, _, err := hostPort("metrics.listen", m.Listen, 9464)
	return err
}
