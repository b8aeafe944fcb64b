// Package chart draws bar charts as SVG, on the server and without script. It is pure: numbers and words go in, markup comes out.
//
// To a screen reader a chart is one image, with a title and a description; the page puts a table with the same figures beside it. Series have patterns as well as
// colours, so that they can be told apart in black and white. The page's style sheet has the colours, for the classes chart, chart-1 to chart-4 (the grounds),
// chart-ink (the patterns on them), chart-edge, chart-line and chart-text; the markup has no styles, which a Content-Security-Policy would refuse.
package chart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// Bars are stacked bars side by side.
type Bars struct {
	ID          string // the chart's id on its page: lower-case letters, digits and hyphens
	Title       string
	Description string
	Labels      []string // below the bars, one for each; may be ""
	Series      []Series // from the bottom to the top, at most 4
}

// Series is one part of all bars.
type Series struct {
	Name   string
	Values []int // one for each bar, none negative
}

// Sizes in the chart's own units: it becomes as wide as the page lets it. They are chosen for a phone's screen, where a unit is a little less than a pixel.
const (
	width      = 400.0
	right      = 4.0
	plotHeight = 150.0
	above      = 16.0 // room above the highest bar, for its total
	below      = 20.0 // room for labels
	legendRow  = 20.0
	letter     = 6.6 // the assumed width of a letter
)

var goodID = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (b Bars) check() error {
	if !goodID.MatchString(b.ID) {
		return fmt.Errorf("%q cannot name a drawing", b.ID)
	}
	if len(b.Series) == 0 || len(b.Series) > mostSeries || len(b.Labels) == 0 {
		return errors.New("a drawing of bars needs 1 to 4 series, and bars")
	}
	for _, s := range b.Series {
		if len(s.Values) != len(b.Labels) {
			return fmt.Errorf("%q has %d values for %d bars", s.Name, len(s.Values), len(b.Labels))
		}
		for _, v := range s.Values {
			if v < 0 {
				return fmt.Errorf("%q has a value below 0", s.Name)
			}
		}
	}
	return nil
}

// SVG draws the bars.
func (b Bars) SVG() (template.HTML, error) {
	if err := b.check(); err != nil {
		return "", err
	}
	d := drawing{bars: b, step: step(b.highest())}
	d.left = 9 + letter*float64(len(strconv.Itoa(d.end())))
	d.top = d.legend() + above
	d.scale()
	d.columns()
	height := d.top + plotHeight + below
	picture := svg{
		NS: "http://www.w3.org/2000/svg", Class: "chart", ID: b.ID, Role: "img", LabelledBy: b.ID + "-title", DescribedBy: b.ID + "-desc",
		ViewBox: "0 0 " + number(width) + " " + number(height),
		Title:   words{ID: b.ID + "-title", Text: b.Title}, Desc: words{ID: b.ID + "-desc", Text: b.Description},
		Patterns: patterns(b.ID, len(b.Series)), Lines: d.lines, Rects: d.rects, Texts: d.texts,
	}
	markup, err := xml.Marshal(picture)
	return template.HTML(markup), err // #nosec G203 -- encoding/xml has escaped everything that came in
}

// highest is the total of the highest bar, at least 1.
func (b Bars) highest() int {
	most := 1
	for i := range b.Labels {
		most = max(most, b.total(i))
	}
	return most
}

func (b Bars) total(bar int) (sum int) {
	for _, s := range b.Series {
		sum += s.Values[bar]
	}
	return sum
}

// step is the distance between the lines of a scale up to most, with at most five lines above the bottom.
func step(most int) int {
	for tens := 1; ; tens *= 10 {
		for _, s := range []int{1, 2, 5} {
			if most <= 5*s*tens {
				return s * tens
			}
		}
	}
}

// drawing is a chart that is being drawn.
type drawing struct {
	bars  Bars
	step  int
	left  float64 // for the figures of the scale
	top   float64 // where the highest value is
	lines []line
	rects []rect
	texts []text
}

// end is the highest value of the scale.
func (d *drawing) end() int { return (d.bars.highest() + d.step - 1) / d.step * d.step }

// y is the position of a value.
func (d *drawing) y(value int) float64 {
	return d.top + plotHeight*(1-float64(value)/float64(d.end()))
}

// legend names the series, in as many rows as it needs, and returns their height.
func (d *drawing) legend() float64 {
	if len(d.bars.Series) == 1 {
		return 0 // with one series the title is enough
	}
	const swatch, gap = 12.0, 14.0
	x, y := d.left, 4.0
	for i, s := range d.bars.Series {
		length := swatch + 6 + letter*float64(utf8.RuneCountInString(s.Name))
		if x > d.left && x+length > width-right {
			x, y = d.left, y+legendRow
		}
		d.rects = append(d.rects, rect{Class: "chart-edge", Fill: d.fill(i), X: number(x), Y: number(y), Width: number(swatch), Height: number(swatch)})
		d.texts = append(d.texts, text{Class: "chart-text", X: number(x + swatch + 6), Y: number(y + swatch - 1.5), Text: s.Name})
		x += length + gap
	}
	return y + legendRow
}

func (d *drawing) scale() {
	for value := 0; value <= d.end(); value += d.step {
		y := number(d.y(value))
		d.lines = append(d.lines, line{Class: "chart-line", X1: number(d.left), Y1: y, X2: number(width - right), Y2: y})
		d.texts = append(d.texts, text{Class: "chart-text", Anchor: "end", X: number(d.left - 5), Y: number(d.y(value) + 4), Text: strconv.Itoa(value)})
	}
}

func (d *drawing) columns() {
	slot := (width - d.left - right) / float64(len(d.bars.Labels))
	thick := slot * 0.74
	totals := letter*float64(len(strconv.Itoa(d.bars.highest()))) <= slot // only if all of them fit
	for i, label := range d.bars.Labels {
		x := d.left + slot*(float64(i)+0.5)
		sum := 0
		for n, s := range d.bars.Series {
			if s.Values[i] == 0 {
				continue
			}
			foot := d.y(sum)
			sum += s.Values[i]
			head := d.y(sum)
			d.rects = append(d.rects, rect{
				Class: "chart-edge", Fill: d.fill(n), X: number(x - thick/2), Y: number(head), Width: number(thick), Height: number(foot - head),
			})
		}
		if totals && sum > 0 {
			d.texts = append(d.texts, text{Class: "chart-text", Anchor: "middle", X: number(x), Y: number(d.y(sum) - 4), Text: strconv.Itoa(sum)})
		}
		if label != "" {
			d.texts = append(d.texts, text{Class: "chart-text", Anchor: "middle", X: number(x), Y: number(d.top + plotHeight + 15), Text: label})
		}
	}
}

func (d *drawing) fill(series int) string {
	return "url(#" + patternID(d.bars.ID, series) + ")"
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
