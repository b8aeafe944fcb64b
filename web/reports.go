package web

import (
	"net/http"

	"ringfence/screening"
)

// reported is the number in an address, which is one that a household has reported.
func (s *Server) reported(r *http.Request, v *visit) (screening.Number, error) {
	n, err := screening.ParseNumber(r.PathValue("number"), v.Household.Region)
	if err != nil {
		return "", errNotThere
	}
	return n, nil
}

func (s blockHandlers) recategorise(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	done, err := s.admin(v).Report(r.Context(), n, r.FormValue("category"))
	return s.tell(w, r, v, v.Path("blocks"), done, err)
}

func (s blockHandlers) withdrawReport(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	done, err := s.admin(v).WithdrawReport(r.Context(), n)
	return s.tell(w, r, v, backTo(r, v), done, err)
}
