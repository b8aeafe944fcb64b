package web

import (
	"cmp"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"ringfence/screening"
)

func (s *Server) houseRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/house", see, s.housePage},
		{"POST /h/{household}/settings/house", change, s.setHouse},
	}
}

type housePage struct {
	Title, Name string
	Regions     []option
	Number      string
	Fault       string
}

func (s *Server) housePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.houseData(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-house", "settings", "Name and country", data)
}

func (s *Server) houseData(r *http.Request, v *visit) (housePage, error) {
	about, err := s.Store.About(r.Context(), v.Household.Name)
	if err != nil {
		return housePage{}, err
	}
	p := housePage{Title: about.Title, Name: v.Household.Name, Regions: regionOptions(v.Household.Region), Fault: s.Regions.Fault()}
	if v.Household.Number != "" {
		p.Number = v.National(v.Household.Number)
	}
	return p, nil
}

// setHouse keeps a household's name and region. Each is changed only where it is another than before.
func (s *Server) setHouse(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, home := r.Context(), v.Household.Name
	about, err := s.Store.About(ctx, home)
	if err != nil {
		return err
	}
	told := ""
	title, region := r.FormValue("title"), r.FormValue("region")
	if region != "" && region != v.Household.Region {
		if err := s.Regions.Choose(ctx, home, region); err != nil {
			return s.again(w, v, refused("%s", sentence(err)), "settings-house", "Name and country", func() (any, error) { return s.houseData(r, v) })
		}
		told = "The line is in " + regionName(region) + " from now on."
	}
	if title != about.Title {
		if err := s.Store.SetTitle(ctx, home, title); err != nil {
			return s.again(w, v, refused("%s", sentence(err)), "settings-house", "Name and country", func() (any, error) { return s.houseData(r, v) })
		}
		if about, err = s.Store.About(ctx, home); err != nil {
			return err
		}
		told = "This household is called “" + about.Called() + "” from now on. " + told
	}
	if told == "" {
		told = "Nothing was changed."
	}
	return s.saved(w, r, v, told, v.Path("settings", "house"), nil)
}

// regionNames finds the names of countries in English.
var regionNames = sync.OnceValue(func() display.Namer { return display.Regions(language.BritishEnglish) })

func regionName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(regionNames().Name(region), code)
}

// regionOptions are all countries by their names.
func regionOptions(now string) []option {
	var all []option
	for _, code := range screening.Regions() {
		all = append(all, option{Value: code, Words: regionName(code)})
	}
	slices.SortFunc(all, func(a, b option) int { return cmp.Compare(a.Words, b.Words) })
	return choose(now, all...)
}
