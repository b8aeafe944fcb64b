package web

import (
	"context"
	"errors"
	"net/http"

	"ringfence/screening"
	"ringfence/store"
)

// reported is the number in an address, which is one that a household has reported.
func (s *Server) reported(r *http.Request, v *visit) (screening.Number, error) {
	n, err := screening.ParseNumber(r.PathValue("number"), v.Household.Region)
	if err != nil {
		return "", errNotThere
	}
	return n, nil
}

// file files a report, and says what went wrong in a sentence for people.
func (s *Server) file(ctx context.Context, v *visit, n screening.Number, category string) error {
	if whose, never := screening.NeverBlocked(n, v.Household.Region); never {
		return fault{http.StatusConflict, "That is the number of " + whose + ". Somebody may have shown it falsely, but the number itself is not to blame, so it is not reported."}
	}
	err := s.Store.ReportNumber(ctx, v.Household.Name, n, category, v.Person.Name)
	if errors.Is(err, store.ErrContact) {
		return fault{http.StatusConflict, v.National(n) + " is the number of one of the contacts, so it is not reported."}
	}
	if err != nil {
		return refused("%s", sentence(err))
	}
	return nil
}

// standing is the category of the report of a number; "" where there is none.
func (s *Server) standing(ctx context.Context, v *visit, n screening.Number) (category string, err error) {
	reports, err := s.Store.Reports(ctx, v.Household.Name)
	for _, r := range reports {
		if r.Number == n {
			category = r.Category
		}
	}
	return category, err
}

func (s *Server) recategorise(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	if err := s.file(r.Context(), v, n, r.FormValue("category")); err != nil {
		return err
	}
	told := v.National(n) + " is reported as: " + categoryWords[r.FormValue("category")] + "."
	if err := s.changed(r.Context(), v, "reported", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("blocks"), told, nil)
}

func (s *Server) withdrawReport(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	told, withdrawn, err := s.takeReportBack(r.Context(), v, n)
	if err != nil {
		return err
	}
	if !withdrawn {
		return fault{http.StatusNotFound, "This report is not there any more: somebody may have withdrawn it meanwhile."}
	}
	return s.done(w, r, backTo(r, v), told, &undo{v.Path("reports", string(n), "restore"), map[string]string{"category": r.FormValue("category")}})
}

func (s *Server) restoreReport(w http.ResponseWriter, r *http.Request, v *visit) error {
	n, err := s.reported(r, v)
	if err != nil {
		return err
	}
	if err := s.file(r.Context(), v, n, r.FormValue("category")); err != nil {
		return err
	}
	told := "Undone: " + v.National(n) + " is reported."
	if err := s.changed(r.Context(), v, "undone", told); err != nil {
		return err
	}
	return s.done(w, r, backTo(r, v), told, nil)
}

// takeReportBack withdraws a report, and says so; false where there is none any more.
func (s *Server) takeReportBack(ctx context.Context, v *visit, n screening.Number) (told string, withdrawn bool, err error) {
	if withdrawn, err = s.Store.WithdrawReport(ctx, v.Household.Name, n); err != nil || !withdrawn {
		return "", false, err
	}
	told = "The report of " + v.National(n) + " is withdrawn."
	return told, true, s.changed(ctx, v, "report-withdrawn", told)
}
