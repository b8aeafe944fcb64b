package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/store/people"
	"ringfence/web/account"
	"ringfence/web/backend"
	"ringfence/web/gate"
)

// maxPasskeyAnswer is how much an answer of a passkey has at most, in bytes.
const maxPasskeyAnswer = 64 << 10

// asJSON serves the requests of static/passkey.js, two for each use: an answer, or {"error": a sentence}. A passkey proves that its owner was there,
// by finger, face or code, so it is enough by itself.
func asJSON(serve func(*http.Request, *backend.Visitor) (any, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxPasskeyAnswer)
		answer, err := serve(r, v)
		status := http.StatusOK
		var f backend.Fault
		if err = backend.AsFault(err); errors.As(err, &f) {
			status, answer = f.Status, map[string]string{"error": f.Sentence}
		} else if err != nil {
			return err
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(text) // as in write
		return nil
	}
}

// origin is the address by which people reach the pages.
func (s *Server) origin(r *http.Request) string {
	if s.Public != "" {
		return s.Public
	}
	if s.Secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// webauthn is the passkey library set up for the host name by which somebody reached the pages. A passkey belongs to that name, and browsers refuse
// one for an IP address.
func (s accountHandlers) webauthn(r *http.Request) (*webauthn.WebAuthn, error) {
	at, err := url.Parse(s.origin(r))
	if err != nil || at.Hostname() == "" || net.ParseIP(at.Hostname()) != nil {
		return nil, backend.Refuse("Passkeys work only where Ringfence is reached by a name, not by a number such as %s. Use a password here.", r.Host)
	}
	return webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: "Ringfence", RPOrigins: []string{at.Scheme + "://" + at.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
}

// keyholder is a person as the passkey library wants it.
type keyholder struct {
	people.Person
	keys []webauthn.Credential
}

func (k keyholder) WebAuthnID() []byte                         { return k.Handle }
func (k keyholder) WebAuthnName() string                       { return k.Email }
func (k keyholder) WebAuthnDisplayName() string                { return k.Name }
func (k keyholder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

func (s accountHandlers) keyholder(ctx context.Context, p people.Person) (keyholder, error) {
	k := keyholder{Person: p}
	all, err := s.Store.Passkeys(ctx, p.ID)
	for _, one := range all {
		var c webauthn.Credential
		if err := json.Unmarshal(one.Credential, &c); err != nil {
			return k, fmt.Errorf("a stored passkey cannot be read: %w", err)
		}
		k.keys = append(k.keys, c)
	}
	return k, err
}

// ask stores what a passkey has to answer; answerTo takes the answer, once.
func (s accountHandlers) ask(ctx context.Context, data *webauthn.SessionData) error {
	kept, err := json.Marshal(data)
	s.sessions.Put(ctx, account.SessionPasskey, string(kept))
	return err
}

var errPasskey = backend.RefuseAs(http.StatusUnprocessableEntity, "That passkey could not be used here. Please try again, or sign in with your password.")

func (s accountHandlers) answerTo(r *http.Request) (keys *webauthn.WebAuthn, data webauthn.SessionData, err error) {
	if keys, err = s.webauthn(r); err != nil {
		return nil, data, err
	}
	if json.Unmarshal([]byte(s.sessions.PopString(r.Context(), account.SessionPasskey)), &data) != nil {
		return nil, data, errPasskey
	}
	return keys, data, nil
}

func (s accountHandlers) passkeyAsked(r *http.Request, _ *backend.Visitor) (any, error) {
	keys, err := s.webauthn(r)
	if err != nil {
		return nil, err
	}
	// Each question allows one answer, so this limits those as well. Storing it is also a write.
	if !s.account.Accounts.MayAsk(s.Address(r), s.Now()) {
		return nil, accounts.ErrTooMany
	}
	options, data, err := keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return options.Response, s.ask(r.Context(), data)
}

func (s accountHandlers) passkeyAnswered(r *http.Request, _ *backend.Visitor) (any, error) {
	ctx := r.Context()
	keys, data, err := s.answerTo(r)
	if err != nil {
		return nil, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBody(r.Body)
	if err != nil {
		return nil, errPasskey
	}
	var found keyholder
	_, credential, err := keys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		person, _, err := s.Store.People.ByHandle(ctx, handle)
		if err == nil {
			found, err = s.keyholder(ctx, person)
		}
		return found, err
	}, data, answer)
	if err != nil {
		s.Log.Info("a passkey was refused", "err", err)
		return nil, errPasskey
	}
	if credential.Authenticator.CloneWarning {
		s.Log.Warn("a passkey was refused because it has counted backwards: somebody may have copied it", "person", found.ID)
		return nil, errPasskey
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return nil, err
	}
	err = s.Store.UsedPasskey(ctx, found.ID, store.Passkey{CredentialID: credential.ID, Credential: kept, SignCount: credential.Authenticator.SignCount}, s.Now())
	if err != nil {
		return nil, err
	}
	return map[string]string{"to": gate.Inside(r.URL.Query().Get("to"))}, s.account.LetIn(r, found.ID)
}

func (s accountHandlers) newPasskeyAsked(r *http.Request, v *backend.Visitor) (any, error) {
	keys, err := s.webauthn(r)
	if err != nil {
		return nil, err
	}
	if err := s.account.Confirm(r, v); err != nil {
		return nil, err
	}
	holder, err := s.keyholder(r.Context(), v.Person)
	if err != nil {
		return nil, err
	}
	var had []protocol.CredentialDescriptor
	for _, k := range holder.keys {
		had = append(had, k.Descriptor())
	}
	options, data, err := keys.BeginRegistration(holder, webauthn.WithExclusions(had))
	if err != nil {
		return nil, err
	}
	return options.Response, s.ask(r.Context(), data)
}

func (s accountHandlers) newPasskeyMade(r *http.Request, v *backend.Visitor) (any, error) {
	ctx := r.Context()
	keys, data, err := s.answerTo(r)
	if err != nil {
		return nil, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBody(r.Body)
	if err != nil {
		return nil, errPasskey
	}
	holder, err := s.keyholder(ctx, v.Person)
	if err != nil {
		return nil, err
	}
	credential, err := keys.CreateCredential(holder, data, answer)
	if err != nil {
		s.Log.Info("a new passkey was refused", "person", v.Person.ID, "err", err)
		return nil, errPasskey
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return nil, err
	}
	name := account.Device(r.UserAgent())
	key := store.Passkey{CredentialID: credential.ID, Credential: kept, Name: name, SignCount: credential.Authenticator.SignCount}
	if err := s.people().AddPasskey(ctx, v.Person, key, accounts.Themselves(v.Person, v.Now)); err != nil {
		return nil, err
	}
	return map[string]string{"to": "/me"}, s.tellNext(ctx, "You can sign in with this passkey now.", "")
}
