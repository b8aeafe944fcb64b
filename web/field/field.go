// Package field is one field of a form: a label, an input, a hint, and what was wrong with what was typed.
package field

import _ "embed"

// Part is the template "field", which shows a Field. It is parsed with templates that have the function "field", which is New.
//
//go:embed field.html
var Part string

// Field is one field of a form. In a template:
//
//	{{template "field" (((field "email" "E-mail" .Data.Email).As "email").Hint "We never write to it unasked.")}}
type Field struct {
	Name, Label, Value, Type string
	Hinted, Wrong            string
	Autocomplete, Mode       string // the attributes autocomplete and inputmode
	Needed                   bool
	Long                     bool // several lines
}

// New is a field of one line of text, with an initial value.
func New(name, label, value string) Field {
	return Field{Name: name, Label: label, Value: value, Type: "text"}
}

// As sets the type of the input, such as "email".
func (f Field) As(kind string) Field { f.Type = kind; return f }

// Hint is a sentence below the label.
func (f Field) Hint(text string) Field { f.Hinted = text; return f }

// Error says what was wrong with it; "" if nothing was.
func (f Field) Error(text string) Field { f.Wrong = text; return f }

// Fill is the autocomplete attribute, such as "current-password".
func (f Field) Fill(token string) Field { f.Autocomplete = token; return f }

// Keys is the inputmode attribute, such as "tel".
func (f Field) Keys(mode string) Field { f.Mode = mode; return f }

// Required says that it must be filled in.
func (f Field) Required() Field { f.Needed = true; return f }

// Lines makes it a field of several lines.
func (f Field) Lines() Field { f.Long = true; return f }
