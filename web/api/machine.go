package api

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"ringfence/household/cell"
	"ringfence/web/backend"
)

// machineAPI is for the lines and households of the machine, for people who own all of its households.
type machineAPI struct{ *API }

func (a machineAPI) routes() []Route {
	const machine = "/api/v1/machine"
	return []Route{
		{"GET " + machine, backend.Machine, a.site},
		{"POST " + machine + "/import", backend.Machine, a.importHomes},
		{"POST " + machine + "/households", backend.Machine, a.addHousehold},
		{"PATCH " + machine + "/households/{home}", backend.Machine, a.changeHousehold},
		{"DELETE " + machine + "/households/{home}", backend.Machine, a.removeHousehold},
		{"POST " + machine + "/trunks", backend.Machine, a.addTrunk},
		{"PATCH " + machine + "/trunks/{trunk}", backend.Machine, a.changeTrunk},
		{"DELETE " + machine + "/trunks/{trunk}", backend.Machine, a.removeTrunk},
	}
}

func (a machineAPI) site(*http.Request, *backend.Visitor) (any, error) { return a.Site(), nil }

// homeDone is what came of a deed. The passwords of new phones are shown this once.
type homeDone struct {
	Sentence string       `json:"sentence"`
	Logins   []cell.Login `json:"logins"`
	Alone    []string     `json:"alone"` // who looked after nothing else
}

// deed does one in the visitor's name.
func (a machineAPI) deed(ctx context.Context, v *backend.Visitor, do func(ctx context.Context, as cell.Admin) (cell.Done, error)) (any, error) {
	done, err := do(ctx, a.Cell(v.Actor(), v.Now))
	if err != nil {
		return nil, err
	}
	same := func(l cell.Login) cell.Login { return l }
	return homeDone{done.Sentence, list(done.Logins, same), list(done.Alone, func(name string) string { return name })}, nil
}

// sentHome is a household or a line as a program sends it. Settings have the names of ringfence.toml; null takes one away.
type sentHome struct {
	Name     string      `json:"name"`
	Settings cell.Fields `json:"settings"`
	Phones   []struct {
		Name        string      `json:"name"`
		Settings    cell.Fields `json:"settings"`
		NewPassword bool        `json:"new_password"`
		Remove      bool        `json:"remove"`
	} `json:"phones"`
}

func (s sentHome) changes() (phones []cell.PhoneChange) {
	for _, p := range s.Phones {
		phones = append(phones, cell.PhoneChange{Name: p.Name, Fields: p.Settings, NewPassword: p.NewPassword, Remove: p.Remove})
	}
	return phones
}

func (a machineAPI) addHousehold(r *http.Request, v *backend.Visitor) (any, error) {
	var sent sentHome
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.AddHousehold(ctx, sent.Name, sent.Settings, sent.changes())
	})
}

func (a machineAPI) changeHousehold(r *http.Request, v *backend.Visitor) (any, error) {
	var sent sentHome
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.ChangeHousehold(ctx, r.PathValue("home"), sent.Settings, sent.changes())
	})
}

// removeHousehold keeps what is kept about it, unless the program says otherwise, and that it is sure.
func (a machineAPI) removeHousehold(r *http.Request, v *backend.Visitor) (any, error) {
	forget, _ := strconv.ParseBool(r.FormValue("delete_history")) // anything else keeps it
	sure, _ := strconv.ParseBool(r.FormValue("sure"))
	if forget && !sure {
		return nil, backend.RefuseAs(http.StatusConflict, "All that is kept about the household would be gone for good, except in backups. If you are sure, send sure=true too.")
	}
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.RemoveHousehold(ctx, r.PathValue("home"), forget)
	})
}

func (a machineAPI) addTrunk(r *http.Request, v *backend.Visitor) (any, error) {
	var sent sentHome
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.AddTrunk(ctx, sent.Name, sent.Settings)
	})
}

func (a machineAPI) changeTrunk(r *http.Request, v *backend.Visitor) (any, error) {
	var sent sentHome
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.ChangeTrunk(ctx, r.PathValue("trunk"), sent.Settings)
	})
}

func (a machineAPI) removeTrunk(r *http.Request, v *backend.Visitor) (any, error) {
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) {
		return as.RemoveTrunk(ctx, r.PathValue("trunk"))
	})
}

// importHomes takes the text of a ringfence.toml.
func (a machineAPI) importHomes(r *http.Request, v *backend.Visitor) (any, error) {
	text, err := io.ReadAll(r.Body) // which is bounded
	if err != nil {
		return nil, err
	}
	return a.deed(r.Context(), v, func(ctx context.Context, as cell.Admin) (cell.Done, error) { return as.Import(ctx, text) })
}
