package cell

import "ringfence/config"

// Site is the lines and households of a machine, wherever they are, without their passwords. It is what pages and programs see, and a contract: fields
// are added, never renamed.
type Site struct {
	InDatabase bool        `json:"in_database"` // they can be changed here; otherwise they are in ringfence.toml
	File       string      `json:"-"`           // ringfence.toml
	Households []Household `json:"households"`
	Trunks     []Trunk     `json:"trunks"`
}

// Household is one of them.
type Household struct {
	Name     string            `json:"name"`
	Trunk    string            `json:"trunk"`
	Number   string            `json:"number"`
	Region   string            `json:"region"`
	Language string            `json:"language"`
	Timezone string            `json:"timezone"`
	Telecare []string          `json:"telecare"`
	Codes    map[string]string `json:"codes"`
	Phones   []Phone           `json:"phones"`
}

// Phone is a telephone of a household.
type Phone struct {
	Name    string `json:"name"`
	User    string `json:"user"`    // which it registers as; "" for one at a fixed address
	Address string `json:"address"` // "" for one that registers
}

// Trunk is a line.
type Trunk struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Register bool   `json:"register"`
	User     string `json:"user"`
	TLS      bool   `json:"tls"`
	Calls    int    `json:"calls"` // at a time; 0 is the usual
}

// Look shows the lines and households of settings.
func Look(s config.Settings) Site {
	site := Site{InDatabase: s.InDatabase(), File: s.File, Households: []Household{}, Trunks: []Trunk{}}
	for _, h := range s.WithoutRegions().Households {
		site.Households = append(site.Households, LookAt(h))
	}
	for _, t := range s.Trunks {
		site.Trunks = append(site.Trunks, Trunk{Name: t.Name, Address: t.Address, Register: t.Register, User: t.User, TLS: t.TLS, Calls: t.Calls})
	}
	return site
}

// LookAt shows one household.
func LookAt(h config.Household) Household {
	one := Household{
		Name: h.Name, Trunk: h.Trunk, Number: h.Number, Region: h.Region, Language: h.Language, Timezone: h.Timezone, Telecare: h.Telecare, Codes: h.Codes, Phones: []Phone{},
	}
	for _, p := range h.Phones {
		phone := Phone{Name: p.Name, Address: p.Address}
		if p.Address == "" {
			phone.User = h.Endpoint(p)
		}
		one.Phones = append(one.Phones, phone)
	}
	return one
}
