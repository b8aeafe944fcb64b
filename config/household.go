package config

import (
	"fmt"
	"time"

	"ringfence/asterisk"
	"ringfence/screening"
)

// Lines is what the scripts need to know of the households.
func (s Settings) Lines() map[string]screening.Line {
	lines := map[string]screening.Line{}
	router := map[string]bool{}
	for _, t := range s.Trunks {
		router[t.Name] = t.IsRouter()
	}
	for _, h := range s.Households {
		number, _ := screening.ParseNumber(h.Number, h.Region) // validated; "" if there is none
		zone, _ := h.Zone()                                    // likewise
		line := screening.Line{Region: h.Region, Number: number, Language: h.Language, Zone: zone, Router: router[h.Trunk]}
		for _, written := range h.Telecare {
			centre, _ := screening.ParseNumber(written, h.Region) // likewise
			line.Telecare = append(line.Telecare, centre)
		}
		lines[h.Name] = line
	}
	return lines
}

// Zone is the time zone of the household's clocks: the machine's own unless the settings name one.
func (h Household) Zone() (*time.Location, error) {
	if h.Timezone == "" {
		return time.Local, nil
	}
	zone, err := time.LoadLocation(h.Timezone)
	if err != nil {
		return nil, fmt.Errorf("the household %s has the timezone %q, which is not known: write it like Europe/London", h.Name, h.Timezone)
	}
	return zone, nil
}

// Contacts are the SIP addresses at which trunks, and phones with a fixed address, are called, by PJSIP endpoint.
func (s Settings) Contacts() map[string]string {
	site, _ := s.draft("") // what is wrong with it is said where it is used
	all := map[string]string{}
	for _, t := range site.Trunks {
		all[t.Endpoint()] = t.Contact()
	}
	for _, h := range site.Households {
		for _, p := range h.Phones {
			if p.Address != "" {
				all[h.Endpoint(p)] = p.Contact()
			}
		}
	}
	return all
}

// Endpoint is the PJSIP endpoint of one of the household's phones, and its user name.
func (h Household) Endpoint(p Phone) string {
	return asterisk.Household{Name: h.Name}.Endpoint(asterisk.Phone{Name: p.Name})
}

// Endpoints are the PJSIP endpoints of the phones, by household.
func (s Settings) Endpoints() map[string][]string {
	all := map[string][]string{}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			all[h.Name] = append(all[h.Name], h.Endpoint(p))
		}
	}
	return all
}
