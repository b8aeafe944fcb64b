package household

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// Option is one thing that a household can choose, beside its mode and its schedule. The pages, the interface for programs, the command
// `option` and the documentation are made from the table of options: none of them has a list of its own. A value is written in words that
// are the same everywhere, such as "turn-away" or "24h".
type Option struct {
	Name    string // at the command line and in forms; programs write _ for -
	JSON    string // its name for programs; "" where they cannot choose it
	Page    string // the page of the settings where it is chosen, as in its address; "" for none of them
	Section string // of that page; "" where it stands alone
	Title   string // for people
	Hint    string // what they should know before they choose
	Help    string // the same, for the command line
	Input   Input
	Values  []Value           // to choose from; of an option that can be typed, those that a page offers
	Typed   string            // how a value is typed, such as "off|on"
	Kind    screening.Code    // the kind of callers that it is about; "" for none
	Role    store.Role        // needed to choose it; "": any that may change the household
	field   func(*Chosen) any // a pointer to the value
	word    func(Chosen) string
	set     func(*Chosen, string) error
	check   func(ctx context.Context, a Admin, was, now Chosen) error // why it can't be chosen with everything else as it is; nil: it can
	say     func(Chosen) string                                       // a sentence; nil: the title and the value
	unset   bool                                                      // choosing the present value is a choice too, because what ringfence.toml says can change
	column  store.Column
	save    func(context.Context, *store.Store, Chosen) error // nil: into column
}

// Value is one that an option can have.
type Value struct{ Word, Words, More string }

// Input is how a value is entered.
type Input string

// The inputs.
const (
	Choice      Input = "choice" // one of Values
	Switch      Input = "switch" // on or off
	Number      Input = "number"
	Hours       Input = "hours"
	PhoneNumber Input = "telephone" // a number, or none
	Text        Input = "text"
	Days        Input = "days"
	Country     Input = "country"
	// CountryRules are what is done with callers from some countries.
	CountryRules Input = "countries"
)

// Options is the table.
func Options() []Option { return options }

// OptionByName finds one.
func OptionByName(name string) (Option, bool) {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return Option{}, false
	}
	return options[i], true
}

// Chosen is what a household has chosen, with what applies where it has chosen nothing.
type Chosen struct {
	screening.Household
	About    store.About
	FromFile FromFile
}

// Chosen reads it.
func (a Admin) Chosen(ctx context.Context) (Chosen, error) {
	house, err := a.Store.Household(ctx, a.Household)
	if err != nil {
		return Chosen{}, err
	}
	about, err := a.Store.About(ctx, a.Household)
	return Chosen{a.Complete(house), about, a.FromFile}, err
}

// Word is the value of an option as it is typed.
func (o Option) Word(c Chosen) string { return o.word(c) }

// Words is the value for people.
func (o Option) Words(c Chosen) string {
	word := o.word(c)
	for _, v := range o.Values {
		if v.Word == word {
			return v.Words
		}
	}
	return spoken(o.Input, word)
}

// Sentence says for people what applies.
func (o Option) Sentence(c Chosen) string {
	if o.say != nil {
		return o.say(c)
	}
	return o.Title + ": “" + o.Words(c) + "” from now on."
}

// MayChoose says whether somebody who may change the household may choose an option.
func (a Actor) MayChoose(o Option) bool { return o.Role == "" || a.Role.Covers(o.Role) }

// Seen is what a form shows of some options, for the form to carry. If that is no longer how things are when the form comes back, the form is stale.
func (c Chosen) Seen(some ...Option) string {
	seen := map[string]string{}
	for _, o := range some {
		seen[o.Name] = o.word(c)
	}
	return written(seen)
}

// SetOptions chooses values, by the names of their options. seen is what the form showed, "" without a form.
func (a Admin) SetOptions(ctx context.Context, seen string, values map[string]string) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		was, err := a.Chosen(ctx)
		if err != nil {
			return change{}, err
		}
		shown, err := was.stale(seen)
		if err != nil {
			return change{}, err
		}
		now := was
		for name := range values {
			if _, known := OptionByName(name); !known {
				return change{}, refuse("There is no option %s.", name)
			}
		}
		for _, o := range options { // in their order: a carer's number has to be set before what uses it
			value, sent := values[o.Name]
			if word, is := shown[o.Name]; sent && !(is && word == value) { // a value left as it was shown is not a choice
				if err := o.set(&now, strings.TrimSpace(value)); err != nil {
					return change{}, because(Unfit, err)
				}
			}
		}
		return a.replace(ctx, was, now)
	})
}

// stale refuses a form that shows something else than what applies now; it returns what the form shows.
func (c Chosen) stale(seen string) (shown map[string]string, err error) {
	if shown, err = read(seen); err != nil {
		return nil, err
	}
	var others []string
	for _, o := range options {
		if word, was := shown[o.Name]; was && word != o.word(c) {
			others = append(others, strings.TrimSuffix(o.Sentence(c), " from now on."))
		}
	}
	return shown, changedMeanwhile(others)
}

// replace saves the options that differ, each by itself, so that what somebody else changes meanwhile stays. Be it a choice or an undo, only options
// that change are checked, so that what was already wrong does not block something else.
func (a Admin) replace(ctx context.Context, was, now Chosen) (change, error) {
	var changed []Option
	for _, o := range options {
		differs := !reflect.DeepEqual(o.value(&was), o.value(&now))
		if !differs || !o.unset && o.word(was) == o.word(now) {
			continue
		}
		if !a.Actor.MayChoose(o) {
			return change{}, refuseAs(NotAllowed, "Only an owner of this household can choose that.")
		}
		if o.check != nil {
			if err := o.check(ctx, a, was, now); err != nil {
				return change{}, err
			}
		}
		if err := a.saveOption(ctx, o, now); err != nil {
			return change{}, err
		}
		changed = append(changed, o)
	}
	if len(changed) == 0 {
		return change{sentence: "Nothing has changed."}, nil
	}
	c := change{word: OptionChanged, undo: &undo{What: OptionChanged, Options: map[string]optionUndo{}}}
	var sentences, before, after []string
	for _, o := range changed {
		prefix := ""
		if len(changed) > 1 {
			prefix = o.Title + ": "
		}
		sentences = append(sentences, o.Sentence(now))
		before, after = append(before, prefix+o.Words(was)), append(after, prefix+o.Words(now))
		u, err := undoOf(o, was, now)
		if err != nil {
			return change{}, err
		}
		c.undo.Options[o.Name] = u
	}
	c.sentence, c.before, c.after = strings.Join(sentences, " "), strings.Join(before, "; "), strings.Join(after, "; ")
	return c, nil
}

func (a Admin) saveOption(ctx context.Context, o Option, now Chosen) error {
	if o.save != nil {
		return o.save(ctx, a.Store, now)
	}
	return a.Store.SetOption(ctx, a.Household, o.column, o.value(&now))
}

// value is an option's value in c, as it is stored.
func (o Option) value(c *Chosen) any {
	value := reflect.ValueOf(o.field(c)).Elem().Interface()
	if d, is := value.(time.Duration); is {
		return int64(d / time.Second)
	}
	return value
}

// optionUndo is what an option was before and after, as it stands in Chosen.
type optionUndo struct {
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

func undoOf(o Option, was, now Chosen) (u optionUndo, err error) {
	if u.Before, err = json.Marshal(o.field(&was)); err != nil {
		return u, err
	}
	u.After, err = json.Marshal(o.field(&now))
	return u, err
}

// undoOptions restores options, if nobody has changed them since.
func (a Admin) undoOptions(ctx context.Context, back undo) (change, error) {
	was, err := a.Chosen(ctx)
	if err != nil {
		return change{}, err
	}
	now := was
	for _, o := range options {
		u, is := back.Options[o.Name]
		if !is {
			continue
		}
		since, err := undoOf(o, was, was)
		if err != nil {
			return change{}, err
		}
		if string(since.After) != string(u.After) {
			return change{}, tooLate(o.Sentence(was))
		}
		if err := json.Unmarshal(u.Before, o.field(&now)); err != nil {
			return change{}, err
		}
	}
	return a.replace(ctx, was, now)
}

// written encodes what a form shows, for the form to carry; "" for nothing.
func written(seen map[string]string) string {
	text, _ := json.Marshal(seen) // strings can always be written
	return string(text)
}

func read(seen string) (map[string]string, error) {
	if seen == "" {
		return nil, nil
	}
	var shown map[string]string
	if json.Unmarshal([]byte(seen), &shown) != nil {
		return nil, refuse("This form can't be read. Please open the page again.")
	}
	return shown, nil
}

// fresh refuses a form that showed something else than there is now, which sentence says. seen is what it showed, "" without a form.
func fresh(seen, now, sentence string) error {
	if seen == "" || seen == now {
		return nil
	}
	return changedMeanwhile([]string{sentence})
}

// changedMeanwhile refuses a stale form, and says what somebody else has changed; nil if nothing was.
func changedMeanwhile(others []string) error {
	if len(others) == 0 {
		return nil
	}
	for i, sentence := range others {
		others[i] = strings.TrimSuffix(sentence, ".") + "."
	}
	return refuseAs(Conflict, "Somebody else has just changed this, so nothing is saved yet. It is now: %s Please choose again.", strings.Join(others, " "))
}

func tooLate(now string) error {
	return refuseAs(Conflict, "That can't be undone any more: it has been changed since. %s", now)
}
