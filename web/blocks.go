package web

import (
	"context"
	"net/http"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// blockHandlers are for the household's own blocks and reports, and for the question why a number is blocked.
type blockHandlers struct{ *Server }

func (s blockHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/blocks", see, s.blocks},
		{"GET /h/{household}/blocks/reach", see, s.reach},
		{"POST /h/{household}/blocks", change, s.addBlock},
		{"POST /h/{household}/blocks/{block}", change, s.editBlock},
		{"POST /h/{household}/blocks/{block}/remove", change, s.removeBlock},
		{"POST /h/{household}/kinds/{callers}", change, s.setKind},
		{"POST /h/{household}/reports/{number}", change, s.recategorise},
		{"POST /h/{household}/reports/{number}/withdraw", change, s.withdrawReport},
		{"GET /h/{household}/why", see, s.why},
		{"POST /h/{household}/why/allow", change, s.numberDeed(allowNumber)},
		{"POST /h/{household}/why/block", change, s.numberDeed(blockNumber)},
		{"POST /h/{household}/why/report", change, s.numberDeed(reportNumber)},
	}
}

// blocksPage is the household's own blocks, the kinds of callers that it treats in their own way, and what it has reported.
type blocksPage struct {
	Form      blockForm
	Blocks    []blockRow
	Kinds     []kindRow
	Reports   []reportRow
	Withdrawn []withdrawnRow
	Groups    int // how many the household is in
}

// blockRow is a block as the page shows it.
type blockRow struct {
	store.Block
	Written string // the number, or the numbers: "020 7946 xxxx"
	Reach   string // for a beginning: how far it reaches
}

// NotWanted says whether the callers hear that they are not wanted, and not the inspection message.
func (b blockRow) NotWanted() bool { return b.Farewell == screening.NotWanted }

// farewells is what the shared part "farewells" gets.
type farewells struct {
	ID        string
	NotWanted bool
}

// kindRow is a kind of callers as the page shows it.
type kindRow struct {
	store.Kind
	Input optionInput
	Was   string // what the page shows, for its form
}

// reportRow is a report as the page shows it.
type reportRow struct {
	store.Report
	Written    string
	Categories []option
	Ways       []onItsWay
}

func (s blockHandlers) blocks(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.blocksOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "blocks", "blocks", "Blocks", data)
}

func (s blockHandlers) blocksOf(r *http.Request, v *visit) (page blocksPage, err error) {
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return page, err
	}
	for i := len(blocks) - 1; i >= 0; i-- { // the newest first: it is what somebody wants to see after making it
		page.Blocks = append(page.Blocks, v.blockRow(blocks[i]))
	}
	if page.Kinds, err = s.kindRows(r.Context(), v); err != nil {
		return page, err
	}
	ways, withdrawn, groups, err := s.onTheirWay(r.Context(), v)
	if err != nil {
		return page, err
	}
	page.Withdrawn, page.Groups = withdrawn, groups
	reports, err := s.Store.Reports(r.Context(), v.Household.Name)
	for _, rep := range reports {
		page.Reports = append(page.Reports, reportRow{rep, v.National(rep.Number), categories(rep.Category), ways[rep.Number]})
	}
	return page, err
}

func (v *visit) blockRow(b store.Block) blockRow {
	row := blockRow{Block: b, Written: v.written(b.Digits)}
	if b.Prefix {
		reach := screening.ReachOf(b.Digits, v.Household.Complete(screening.Household{}))
		row.Written, row.Reach = reach.Written, reach.Warning()
	}
	return row
}

// kindRows are the kinds of callers.
func (s blockHandlers) kindRows(ctx context.Context, v *visit) (rows []kindRow, err error) {
	chosen, err := s.admin(v).Chosen(ctx)
	if err != nil {
		return nil, err
	}
	kinds, err := s.Store.Kinds(ctx, v.Household.Name)
	for _, k := range kinds {
		o, _ := household.OptionByName(string(k.Code))
		rows = append(rows, kindRow{k, inputOf(o, chosen, nil), chosen.Seen(o)})
	}
	return rows, err
}

func categories(chosen string) (all []option) {
	for _, c := range store.Categories() {
		all = append(all, option{Value: c, Words: household.CategoryInWords(c)})
	}
	return choose(chosen, all...)
}

func (s blockHandlers) editBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	form := readBlockForm(r)
	farewell := form.farewell()
	done, err := s.admin(v).EditBlock(r.Context(), id, &form.Note, &farewell)
	return s.tell(w, r, v, v.Path("blocks"), done, err)
}

func (s blockHandlers) removeBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	done, err := s.admin(v).RemoveBlock(r.Context(), id)
	return s.tell(w, r, v, v.Path("blocks"), done, err)
}

func (s blockHandlers) setKind(w http.ResponseWriter, r *http.Request, v *visit) error {
	o, known := household.OptionByName(r.PathValue("callers"))
	if !known || o.Kind == "" {
		return errNotThere
	}
	done, err := s.setOptions(r, v, sentOptions(r, o))
	return s.tell(w, r, v, v.Path("blocks"), done, err)
}
