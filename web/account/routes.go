package account

import "net/http"

// Route is an address and what it does.
type Route[V any] struct {
	Pattern  string // as for http.ServeMux
	SignedIn bool   // whether it is only for people who have signed in
	Serve    func(w http.ResponseWriter, r *http.Request, v V) error
}

// Routes are the addresses of these pages.
func (p *Pages[V]) Routes() []Route[V] {
	return []Route[V]{
		{"GET /sign-in", false, p.signInPage},
		{"POST /sign-in", false, p.signIn},
		{"GET /sign-in/code", false, p.codePage},
		{"POST /sign-in/code", false, p.tryCode},
		{"POST /sign-out", false, p.signOut},
		{"GET /password/{token}", false, p.passwordPage},
		{"POST /password/{token}", false, p.choosePassword},
		{"POST " + p.Page + "/password", true, p.changePassword},
		{"POST " + p.Page + "/logins/{login}/end", true, p.endLogin},
		{"POST " + p.Page + "/logins/end", true, p.endOtherLogins},
		{"GET " + p.code(), true, p.codeSetUpPage},
		{"GET " + p.code() + "/picture", true, p.codePicture},
		{"POST " + p.code(), true, p.setUpCodes},
		{"POST " + p.code() + "/off", true, p.removeCodes},
		{"POST " + p.code() + "/recovery", true, p.newRecoveryCodes},
	}
}
