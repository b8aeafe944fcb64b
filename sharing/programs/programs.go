// Package programs reads the phone books of phones and routers, and the lists of other call blockers: XML, JSON, LDIF, SQLite and their own kinds of text. It tells
// the callers whom a program lets through from those whom it blocks, so that the first never become a list of scams, and the second never contacts.
//
// A file is hostile input: it is read within limits, as it comes in, and what can't be used is reported with its line while the rest goes in.
package programs

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/filekind"
)

// Standing is what the program that wrote a file does with somebody's calls.
type Standing int

// The standings.
const (
	Known   Standing = iota // it has them in a phone book, or does not say
	Allowed                 // it lets them through
	Blocked                 // it turns them away
)

// Number is a number as a file has it. One that ends in * stands for all numbers that begin so.
type Number struct {
	Line int
	Text string
	// Short says that the program takes the number for a beginning: if it is too short to be one, it stands for all numbers that begin so.
	Short bool
}

// Person is somebody in a file.
type Person struct {
	Line     int // in a file without lines, which of its entries
	Name     string
	Note     string
	Numbers  []Number
	Standing Standing
}

// Reader reads files.
type Reader struct {
	Kind   filekind.Kind
	Region string                     // of national numbers; only SpamBlocker's files need it
	Take   func(Person) error         // an error ends the reading
	Refuse func(line int, why string) // what is right for such a file, but is left out
	// MostBytes is how large a database may be; 0 is 256 MB.
	MostBytes int64
}

const (
	maxText    = 4096   // bytes of a name, number or note; the rest is cut
	maxParts   = 10_000 // parts of one person, such as numbers
	maxTokens  = 1 << 20
	maxDepth   = 40
	maxLine    = 64 << 10
	maxEntries = 2_000_000
)

// Reads says whether files of a kind are read here.
func Reads(kind filekind.Kind) bool { return (&Reader{Kind: kind}).method() != nil }

// Read reads a file in UTF-8 (or, if it is none, Windows-1252). The error is a plain sentence about the file as a whole, or what Take returned.
func (r *Reader) Read(from io.Reader) error {
	read := r.method()
	if read == nil {
		return fmt.Errorf("there is no reader for %q", r.Kind)
	}
	return read(from)
}

// method is what reads files of the kind; nil if nothing does.
func (r *Reader) method() func(io.Reader) error {
	switch r.Kind {
	case filekind.LDIF:
		return r.ldif
	case filekind.CallBlocker:
		return r.callBlocker
	case filekind.SpamBlocker:
		return r.spamBlocker
	case filekind.Database:
		return r.database
	case filekind.YetAnother, filekind.SpamBlockerTable:
		return r.tableOf
	case filekind.NoPhoneSpam:
		return r.noPhoneSpam
	case filekind.Fossify:
		return r.fossify
	}
	if r.Kind.IsPhoneBook() {
		return r.phoneBook
	}
	return nil
}

// Count counts what a file had by its standing, so that a refusal can say which command takes it.
type Count struct{ Known, Allowed, Blocked int }

// Add counts somebody.
func (c *Count) Add(p Person) {
	switch p.Standing {
	case Allowed:
		c.Allowed++
	case Blocked:
		c.Blocked++
	default:
		c.Known++
	}
}

// ForList says why somebody is no entry of a list of scams; "" if they can be.
func ForList(kind filekind.Kind, p Person) string {
	if p.Standing == Allowed {
		return fmt.Sprintf("%s lets this caller through, so it is no scam", kind.Program())
	}
	return ""
}

// ForContacts says why somebody is no contact; "" if they can be.
func ForContacts(kind filekind.Kind, p Person) string {
	if p.Standing == Blocked {
		return fmt.Sprintf("%s blocks this caller: import the file as a list if you want that here too", kind.Program())
	}
	return ""
}

// text is what a file says, as one line.
func text(written string) string { return screening.CleanLine(written, maxText) }

var errTooMany = fmt.Errorf("there are more than %d entries in the file: import it in parts", maxEntries)

// blocking are the words in a book's or group's name that show that it blocks those who are in it.
func blocking(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{
		"blacklist", "black list", "blocklist", "block list", "blocked", "barring", "barred", "denied", "deny", "reject", "unwanted", "nuisance", "spam", "scam",
		"rufsperre", "sperrliste", "gesperrt", "unerwünscht", "liste noire", "bloqué", "indésirable", "lista negra", "bloquead", "lista nera", "bloccat", "zwarte lijst", "geblokkeerd",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

var errCutOff = errors.New("the file ends too early: export or download it once more")
