package main

import (
	"debug/buildinfo"
	"fmt"
	"runtime/debug"
	"strings"

	"ringfence/app"
	"ringfence/licences"
	"ringfence/speech/modelfiles"
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
	Hashes     []hash     `json:"hashes,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Licences   []licensed `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
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
		if isOurs(module) {
			continue
		}
		err = made.add(component{
			Type: "library", Name: module.Path, Version: module.Version, PURL: "pkg:golang/" + module.Path + "@" + module.Version,
			Properties: []property{{"go:sum", module.Sum}},
		})
		if err != nil {
			return bill{}, err
		}
	}
	made.dependOnAll()
	return made, nil
}

// isOurs says whether a module is a folder of this repository.
func isOurs(module *debug.Module) bool { return strings.HasPrefix(module.Path, "./") }

// dependOnAll says that all components are needed.
func (b *bill) dependOnAll() {
	var all []string
	for _, c := range b.Components {
		all = append(all, c.Ref)
	}
	b.Dependencies = []dependency{{b.Metadata.Component.Ref, all}}
}

// speechLicence is that of the model and of what runs it; the package of speech recognition has their texts.
const speechLicence = "MIT"

// billOfSpeech is the bill of a package of speech recognition, for a kind of machine.
func billOfSpeech(arch string) (bill, error) {
	parts, err := modelfiles.Parts(arch)
	if err != nil {
		return bill{}, err
	}
	self := component{
		Type: "application", Ref: "ringfence-speech", Name: "ringfence-speech", Version: app.Release, Licences: under(speechLicence),
		Properties: []property{{"go:GOARCH", arch}},
	}
	made := bill{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{self}}
	for _, p := range parts {
		c := component{
			Type: "library", Name: p.Name, Version: p.Version, PURL: "pkg:pypi/" + p.Name + "@" + p.Version, Licences: under(speechLicence),
			Hashes: []hash{{"SHA-256", p.SHA256}},
		}
		if p.IsModel {
			c.Type = "machine-learning-model"
		}
		c.Ref = c.PURL
		made.Components = append(made.Components, c)
	}
	made.dependOnAll()
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
