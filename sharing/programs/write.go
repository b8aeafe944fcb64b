package programs

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"slices"

	"ringfence/sharing/filekind"
)

// Written are the kinds of phone books that are written here: those whose makers, or many programs, say what they look like.
func Written() []filekind.Kind {
	return []filekind.Kind{filekind.FritzBox, filekind.Yealink, filekind.Snom, filekind.Gigaset, filekind.Grandstream, filekind.Cisco}
}

// Writer writes a phone book in XML.
type Writer struct {
	to   *bufio.Writer
	kind filekind.Kind
	made int
}

// NewWriter begins a phone book.
func NewWriter(to *bufio.Writer, kind filekind.Kind, name string) (*Writer, error) {
	if !slices.Contains(Written(), kind) {
		return nil, fmt.Errorf("there is no writer for %q", kind)
	}
	w := &Writer{to: to, kind: kind}
	w.put("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")
	switch kind {
	case filekind.FritzBox:
		w.put("<phonebooks>\n<phonebook name=\"", name, "\">\n")
	case filekind.Snom:
		w.put("<tbook e=\"2\" complete=\"true\">\n")
	case filekind.Gigaset:
		w.put("<!DOCTYPE LocalDirectory>\n<list>\n")
	case filekind.Grandstream:
		w.put("<AddressBook>\n<version>1</version>\n")
	default:
		w.put("<", w.root(), ">\n<Title>", name, "</Title>\n")
	}
	return w, nil
}

func (w *Writer) root() string {
	if w.kind == filekind.Cisco {
		return "CiscoIPPhoneDirectory"
	}
	return "YealinkIPPhoneDirectory"
}

// put writes markup and text in turn: every second piece is text. Flush reports errors of writing.
func (w *Writer) put(pieces ...string) {
	for i, piece := range pieces {
		if i%2 == 0 {
			_, _ = w.to.WriteString(piece)
		} else {
			_ = xml.EscapeText(w.to, []byte(piece))
		}
	}
}

// Add writes somebody with their numbers.
func (w *Writer) Add(name string, numbers ...string) {
	if len(numbers) == 0 {
		return
	}
	w.made++
	switch w.kind {
	case filekind.FritzBox:
		w.put("<contact><category>0</category><person><realName>", name, "</realName></person><telephony>")
		for i, n := range numbers {
			w.put("<number type=\"home\" prio=\"", map[bool]string{true: "1", false: "0"}[i == 0], fmt.Sprintf("\" id=\"%d\">", i), n, "</number>")
		}
		w.put("</telephony><services/><setup/></contact>\n")
	case filekind.Snom: // which shows people of one name together
		for _, n := range numbers {
			w.put("<item context=\"active\" type=\"none\"><name>", name, "</name><number>", n, "</number></item>\n")
		}
	case filekind.Gigaset:
		places := []string{"home1", "mobile1", "office1", "home2", "mobile2", "office2"}
		for some := range slices.Chunk(numbers, len(places)) {
			w.put("<entry surname=\"", name, "\" name=\"\"")
			for i, place := range places {
				number := ""
				if i < len(some) {
					number = some[i]
				}
				w.put(" "+place+"=\"", number, "\"")
			}
			w.put("/>\n")
		}
	case filekind.Grandstream:
		w.put(fmt.Sprintf("<Contact><id>%d</id><FirstName></FirstName><LastName>", w.made), name, "</LastName><Frequent>0</Frequent>")
		for i, n := range numbers {
			w.put("<Phone type=\""+[]string{"Home", "Cell", "Work"}[i%3]+"\"><phonenumber>", n, "</phonenumber><accountindex>1</accountindex></Phone>")
		}
		w.put("<Primary>0</Primary></Contact>\n")
	default:
		w.put("<DirectoryEntry><Name>", name, "</Name>")
		for _, n := range numbers {
			w.put("<Telephone>", n, "</Telephone>")
		}
		w.put("</DirectoryEntry>\n")
	}
}

// End ends the phone book.
func (w *Writer) End() error {
	switch w.kind {
	case filekind.FritzBox:
		w.put("</phonebook>\n</phonebooks>\n")
	case filekind.Snom:
		w.put("</tbook>\n")
	case filekind.Gigaset:
		w.put("</list>\n")
	case filekind.Grandstream:
		w.put("</AddressBook>\n")
	default:
		w.put("</", w.root(), ">\n")
	}
	return w.to.Flush()
}
