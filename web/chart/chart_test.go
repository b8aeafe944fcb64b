package chart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// node is an element of a drawing that was parsed again.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (n node) float(t *testing.T, name string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(n.attr(name), 64)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return f
}

// all are the elements of a name, at any depth.
func (n node) all(name string) (found []node) {
	for _, c := range n.Children {
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func draw(t *testing.T, b Bars) node {
	t.Helper()
	markup, err := b.SVG()
	if err != nil {
		t.Fatal(err)
	}
	var n node
	d := xml.NewDecoder(strings.NewReader(string(markup)))
	if err := d.Decode(&n); err != nil {
		t.Fatalf("%v in %s", err, markup)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("something stands behind the drawing: %v", err)
	}
	return n
}

func week() Bars {
	return Bars{
		ID: "week", Title: "Calls", Description: "By weekday.", Labels: []string{"Mon", "Tue", "", "Thu"},
		Series: []Series{{"Rang", []int{1, 0, 3, 7}}, {"Screened", []int{2, 0, 0, 3}}, {"Turned away", []int{0, 1, 0, 2}}},
	}
}

// Every value is a part of its bar, as high as it says, on top of those below it, with the pattern of its series.
func TestBarsAreAsHighAsTheirValues(t *testing.T) {
	b := week()
	n := draw(t, b)
	var parts []node // without the legend, and without those of the patterns
	for _, c := range n.Children {
		if c.XMLName.Local == "rect" {
			parts = append(parts, c)
		}
	}
	parts = parts[len(b.Series):]
	lines := n.all("line")
	bottom, top := lines[0].float(t, "y1"), lines[len(lines)-1].float(t, "y1")
	end := 15.0 // the first scale above 12 in steps that are easy to count
	if len(lines) != 4 || bottom-top != plotHeight {
		t.Fatalf("%d lines from %v to %v", len(lines), bottom, top)
	}
	unit := (bottom - top) / end
	next := 0
	for bar := range b.Labels {
		foot := bottom
		for series, s := range b.Series {
			if s.Values[bar] == 0 {
				continue
			}
			p := parts[next]
			next++
			head, height := p.float(t, "y"), p.float(t, "height")
			if math.Abs(head+height-foot) > 1e-6 || math.Abs(height-unit*float64(s.Values[bar])) > 1e-6 {
				t.Errorf("%s of bar %d is from %v up to %v", s.Name, bar, head+height, head)
			}
			if p.attr("fill") != fmt.Sprintf("url(#week-%d)", series+1) {
				t.Errorf("%s has the pattern %s", s.Name, p.attr("fill"))
			}
			foot = head
		}
	}
	if next != len(parts) {
		t.Errorf("%d parts are drawn, not %d", len(parts), next)
	}
	var texts []string
	for _, x := range n.all("text") {
		texts = append(texts, x.Text)
	}
	want := []string{"Rang", "Screened", "Turned away", "0", "5", "10", "15", "3", "Mon", "1", "Tue", "3", "12", "Thu"}
	if !slices.Equal(texts, want) {
		t.Errorf("%q", texts)
	}
}

// A screen reader gets one image with a title and a description; nothing needs a style or a script; all that is referred to
// is there, once.
func TestDrawingIsAccessibleAndPlain(t *testing.T) {
	hostile := `"><script>alert(1)</script>&`
	b := week()
	b.Title, b.Description, b.Labels[0], b.Series[0].Name = hostile+"title", hostile+"description", hostile, hostile
	n := draw(t, b)
	ids := map[string]string{}
	var walk func(n node)
	walk = func(n node) {
		if !slices.Contains([]string{"svg", "title", "desc", "defs", "pattern", "g", "line", "rect", "text"}, n.XMLName.Local) {
			t.Errorf("there is an element %s", n.XMLName.Local)
		}
		if id := n.attr("id"); id != "" {
			if _, twice := ids[id]; twice {
				t.Errorf("the id %s is there twice", id)
			}
			ids[id] = n.Text
		}
		for _, a := range n.Attrs {
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") {
				t.Errorf("there is an attribute %s", a.Name.Local)
			}
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(n)
	if n.attr("role") != "img" || ids[n.attr("aria-labelledby")] != hostile+"title" || ids[n.attr("aria-describedby")] != hostile+"description" {
		t.Errorf("%+v", n.Attrs)
	}
	for _, r := range n.all("rect") {
		if fill := r.attr("fill"); fill != "" {
			if _, there := ids[strings.TrimSuffix(strings.TrimPrefix(fill, "url(#"), ")")]; !there {
				t.Errorf("there is no %s", fill)
			}
		}
	}
	// No two patterns are alike, even without colours.
	seen := map[string]bool{}
	for _, p := range n.all("pattern") {
		look := p.attr("patternTransform")
		for _, ink := range p.all("g") {
			for _, r := range ink.Children {
				look += fmt.Sprint(r.attr("x"), ",", r.attr("y"), ",", r.attr("width"), ",", r.attr("height"), ";")
			}
		}
		if seen[look] {
			t.Errorf("two patterns are %q", look)
		}
		seen[look] = true
	}
}

// All of it lies within the picture, however many bars and however large the values.
func TestDrawingsFit(t *testing.T) {
	for _, bars := range []int{1, 7, 24, 31} {
		for _, value := range []int{0, 1, 9, 99, 12345} {
			b := Bars{ID: "d", Title: "t", Description: "d", Labels: make([]string, bars)}
			for _, name := range []string{"Rang", "Screened", "Turned away", "Could only leave a message"} {
				values := make([]int, bars)
				for i := range values {
					values[i] = value
				}
				b.Series = append(b.Series, Series{name, values})
			}
			n := draw(t, b)
			var w, h float64
			if _, err := fmt.Sscanf(n.attr("viewBox"), "0 0 %g %g", &w, &h); err != nil {
				t.Fatal(err)
			}
			for _, c := range n.Children {
				switch c.XMLName.Local {
				case "rect":
					if x, y := c.float(t, "x"), c.float(t, "y"); x < 0 || y < 0 || x+c.float(t, "width") > w || y+c.float(t, "height") > h {
						t.Errorf("%d bars of %d: %+v", bars, value, c.Attrs)
					}
				case "text":
					x, y, length := c.float(t, "x"), c.float(t, "y"), letter*float64(len(c.Text))
					from := x
					switch c.attr("text-anchor") {
					case "middle":
						from = x - length/2
					case "end":
						from = x - length
					}
					if from < -letter || from+length > w+letter || y < 8 || y > h {
						t.Errorf("%d bars of %d: %q at %v, %v", bars, value, c.Text, x, y)
					}
				}
			}
		}
	}
}

func TestScale(t *testing.T) {
	for most, want := range map[int]int{1: 1, 5: 1, 6: 2, 10: 2, 11: 5, 25: 5, 26: 10, 50: 10, 51: 20, 100: 20, 101: 50, 12345: 5000} {
		if got := step(most); got != want {
			t.Errorf("up to %d by %d, not by %d", most, got, want)
		}
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	for name, change := range map[string]func(*Bars){
		"id":     func(b *Bars) { b.ID = `x" onload="` },
		"series": func(b *Bars) { b.Series = nil },
		"many":   func(b *Bars) { b.Series = make([]Series, 5) },
		"values": func(b *Bars) { b.Series[1].Values = b.Series[1].Values[1:] },
		"below":  func(b *Bars) { b.Series[1].Values[0] = -1 },
		"bars":   func(b *Bars) { b.Labels = nil },
	} {
		b := week()
		change(&b)
		if markup, err := b.SVG(); err == nil {
			t.Errorf("%s: %s", name, markup)
		}
	}
}
