package web

import (
	"net/http"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// blockHandlers are for the household's own blocks and reports, and for looking up why a number is blocked.
type blockHandlers struct{ *Server }

func (s blockHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/blocks", backend.See, s.page(s.view())},
		{"GET /h/{household}/blocks/reach", backend.See, s.reach},
		{"POST /h/{household}/blocks", backend.Change, s.addBlock},
		{"POST /h/{household}/blocks/countries", backend.Change, s.tryOn(s.view(), at("blocks"), setCountries)},
		{"POST /h/{household}/blocks/countries/remove", backend.Change, s.do(at("blocks"), withField("country", household.Admin.RemoveCountries))},
		{"POST /h/{household}/blocks/{block}", backend.Change, s.do(at("blocks"), editBlock)},
		{"POST /h/{household}/blocks/{block}/remove", backend.Change, s.do(at("blocks"), withID("block", household.Admin.RemoveBlock))},
		{"POST /h/{household}/reports/{number}", backend.Change, s.do(at("blocks"), recategorise)},
		{"POST /h/{household}/reports/{number}/withdraw", backend.Change, s.do(backTo, withdrawReport)},
		{"GET /h/{household}/why", backend.See, s.why},
		{"POST /h/{household}/why/allow", backend.Change, s.numberDeed(allowNumber)},
		{"POST /h/{household}/why/block", backend.Change, s.numberDeed(blockNumber)},
		{"POST /h/{household}/why/report", backend.Change, s.numberDeed(reportNumber)},
	}
}

// blocksPage is the household's own blocks, and what it has reported.
type blocksPage struct {
	Form      blockForm
	Blocks    []blockRow
	Reports   []reportRow
	Withdrawn []reportRow
	Groups    int // how many the household is in
	Countries countriesCard
}

// blockRow is a block as the page shows it.
type blockRow struct {
	store.Block
	Written string // the number, or the numbers: "020 7946 xxxx"
	Reach   string // of a prefix: how many numbers it blocks
}

// Heard is what callers hear.
func (b blockRow) Heard() string { return household.FarewellInWords(b.Farewell) }

// Was is what the page shows, for its form.
func (b blockRow) Was() string { return household.SeenBlock(b.Block.Block) }

// farewells is what the shared part "farewells" gets.
type farewells struct {
	ID  string
	All []option
}

func newFarewells(id string, now screening.Farewell) farewells {
	if now == "" {
		now = screening.Inspection
	}
	return farewells{id, choose(now,
		option{Value: string(screening.Inspection), Words: "For a scam: somebody is coming to inspect the machine"},
		option{Value: string(screening.NotWanted), Words: "For a nuisance: their calls aren’t wanted"},
		option{Value: string(screening.Busy), Words: "The engaged tone"},
		option{Value: string(screening.NotInService), Words: "The tones for a number that isn’t in service"})}
}

// reportRow is a report as the page shows it.
type reportRow struct {
	store.Report
	Written    string
	Categories []option
	Ways       []backend.GroupProgress
}

func (s blockHandlers) view() view { return viewOf("blocks", "blocks", "Blocks", s.blocksOf) }

func (s blockHandlers) blocksOf(r *http.Request, v *backend.Visitor) (page blocksPage, err error) {
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return page, err
	}
	for i := len(blocks) - 1; i >= 0; i-- { // newest first, so that people see the one that they have just made
		page.Blocks = append(page.Blocks, toBlockRow(v, blocks[i]))
	}
	reported, err := s.Reported(r.Context(), v)
	if err != nil {
		return page, err
	}
	page.Groups = reported.Groups
	if page.Countries, err = s.countriesOf(r, v); err != nil {
		return page, err
	}
	for _, n := range reported.Withdrawn {
		page.Withdrawn = append(page.Withdrawn, reportRow{Report: store.Report{Number: n}, Written: v.National(n), Ways: reported.Progress[n]})
	}
	reports, err := s.Store.Reports(r.Context(), v.Household.Name)
	for _, rep := range reports {
		page.Reports = append(page.Reports, reportRow{rep, v.National(rep.Number), categories(rep.Category), reported.Progress[rep.Number]})
	}
	return page, err
}

func toBlockRow(v *backend.Visitor, b store.Block) blockRow {
	row := blockRow{Block: b, Written: screening.Written(b.Digits, b.Prefix, v.Household.Region)}
	if b.Prefix {
		reach := screening.ReachOf(b.Digits, v.Household.Complete(screening.Household{}))
		row.Written, row.Reach = reach.Written, reach.Warning()
	}
	return row
}

func categories(chosen string) (all []option) {
	for _, c := range store.Categories() {
		all = append(all, option{Value: c, Words: household.CategoryInWords(c)})
	}
	return choose(chosen, all...)
}

func editBlock(r *http.Request, a household.Admin) (household.Done, error) {
	id, err := backend.PathID(r, "block")
	if err != nil {
		return household.Done{}, err
	}
	form := readBlockForm(r)
	farewell := form.Farewell
	return a.EditBlock(r.Context(), id, r.PostFormValue("was"), &form.Note, &farewell)
}

func recategorise(r *http.Request, a household.Admin) (household.Done, error) {
	n, err := backend.PathNumber(r, a.Line)
	if err != nil {
		return household.Done{}, err
	}
	return a.Report(r.Context(), n, r.FormValue("category"))
}

func withdrawReport(r *http.Request, a household.Admin) (household.Done, error) {
	n, err := backend.PathNumber(r, a.Line)
	if err != nil {
		return household.Done{}, err
	}
	return a.WithdrawReport(r.Context(), n)
}
