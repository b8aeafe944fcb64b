package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) apiBlockRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/blocks", see, s.apiBlocks},
		{"POST /api/v1/households/{household}/blocks", change, s.apiAddBlock},
		{"GET /api/v1/households/{household}/blocks/{block}", see, s.apiOneBlock},
		{"PATCH /api/v1/households/{household}/blocks/{block}", change, s.apiEditBlock},
		{"DELETE /api/v1/households/{household}/blocks/{block}", change, s.apiRemoveBlock},
		{"GET /api/v1/households/{household}/reports", see, s.apiReports},
		{"PUT /api/v1/households/{household}/reports/{number}", change, s.apiReport},
		{"DELETE /api/v1/households/{household}/reports/{number}", change, s.apiWithdraw},
	}
}

type apiHits struct {
	Count int        `json:"count"`
	Last  *time.Time `json:"last,omitempty"`
}

func hitsAPI(h store.Hits) apiHits { return apiHits{h.Count, moment(h.Last)} }

type apiBlock struct {
	ID       int64              `json:"id"`
	Number   string             `json:"number"` // E.164, or its beginning
	Prefix   bool               `json:"prefix"`
	Note     string             `json:"note"`
	Farewell screening.Farewell `json:"farewell"`
	Added    time.Time          `json:"added"`
	By       string             `json:"by"`
	Hits     apiHits            `json:"hits"`
	Reach    string             `json:"reach,omitempty"` // of a beginning: how far it reaches, in a sentence
}

func (v *visit) apiBlock(b store.Block) apiBlock {
	one := apiBlock{b.ID, b.Digits, b.Prefix, b.Note, b.Farewell, b.Added.UTC(), b.By, hitsAPI(b.Hits), ""}
	if b.Farewell == "" {
		one.Farewell = screening.Inspection
	}
	if b.Prefix || len(b.Digits) > 6 { // a short number has no country code
		one.Number = "+" + b.Digits
	}
	if b.Prefix {
		one.Reach = v.blockRow(b).Reach
	}
	return one
}

func (s *Server) apiBlocks(w http.ResponseWriter, r *http.Request, v *visit) error {
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	all := []apiBlock{}
	for _, b := range blocks {
		all = append(all, v.apiBlock(b))
	}
	return s.give(w, http.StatusOK, all)
}

// apiOneBlock gives the block that an address names, with its hits.
func (s *Server) apiOneBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.ID == id {
			return s.give(w, http.StatusOK, v.apiBlock(b))
		}
	}
	return errNoAddress
}

// apiAddBlock makes a block, or changes the one of the same number. One on a great many numbers has to be meant: sure.
func (s *Server) apiAddBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Number   string             `json:"number"`
		Prefix   bool               `json:"prefix"`
		Note     string             `json:"note"`
		Farewell screening.Farewell `json:"farewell"`
		Sure     bool               `json:"sure"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	b, err := blockForm{Number: sent.Number, Note: strings.TrimSpace(sent.Note), Prefix: sent.Prefix}.block(v)
	if err != nil {
		return refused("%s", sentence(err))
	}
	if sent.Farewell != "" {
		b.Farewell = sent.Farewell
	}
	what := v.written(b.Digits)
	if b.Prefix {
		reach := screening.ReachOf(b.Digits, v.Household.Complete(screening.Household{}))
		switch {
		case reach.Nothing:
			return refused("%s", reach.Warning())
		case reach.Wide() && !sent.Sure:
			return fault{http.StatusConflict, reach.Warning() + " Send sure to block them all the same."}
		}
		what = "Every number that begins " + reach.Written
	}
	if err := s.Store.AddBlock(r.Context(), v.Household.Name, b, v.Person.Name); err != nil {
		return refused("%s", sentence(err))
	}
	if err := s.changed(r.Context(), v, "block-added", what+" is blocked: it will not ring any more."); err != nil {
		return err
	}
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	for _, made := range blocks {
		if made.Digits == b.Digits && made.Prefix == b.Prefix {
			w.Header().Set("Location", v.apiPath("blocks", strconv.FormatInt(made.ID, 10)))
			return s.give(w, http.StatusCreated, v.apiBlock(made))
		}
	}
	return gone(store.ErrNoBlock) // somebody has removed it already
}

func (s *Server) apiEditBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	now, err := s.Store.BlockByID(r.Context(), v.Household.Name, id)
	if err != nil {
		return gone(err)
	}
	sent := struct {
		Note     *string             `json:"note"`
		Farewell *screening.Farewell `json:"farewell"`
	}{&now.Note, &now.Farewell}
	if err := take(r, &sent); err != nil {
		return err
	}
	if sent.Note == nil || sent.Farewell == nil {
		return refused("Neither a note nor a farewell is null.")
	}
	before, err := s.Store.EditBlock(r.Context(), v.Household.Name, id, strings.TrimSpace(*sent.Note), *sent.Farewell)
	if errors.Is(err, store.ErrNoBlock) {
		return gone(err)
	}
	if err != nil {
		return refused("%s", sentence(err))
	}
	if err := s.changed(r.Context(), v, "block-changed", "The block of "+v.blockRow(before).Written+" is changed."); err != nil {
		return err
	}
	return s.apiOneBlock(w, r, v)
}

func (s *Server) apiRemoveBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	block, err := s.Store.RemoveBlockByID(r.Context(), v.Household.Name, id)
	if err != nil {
		return gone(err)
	}
	if err := s.changed(r.Context(), v, "block-removed", v.blockRow(block).Written+" is not blocked any more."); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) apiReports(w http.ResponseWriter, r *http.Request, v *visit) error {
	reports, err := s.Store.Reports(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	ways, _, _, err := s.onTheirWay(r.Context(), v)
	if err != nil {
		return err
	}
	type report struct {
		Number   screening.Number `json:"number"`
		Category string           `json:"category"`
		At       time.Time        `json:"at"`
		By       string           `json:"by"`
		Groups   []apiOnItsWay    `json:"groups"`
	}
	all := []report{}
	for _, one := range reports {
		all = append(all, report{one.Number, one.Category, one.At.UTC(), one.By, waysAPI(ways[one.Number])})
	}
	return s.give(w, http.StatusOK, all)
}

func (s *Server) apiReport(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	var sent struct {
		Category string `json:"category"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	if err := s.file(r.Context(), v, n, sent.Category); err != nil {
		return err
	}
	if err := s.changed(r.Context(), v, "reported", v.National(n)+" is reported as: "+categoryWords[sent.Category]+"."); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) apiWithdraw(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	_, withdrawn, err := s.takeReportBack(r.Context(), v, n)
	if err != nil {
		return err
	}
	if !withdrawn {
		return errNoAddress
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
