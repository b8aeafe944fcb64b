package cell

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"ringfence/config"
	"ringfence/household"
)

// Fields are settings of a line, a household or a phone, by their names in ringfence.toml. What is written as text may be anything that the setting takes:
// "20", "true", or "192.0.2.1, 192.0.2.2". An empty text, or nil, is no setting at all.
type Fields map[string]any

// set sets them in a trunk, a household or a phone.
func (f Fields) set(of any) error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if name == "name" || name == "phone" {
			return refuse(household.Unfit, fmt.Sprintf("%s can't be set like this.", name))
		}
		if err := setOne(of, name, f[name]); err != nil {
			return refuse(household.Unfit, fmt.Sprintf("%s: %s.", name, err))
		}
	}
	return nil
}

func setOne(of any, name string, value any) error {
	text, isText := value.(string)
	if value == nil || isText && text == "" && !strings.Contains(name, ".") { // one of the codes is switched off by an empty text
		return clear(of, name)
	}
	if number, is := value.(float64); is && number == math.Trunc(number) { // as JSON has it
		value = int64(number)
	}
	ways := []any{value}
	if isText {
		var parts []string
		for part := range strings.SplitSeq(text, ",") {
			parts = append(parts, strings.TrimSpace(part))
		}
		ways = append(ways, parts)
	}
	var first error
	for _, way := range ways {
		line, err := toml.Marshal(map[string]any{"v": way})
		if err == nil {
			err = config.Decode([]byte(name+strings.TrimPrefix(string(line), "v")), of)
		}
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if isText && config.Decode([]byte(name+" = "+text), of) == nil {
		return nil
	}
	return first
}

// clear takes a setting away.
func clear(of any, name string) error {
	whole := reflect.ValueOf(of).Elem()
	for i := range whole.NumField() {
		tag, _, _ := strings.Cut(whole.Type().Field(i).Tag.Get("toml"), ",")
		if tag == name {
			whole.Field(i).SetZero()
			return nil
		}
	}
	return fmt.Errorf("there is no such setting")
}
