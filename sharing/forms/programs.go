package forms

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"ringfence/screening"
	"ringfence/sharing/filekind"
	"ringfence/sharing/programs"
	"ringfence/store/lists"
)

// begin looks at a file's beginning, and says what kind of file it is. What is compressed with gzip is read as what is in it.
func begin(file io.Reader) (raw *bufio.Reader, head []byte, kind filekind.Kind, err error) {
	for packed := false; ; packed = true {
		raw = bufio.NewReaderSize(&limited{from: file, left: maxFile, much: errTooLarge}, 2*filekind.Beginning)
		head, err = raw.Peek(filekind.Beginning)
		if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
			return nil, nil, "", err // what is wrong later in it is said with its line
		}
		if kind = filekind.Of(head); packed || kind != filekind.Gzip {
			return raw, head, kind, nil
		}
		if file, err = gzip.NewReader(raw); err != nil {
			return nil, nil, "", errors.New("the compressed file (gzip) is damaged: download it once more")
		}
	}
}

// program reads the phone books and lists of other programs. Callers whom a program lets through are never an entry.
func (i *Import) program(kind filekind.Kind, file io.Reader, take func(lists.Entry) error) error {
	var count programs.Count
	i.zeros = true // SpamBlocker, which takes them away, is read with care
	r := programs.Reader{Kind: kind, Region: i.Region, Refuse: func(line int, why string) { i.refuse(line, leave("%s", why)) }}
	r.Take = func(p programs.Person) error {
		count.Add(p)
		if p.Standing == programs.Known {
			i.Doubt = "its numbers are from " + kind.Title() + ", which does not say that it blocks these callers"
		}
		if i.Certain && p.Standing == programs.Known {
			return fmt.Errorf("%s doesn’t say that it blocks these callers, so nothing of it is published: write the scam numbers into a table, and publish that", kind.Title())
		}
		if why := programs.ForList(kind, p); why != "" {
			i.refuse(p.Line, leave("%s", why))
			return nil
		}
		if len(p.Numbers) == 0 {
			i.refuse(p.Line, leave("it has no number"))
		}
		for _, n := range p.Numbers {
			written := n.Text
			if n.Short && !i.isNumber(written) {
				written += "*"
			}
			e, err := i.entry(written, lists.Entry{Confidence: listed, Note: clean(joined(p.Name, p.Note), maxNote)})
			if err != nil {
				i.refuse(n.Line, err)
				continue
			}
			if err := take(e); err != nil {
				return err
			}
		}
		return nil
	}
	if err := r.Read(file); err != nil {
		return err
	}
	if count.Allowed > 0 && count.Blocked+count.Known == 0 {
		return fmt.Errorf("%s lets all %s in this file through: import it as contacts if they should ring here too", kind.Program(), screening.Counted(count.Allowed, "caller", "callers"))
	}
	return nil
}

// joined is a name with what is noted about it.
func joined(name, note string) string {
	switch {
	case name == "" || name == note:
		return note
	case note == "":
		return name
	}
	return name + ": " + note
}
