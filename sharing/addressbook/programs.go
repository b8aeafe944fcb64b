package addressbook

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"ringfence/sharing/filekind"
	"ringfence/sharing/programs"
)

var errDamaged = errors.New("the compressed file (gzip) ends too early or is damaged: export or download it once more")

// unpacked is a file as it was before it was compressed with gzip, if it was, and what it is. limit is how much more of it may come.
func unpacked(file io.Reader) (raw *bufio.Reader, kind filekind.Kind, limit *io.LimitedReader, err error) {
	for packed := false; ; packed = true {
		limit = &io.LimitedReader{R: file, N: MaxFile + 1}
		raw = bufio.NewReaderSize(limit, buffer)
		head, err := raw.Peek(filekind.Beginning)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, "", limit, err
		}
		kind = filekind.Of(head)
		if packed || kind != filekind.Gzip {
			return raw, kind, limit, nil
		}
		if file, err = gzip.NewReader(raw); err != nil {
			return nil, "", limit, errDamaged
		}
	}
}

// readProgram reads the phone book of a phone or router, or the callers whom another call blocker lets through. Those whom it blocks are refused.
func readProgram(kind filekind.Kind, file io.Reader, o Options) (Book, error) {
	if len(o.Columns) > 0 {
		return Book{}, fmt.Errorf("this is %s, which has no columns to choose from: leave out the column", kind.Title())
	}
	book := Book{Form: strings.TrimPrefix(strings.TrimPrefix(kind.Title(), "an "), "a "), zeros: true}
	var count programs.Count
	last := 0
	r := programs.Reader{Kind: kind, Region: o.Region, Refuse: book.refuse}
	r.Take = func(p programs.Person) error {
		count.Add(p)
		if why := programs.ForContacts(kind, p); why != "" {
			book.refuse(p.Line, why)
			return nil
		}
		last = max(last+1, p.Line) // a file may have everybody in one line, and a row is known by its line
		row := Row{Line: last, Name: p.Name, Notes: p.Note}
		for _, n := range p.Numbers {
			row.numbers(n.Text)
		}
		return book.add(row)
	}
	if err := r.Read(file); err != nil {
		return book, err
	}
	if count.Blocked > 0 && len(book.Rows) == 0 {
		return book, fmt.Errorf("%s blocks everybody in this file: import it as a list, and not as contacts", kind.Program())
	}
	return book, nil
}
