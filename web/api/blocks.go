package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

type hitsJSON struct {
	Count int        `json:"count"`
	Last  *time.Time `json:"last,omitempty"`
}

func toHits(h store.Hits) hitsJSON { return hitsJSON{h.Count, moment(h.Last)} }

type blockJSON struct {
	ID       int64              `json:"id"`
	Number   string             `json:"number"` // E.164, or its first digits
	Prefix   bool               `json:"prefix"`
	Note     string             `json:"note"`
	Farewell screening.Farewell `json:"farewell"`
	Added    time.Time          `json:"added"`
	By       string             `json:"by"`
	Hits     hitsJSON           `json:"hits"`
	Reach    string             `json:"reach,omitempty"` // of a prefix: how many numbers it blocks, in a sentence
}

func toBlock(v *backend.Visitor, b store.Block) blockJSON {
	one := blockJSON{
		ID: b.ID, Number: string(screening.NumberOf(b.Digits)), Prefix: b.Prefix, Note: b.Note, Farewell: b.Farewell, Added: b.Added.UTC(), By: b.By,
		Hits: toHits(b.Hits),
	}
	if b.Farewell == "" {
		one.Farewell = screening.Inspection
	}
	if b.Prefix {
		one.Number, one.Reach = "+"+b.Digits, screening.ReachOf(b.Digits, v.Household.Complete(screening.Household{})).Warning()
	}
	return one
}

func (a *API) blocks(r *http.Request, v *backend.Visitor) (any, error) {
	blocks, err := a.Store.Blocks(r.Context(), v.Household.Name)
	return list(blocks, func(b store.Block) blockJSON { return toBlock(v, b) }), err
}

// block is the block that an address names, with its hits.
func (a *API) block(r *http.Request, v *backend.Visitor) (any, error) {
	id, err := backend.PathID(r, "block")
	if err != nil {
		return nil, err
	}
	return a.blockByID(r, v, id)
}

func (a *API) blockByID(r *http.Request, v *backend.Visitor, id int64) (any, error) {
	blocks, err := a.Store.Blocks(r.Context(), v.Household.Name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(blocks, func(b store.Block) bool { return b.ID == id })
	if i < 0 {
		return nil, errNoAddress
	}
	return toBlock(v, blocks[i]), nil
}

// addBlock makes a block, or changes the one on the same number. One that blocks a great many numbers needs sure.
func (a *API) addBlock(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Number   string             `json:"number"`
		Prefix   bool               `json:"prefix"`
		Note     string             `json:"note"`
		Farewell screening.Farewell `json:"farewell"`
		Sure     bool               `json:"sure"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	wanted := household.BlockRequest{Number: sent.Number, Prefix: sent.Prefix, Note: sent.Note, Farewell: sent.Farewell, Sure: sent.Sure, Change: true}
	done, err := a.Admin(v).AddBlock(r.Context(), wanted)
	if why, notSure, _ := backend.RefusalOf(err); notSure {
		return nil, backend.RefuseAs(http.StatusConflict, why+" Send sure to block them all the same.")
	}
	if err != nil {
		return nil, err
	}
	if done.ID == 0 { // a country's rule, which is an option
		return a.options(r, v)
	}
	made, err := a.blockByID(r, v, done.ID)
	return reply{status: http.StatusCreated, header: "Location", value: path(v, "blocks", strconv.FormatInt(done.ID, 10)), body: made}, err
}

func (a *API) editBlock(r *http.Request, v *backend.Visitor) (any, error) {
	id, err := backend.PathID(r, "block")
	if err != nil {
		return nil, err
	}
	now, err := a.Store.BlockByID(r.Context(), v.Household.Name, id)
	if errors.Is(err, store.ErrNoBlock) {
		err = errNoAddress
	}
	if err != nil {
		return nil, err
	}
	sent := struct {
		Note     *string             `json:"note"`
		Farewell *screening.Farewell `json:"farewell"`
	}{&now.Note, &now.Farewell}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	if sent.Note == nil || sent.Farewell == nil {
		return nil, backend.Refuse("Neither the note nor the farewell can be null.")
	}
	if _, err := a.Admin(v).EditBlock(r.Context(), id, "", sent.Note, sent.Farewell); err != nil {
		return nil, err
	}
	return a.blockByID(r, v, id)
}

func (a *API) removeBlock(r *http.Request, v *backend.Visitor) (any, error) {
	return withID(r, "block", a.Admin(v).RemoveBlock)
}

type reportJSON struct {
	Number   screening.Number `json:"number"`
	Category string           `json:"category"`
	At       time.Time        `json:"at"`
	By       string           `json:"by"`
	Groups   []progressJSON   `json:"groups"`
}

func (a *API) reports(r *http.Request, v *backend.Visitor) (any, error) {
	reports, err := a.Store.Reports(r.Context(), v.Household.Name)
	if err != nil {
		return nil, err
	}
	reported, err := a.Reported(r.Context(), v)
	return list(reports, func(one store.Report) reportJSON {
		return reportJSON{
			Number: one.Number, Category: one.Category, At: one.At.UTC(), By: one.By, Groups: list(reported.Progress[one.Number], toProgress),
		}
	}), err
}

func (a *API) report(r *http.Request, v *backend.Visitor) (any, error) {
	n, err := backend.PathNumber(r, v.Household.Line)
	if err != nil {
		return nil, err
	}
	var sent struct {
		Category string `json:"category"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	if sent.Category == "" {
		return nil, backend.Refuse("Send a category.")
	}
	_, err = a.Admin(v).Report(r.Context(), n, sent.Category)
	return nil, err
}

func (a *API) withdrawReport(r *http.Request, v *backend.Visitor) (any, error) {
	n, err := backend.PathNumber(r, v.Household.Line)
	if err == nil {
		_, err = a.Admin(v).WithdrawReport(r.Context(), n)
	}
	return nil, err
}

// forgetCaller erases all that is kept of a caller. A program that asks for it is sure.
func (a *API) forgetCaller(r *http.Request, v *backend.Visitor) (any, error) {
	n, err := backend.PathNumber(r, v.Household.Line)
	if err == nil {
		admin := a.Admin(v)
		admin.Sure = true
		_, err = admin.ForgetCaller(r.Context(), string(n))
	}
	return nil, err
}
