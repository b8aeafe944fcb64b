package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
)

// leftToMode is the word for a kind of callers that is left to the mode. Programs write "".
const leftToMode = "mode"

// apiOptions tells what a household has chosen beside its mode and its schedule.
func (s apiHandlers) apiOptions(w http.ResponseWriter, r *http.Request, v *visit) error {
	chosen, err := s.admin(v).Chosen(r.Context())
	if err != nil {
		return err
	}
	var answer apiChosen
	for _, o := range household.Options() {
		if o.JSON != "" {
			answer = append(answer, apiOption{o.JSON, toJSON(o, o.Word(chosen), v.Household.Region)})
		}
	}
	return s.give(w, http.StatusOK, answer)
}

// apiSetOptions changes what is sent, and leaves the rest.
func (s apiHandlers) apiSetOptions(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent map[string]json.RawMessage
	if err := take(r, &sent); err != nil {
		return err
	}
	words := map[string]string{}
	for _, o := range household.Options() {
		value, is := sent[o.JSON]
		if delete(sent, o.JSON); !is || string(value) == "null" {
			continue
		}
		word, err := fromJSON(o, value)
		if err != nil {
			return notThatJSON(o.JSON + ": " + err.Error())
		}
		words[o.Name] = word
	}
	for name := range sent {
		return notThatJSON("unknown field " + strconv.Quote(name))
	}
	if _, err := s.admin(v).SetOptions(r.Context(), "", words); err != nil {
		return asFault(err)
	}
	return s.apiOptions(w, r, v)
}

// apiChosen are options in their order.
type apiChosen []apiOption

type apiOption struct {
	name  string
	value any
}

// MarshalJSON writes them as the fields of one object.
func (c apiChosen) MarshalJSON() ([]byte, error) {
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
