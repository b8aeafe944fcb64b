package cell

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ringfence/config"
	"ringfence/household"
)

// Import takes the lines and households of a ringfence.toml, all or none. Those that are there by the same name are replaced. In file mode they wait in
// the database until ringfence.toml says that they are there.
func (a Admin) Import(ctx context.Context, text []byte) (Done, error) {
	blocks, err := config.HomesIn(text)
	if err != nil {
		return Done{}, refuse(household.Unfit, err.Error())
	}
	if len(blocks.Households)+len(blocks.Trunks) == 0 {
		return Done{}, refuse(household.Unfit, "There is no [[household]] and no [[trunk]] in it.")
	}
	a.Settings.HouseholdsIn = config.InDatabase
	var before config.Homes
	done, err := a.do(ctx, func(_ context.Context, homes *config.Homes) (change, error) {
		before = config.Homes{Trunks: slices.Clone(homes.Trunks), Households: slices.Clone(homes.Households)}
		*homes = merged(before, blocks)
		c := change{word: HouseholdsImported, sentence: fmt.Sprintf("Imported %s and %s.", counted(len(blocks.Households), "household"), counted(len(blocks.Trunks), "line"))}
		if changed := homes.Changed(before); len(changed.Households)+len(changed.Trunks) == 0 {
			c = unchanged("all of them are there, just so")
		}
		return c, nil
	})
	if refusal := (*household.Refusal)(nil); errors.As(err, &refusal) {
		err = a.whereWrong(before, blocks, text, err) // when nobody waits for the database
	}
	return done, err
}

// merged are homes with others in place of those of the same name, or after them.
func merged(homes, others config.Homes) config.Homes {
	now := config.Homes{Trunks: slices.Clone(homes.Trunks), Households: slices.Clone(homes.Households)}
	places := map[string]int{}
	for i, t := range now.Trunks {
		places["trunk "+t.Name] = i
	}
	for i, h := range now.Households {
		places["household "+h.Name] = i
	}
	for _, t := range others.Trunks {
		if i, there := places["trunk "+t.Name]; there {
			now.Trunks[i] = t
			delete(places, "trunk "+t.Name) // a second one of the name is refused
		} else {
			now.Trunks = append(now.Trunks, t)
		}
	}
	for _, h := range others.Households {
		if i, there := places["household "+h.Name]; there {
			now.Households[i] = h
			delete(places, "household "+h.Name)
		} else {
			now.Households = append(now.Households, h)
		}
	}
	return now
}

// whereWrong names the line of the first block with which it does not work.
func (a Admin) whereWrong(before, blocks config.Homes, text []byte, why error) error {
	lines := config.LinesOfBlocks(text)
	sure := len(lines)
	for first := 0; first < sure; { // without the one at first it works, with the one at sure it does not
		middle := (first + sure) / 2
		some := config.Homes{Trunks: blocks.Trunks[:min(middle+1, len(blocks.Trunks))]}
		some.Households = blocks.Households[:max(0, middle+1-len(blocks.Trunks))]
		if err := a.check(before, merged(before, some)); err != nil {
			sure, why = middle, err
		} else {
			first = middle + 1
		}
	}
	if sure == len(lines) {
		return why
	}
	return refuse(household.Unfit, fmt.Sprintf("line %d: %s", lines[sure], why))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
