package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) blocksRoutes() []route {
	return []route{
		{"GET /h/{household}/blocks", see, s.blocks},
		{"GET /h/{household}/blocks/reach", see, s.reach},
		{"POST /h/{household}/blocks", change, s.addBlock},
		{"POST /h/{household}/blocks/undo", change, s.undoBlock},
		{"POST /h/{household}/blocks/{block}", change, s.editBlock},
		{"POST /h/{household}/blocks/{block}/remove", change, s.removeBlock},
		{"POST /h/{household}/kinds/{callers}", change, s.setKind},
		{"POST /h/{household}/reports/{number}", change, s.recategorise},
		{"POST /h/{household}/reports/{number}/withdraw", change, s.withdrawReport},
		{"POST /h/{household}/reports/{number}/restore", change, s.restoreReport},
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

func (s *Server) blocks(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.blocksOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "blocks", "blocks", "Blocks", data)
}

func (s *Server) blocksOf(r *http.Request, v *visit) (page blocksPage, err error) {
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

// written is a whole number that a block or an entry has, as people write it.
func (v *visit) written(digits string) string {
	if n, err := screening.ParseNumber(digits, v.Household.Region); err == nil && string(n) == digits {
		return digits // a short number
	}
	return v.National(screening.Number("+" + digits))
}

// kindRows are the kinds of callers.
func (s *Server) kindRows(ctx context.Context, v *visit) (rows []kindRow, err error) {
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

// categoryWords are what callers can be reported as, for people.
var categoryWords = map[string]string{
	"tech-support": "“Your computer has a problem”", "bank": "“Your bank”", "courier": "A parcel or courier", "prize": "A prize or lottery",
	"tax": "“The tax office”", "silent": "Silent call", "sales": "Sales", "survey": "A survey", "other": "Something else",
}

func categories(chosen string) (all []option) {
	for _, c := range store.Categories() {
		all = append(all, option{Value: c, Words: categoryWords[c]})
	}
	return choose(chosen, all...)
}

// blockID is the block that an address names.
func blockID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("block"), 10, 64)
	if err != nil {
		return 0, errNotThere
	}
	return id, nil
}

// gone makes the store's errors about things that are not there the page's.
func gone(err error) error {
	if errors.Is(err, store.ErrNoBlock) {
		return fault{http.StatusNotFound, "This block is not there any more: somebody may have removed it meanwhile."}
	}
	return err
}

func (s *Server) editBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := blockID(r)
	if err != nil {
		return err
	}
	form := readBlockForm(r)
	farewell := screening.Inspection
	if form.NotWanted {
		farewell = screening.NotWanted
	}
	if err := (screening.Block{Note: form.Note, Farewell: farewell}).Check(); err != nil {
		return refused("%s", sentence(err))
	}
	before, err := s.Store.EditBlock(r.Context(), v.Household.Name, id, form.Note, farewell)
	if err != nil {
		return gone(err)
	}
	told := "The block of " + v.blockRow(before).Written + " is changed."
	if err := s.changed(r.Context(), v, "block-changed", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("blocks"), told, &undo{v.Path("blocks", strconv.FormatInt(id, 10)), map[string]string{
		"note": before.Note, "farewell": string(before.Farewell),
	}})
}

// sessionRemoved is the block that somebody has removed last, for its undo: as it was, and not as a form might say.
const sessionRemoved = "removed-block"

func (s *Server) removeBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := blockID(r)
	if err != nil {
		return err
	}
	block, err := s.Store.RemoveBlockByID(r.Context(), v.Household.Name, id)
	if err != nil {
		return gone(err)
	}
	told := v.blockRow(block).Written + " is not blocked any more."
	if err := s.changed(r.Context(), v, "block-removed", told); err != nil {
		return err
	}
	if err := s.remember(r, sessionRemoved, removed{v.Household.Name, block}); err != nil {
		return err
	}
	return s.done(w, r, v.Path("blocks"), told, &undo{v.Path("blocks", "undo"), map[string]string{"what": "removed", "block": strconv.FormatInt(id, 10)}})
}

// removed is a block that can be brought back.
type removed struct {
	Household string
	Block     store.Block
}

func (s *Server) undoBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	told := ""
	switch r.FormValue("what") {
	case "added":
		gone, err := s.Store.RemoveBlock(r.Context(), v.Household.Name, r.FormValue("digits"), r.FormValue("prefix") == "true")
		if err != nil {
			return refused("There is nothing to undo.")
		}
		if !gone {
			return fault{http.StatusNotFound, "This block is not there any more: somebody may have removed it meanwhile."}
		}
		told = "Undone: the number is not blocked."
	case "removed":
		var last removed
		there, err := s.recall(r, sessionRemoved, &last)
		if err != nil {
			return err
		}
		if !there || last.Household != v.Household.Name || strconv.FormatInt(last.Block.ID, 10) != r.FormValue("block") {
			return fault{http.StatusConflict, "That was too long ago to be undone: make the block anew."}
		}
		if err := s.Store.RestoreBlock(r.Context(), v.Household.Name, last.Block); err != nil {
			return refused("%s", sentence(err))
		}
		told = "Undone: " + v.blockRow(last.Block).Written + " is blocked again."
	default:
		return refused("There is nothing to undo.")
	}
	if err := s.changed(r.Context(), v, "undone", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("blocks"), told, nil)
}

func (s *Server) setKind(w http.ResponseWriter, r *http.Request, v *visit) error {
	o, known := household.OptionByName(r.PathValue("callers"))
	if !known || o.Kind == "" {
		return errNotThere
	}
	done, err := s.setOptions(r, v, sentOptions(r, o))
	return s.tell(w, r, v, v.Path("blocks"), done, err)
}
