package chart

import "strconv"

// The SVG elements of a chart.

type svg struct {
	XMLName     struct{}  `xml:"svg"`
	NS          string    `xml:"xmlns,attr"`
	Class       string    `xml:"class,attr"`
	ID          string    `xml:"id,attr"`
	Role        string    `xml:"role,attr"`
	LabelledBy  string    `xml:"aria-labelledby,attr"`
	DescribedBy string    `xml:"aria-describedby,attr"`
	ViewBox     string    `xml:"viewBox,attr"`
	Title       words     `xml:"title"`
	Desc        words     `xml:"desc"`
	Patterns    []pattern `xml:"defs>pattern"`
	Lines       []line    `xml:"line"`
	Rects       []rect    `xml:"rect"`
	Texts       []text    `xml:"text"`
}

type words struct {
	ID   string `xml:"id,attr"`
	Text string `xml:",chardata"`
}

type rect struct {
	Class  string `xml:"class,attr"`
	Fill   string `xml:"fill,attr,omitempty"`
	X      string `xml:"x,attr,omitempty"`
	Y      string `xml:"y,attr,omitempty"`
	Width  string `xml:"width,attr"`
	Height string `xml:"height,attr"`
}

type line struct {
	Class string `xml:"class,attr"`
	X1    string `xml:"x1,attr"`
	Y1    string `xml:"y1,attr"`
	X2    string `xml:"x2,attr"`
	Y2    string `xml:"y2,attr"`
}

type text struct {
	Class  string `xml:"class,attr"`
	Anchor string `xml:"text-anchor,attr,omitempty"`
	X      string `xml:"x,attr"`
	Y      string `xml:"y,attr"`
	Text   string `xml:",chardata"`
}

// pattern fills an area: a ground with something in ink on it.
type pattern struct {
	ID     string `xml:"id,attr"`
	Units  string `xml:"patternUnits,attr"`
	Width  string `xml:"width,attr"`
	Height string `xml:"height,attr"`
	Turned string `xml:"patternTransform,attr,omitempty"`
	Ground rect   `xml:"rect"`
	Ink    []rect `xml:"g>rect"`
}

// mostSeries is how many patterns there are.
const mostSeries = 4

func patternID(drawing string, series int) string { return drawing + "-" + strconv.Itoa(series+1) }

// patterns are plain, slanting stripes, dots, and horizontal stripes.
func patterns(drawing string, count int) []pattern {
	const side = "6"
	ink := [mostSeries][]rect{
		1: {{Class: "chart-ink", Width: "2", Height: side}},
		2: {{Class: "chart-ink", X: "1", Y: "1", Width: "2", Height: "2"}, {Class: "chart-ink", X: "4", Y: "4", Width: "2", Height: "2"}},
		3: {{Class: "chart-ink", Width: side, Height: "1"}},
	}
	turned := [mostSeries]string{1: "rotate(45)"}
	all := make([]pattern, count)
	for i := range all {
		all[i] = pattern{
			ID: patternID(drawing, i), Units: "userSpaceOnUse", Width: side, Height: side, Turned: turned[i],
			Ground: rect{Class: "chart-" + strconv.Itoa(i+1), Width: side, Height: side}, Ink: ink[i],
		}
	}
	return all
}
