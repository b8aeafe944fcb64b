package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/web/backend"
)

// leftToMode is the word for a kind of callers that is left to the mode. Programs write "".
const leftToMode = "mode"

// options says what a household has chosen besides its mode and its schedule.
func (a *API) options(r *http.Request, v *backend.Visitor) (any, error) {
	chosen, err := a.Admin(v).Chosen(r.Context())
	if err != nil {
		return nil, err
	}
	var answer chosenJSON
	for _, o := range household.Options() {
		if o.JSON != "" {
			answer = append(answer, optionJSON{o.JSON, toJSON(o, o.Word(chosen), v.Household.Region)})
		}
	}
	return answer, nil
}

// setOptions changes what is sent, and leaves the rest.
func (a *API) setOptions(r *http.Request, v *backend.Visitor) (any, error) {
	var sent map[string]json.RawMessage
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, o := range household.Options() {
		if o.JSON == "" { // not for programs
			continue
		}
		value, is := sent[o.JSON]
		if delete(sent, o.JSON); !is || string(value) == "null" {
			continue
		}
		word, err := fromJSON(o, value)
		if err != nil {
			return nil, notThatJSON(o.JSON + ": " + err.Error())
		}
		words[o.Name] = word
	}
	for name := range sent {
		return nil, notThatJSON("unknown field " + strconv.Quote(name))
	}
	if _, err := a.Admin(v).SetOptions(r.Context(), "", words); err != nil {
		return nil, err
	}
	return a.options(r, v)
}

// chosenJSON are options in their order.
type chosenJSON []optionJSON

type optionJSON struct {
	name  string
	value any
}

// MarshalJSON writes them as the fields of one object.
func (c chosenJSON) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	for i, o := range c {
		value, err := json.Marshal(o.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(strconv.Quote(o.name) + ":")
		text.Write(value)
	}
	return append(append([]byte("{"), text.Bytes()...), '}'), nil
}

// toJSON is a value as programs get it.
func toJSON(o household.Option, word, region string) any {
	switch o.Input {
	case household.Switch:
		return word == "on"
	case household.Number:
		n, _ := strconv.ParseFloat(word, 64) // the option has written it
		return n
	case household.Hours:
		d, _ := time.ParseDuration(word) // likewise
		return d.Hours()
	case household.PhoneNumber:
		n, _ := screening.ParseNumber(word, region) // "" for none
		return n
	}
	if o.Kind != "" && word == leftToMode {
		return ""
	}
	return word
}

// fromJSON is the word for a value that a program has sent.
func fromJSON(o household.Option, value json.RawMessage) (word string, err error) {
	switch o.Input {
	case household.Switch:
		var on bool
		err := json.Unmarshal(value, &on)
		return map[bool]string{true: "on", false: "off"}[on], err
	case household.Number, household.Hours:
		var n float64
		err := json.Unmarshal(value, &n)
		if o.Input == household.Hours {
			return time.Duration(n * float64(time.Hour)).String(), err
		}
		return strconv.FormatFloat(n, 'g', -1, 64), err
	}
	err = json.Unmarshal(value, &word)
	if o.Kind != "" && word == "" {
		word = leftToMode
	}
	return word, err
}
