package main

import (
	"debug/buildinfo"
	"fmt"
	"strings"

	"ringfence/app"
	"ringfence/licences"
)

// bill is a bill of materials in CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/), as far as it is used here. It has no time and no serial
// number, so that the same program has the same bill.
type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl,omitempty"`
	Licences   []licensed `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type licensed struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// billOf reads what a program was built from: Go writes it into each (runtime/debug.BuildInfo).
func billOf(program string) (bill, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return bill{}, err
	}
	self := component{Type: "application", Ref: "ringfence", Name: "ringfence", Version: app.Release}
	for _, s := range info.Settings {
		switch s.Key {
		case "GOARCH", "GOARM", "vcs.revision":
			self.Properties = append(self.Properties, property{"go:" + s.Key, s.Value})
		}
	}
	self.Licences = under("Apache-2.0")
	made := bill{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{self}}
	version := strings.TrimPrefix(info.GoVersion, "go")
	err = made.add(component{Type: "library", Name: "std", Version: version, PURL: "pkg:golang/std@" + version})
	if err != nil {
		return bill{}, err
	}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		err = made.add(component{
			Type: "library", Name: module.Path, Version: module.Version, PURL: "pkg:golang/" + module.Path + "@" + module.Version,
			Properties: []property{{"go:sum", module.Sum}},
		})
		if err != nil {
			return bill{}, err
		}
	}
	var all []string
	for _, c := range made.Components {
		all = append(all, c.Ref)
	}
	made.Dependencies = []dependency{{self.Ref, all}}
	return made, nil
}

// add adds a component, with its licence.
func (b *bill) add(c component) error {
	id := licences.Of(c.Name)
	if id == "" {
		return fmt.Errorf("the licence of %s is not known: run \"go generate ./licences\"", c.Name)
	}
	c.Ref, c.Licences = c.PURL, under(id)
	b.Components = append(b.Components, c)
	return nil
}

func under(id string) []licensed {
	var one licensed
	one.License.ID = id
	return []licensed{one}
}
