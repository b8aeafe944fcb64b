package web

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"ringfence/internal/contracttest"
)

// Programs rely on what the description names: routes, the fields of schemas, and the fields and parameters of each request and answer. Their
// names are in testdata, which only grows: go test ./web -run Description -update
func TestDescriptionKeepsEveryName(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, schema := range doc.Components.Schemas {
		names = append(names, namesIn(name, schema)...)
	}
	for name, body := range doc.Components.RequestBodies {
		names = append(names, namesOfContent("requestBodies/"+name, body.Value.Content)...)
	}
	for name, response := range doc.Components.Responses {
		names = append(names, namesOfContent("responses/"+name, response.Value.Content)...)
	}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			place := method + ":" + path
			names = append(names, place)
			for _, p := range append(o.Parameters, item.Parameters...) {
				if p.Value.In != openapi3.ParameterInPath { // whose names nobody sends
					names = append(names, place+":"+p.Value.In+":"+p.Value.Name)
				}
			}
			if o.RequestBody != nil && o.RequestBody.Ref == "" {
				names = append(names, namesOfContent(place+":body", o.RequestBody.Value.Content)...)
			}
			for status, response := range o.Responses.Map() {
				if response.Ref == "" {
					names = append(names, namesOfContent(place+":"+status, response.Value.Content)...)
				}
			}
		}
	}
	contracttest.KeepNames(t, "testdata/api-names.txt", names, *update)
}

func namesOfContent(place string, content openapi3.Content) (names []string) {
	for _, media := range content {
		names = append(names, namesIn(place, media.Schema)...)
	}
	return names
}

// namesIn are the fields of a schema. Those of another one that it refers to are named there.
func namesIn(place string, schema *openapi3.SchemaRef) (names []string) {
	if schema == nil || schema.Ref != "" {
		return nil
	}
	for _, part := range schema.Value.AllOf {
		names = append(names, namesIn(place, part)...)
	}
	for name, field := range schema.Value.Properties {
		names = append(names, place+"."+name)
		names = append(names, namesIn(place+"."+name, field)...)
	}
	return append(names, namesIn(place+"[]", schema.Value.Items)...)
}
