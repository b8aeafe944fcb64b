package config

import "fmt"

// Metrics is where Prometheus asks, and where the page is that says how the machine is.
type Metrics struct {
	Listen string `toml:"listen"` // "" is nowhere
	// Households is how many households have metrics of their own. Those of the others are added up.
	Households int `toml:"households"`
}

func (m Metrics) validate() error {
	if m.Households < 0 {
		return fmt.Errorf("metrics.households is %d: give the number of households that get metrics of their own, or 0 for none", m.Households)
	}
	if m.Listen == "" {
		return nil
	}
	_, _, err := hostPort("metrics.listen", m.Listen, 9464)
	return err
}
