package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

func (s apiHandlers) apiBlockRoutes() []route {
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
	one := apiBlock{b.ID, string(screening.NumberOf(b.Digits)), b.Prefix, b.Note, b.Farewell, b.Added.UTC(), b.By, hitsAPI(b.Hits), ""}
	if b.Farewell == "" {
		one.Farewell = screening.Inspection
	}
	if b.Prefix {
		one.Number, one.Reach = "+"+b.Digits, v.blockRow(b).Reach
	}
	return one
}

func (s apiHandlers) apiBlocks(w http.ResponseWriter, r *http.Request, v *visit) error {
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
func (s apiHandlers) apiOneBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	return s.giveBlock(w, r, v, http.StatusOK, id)
}

func (s apiHandlers) giveBlock(w http.ResponseWriter, r *http.Request, v *visit, status int, id int64) error {
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.ID == id {
			return s.give(w, status, v.apiBlock(b))
		}
	}
	return errNoAddress
}

// apiAddBlock makes a block, or changes the one of the same number. One on a great many numbers has to be meant: sure.
func (s apiHandlers) apiAddBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
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
	wanted := household.BlockRequest{Number: sent.Number, Prefix: sent.Prefix, Note: sent.Note, Farewell: sent.Farewell, Sure: sent.Sure, Change: true}
	done, err := s.admin(v).AddBlock(r.Context(), wanted)
	if why, notSure, _ := refusalOf(err); notSure {
		return fault{http.StatusConflict, why + " Send sure to block them all the same."}
	}
	if err != nil {
		return err
	}
	w.Header().Set("Location", v.apiPath("blocks", strconv.FormatInt(done.ID, 10)))
	return s.giveBlock(w, r, v, http.StatusCreated, done.ID)
}

func (s apiHandlers) apiEditBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	now, err := s.Store.BlockByID(r.Context(), v.Household.Name, id)
	if errors.Is(err, store.ErrNoBlock) {
		err = errNoAddress
	}
	if err != nil {
		return err
	}
	sent := struct {
		Note     *string             `json:"note"`
		Farewell *screening.Farewell `json:"farewell"`
	}{&now.Note, &now.Farewell}
	if err := take(r, &sent); err != nil {
		return err
	}
	if sent.Note == nil || sent.Farewell == nil {
		return refused("Neither the note nor the farewell can be null.")
	}
	if _, err := s.admin(v).EditBlock(r.Context(), id, sent.Note, sent.Farewell); err != nil {
		return err
	}
	return s.giveBlock(w, r, v, http.StatusOK, id)
}

func (s apiHandlers) apiRemoveBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := number(r, "block")
	if err != nil {
		return err
	}
	if _, err := s.admin(v).RemoveBlock(r.Context(), id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s apiHandlers) apiReports(w http.ResponseWriter, r *http.Request, v *visit) error {
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

func (s apiHandlers) apiReport(w http.ResponseWriter, r *http.Request, v *visit) error {
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
	if sent.Category == "" {
		return refused("Send a category.")
	}
	if _, err := s.admin(v).Report(r.Context(), n, sent.Category); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s apiHandlers) apiWithdraw(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	if _, err := s.admin(v).WithdrawReport(r.Context(), n); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
