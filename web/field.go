package web

// field is one thing to fill in, for the shared part "field". In a template:
//
//	{{template "field" (((field "email" "E-mail" .Data.Email).As "email").Hint "We never write to it unasked.")}}
type field struct {
	Name, Label, Value, Type string
	Hinted, Wrong            string
	Autocomplete, Mode       string // the attributes autocomplete and inputmode
	Needed                   bool
	Long                     bool // several lines
}

func newField(name, label, value string) field {
	return field{Name: name, Label: label, Value: value, Type: "text"}
}

// As sets the type of the input, such as "email".
func (f field) As(kind string) field { f.Type = kind; return f }

// Hint is a sentence below the label.
func (f field) Hint(text string) field { f.Hinted = text; return f }

// Error is what was wrong with it; "" is nothing.
func (f field) Error(text string) field { f.Wrong = text; return f }

// Fill is the autocomplete attribute, such as "current-password".
func (f field) Fill(token string) field { f.Autocomplete = token; return f }

// Keys is the inputmode attribute, such as "tel".
func (f field) Keys(mode string) field { f.Mode = mode; return f }

// Required says that it must be filled in.
func (f field) Required() field { f.Needed = true; return f }

// Lines makes it one of several lines.
func (f field) Lines() field { f.Long = true; return f }
