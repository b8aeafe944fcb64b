package screening_test

import (
	"slices"
	"testing"

	"ringfence/screening"
)

// The marks of networks in place of a name, as they write them in the United States, Canada, Britain, Germany, France, Spain, Italy and the Netherlands;
// and names that only look like them.
func TestSpamNames(t *testing.T) {
	for _, name := range []string{
		"Scam Likely", "SCAM LIKELY", "Potential Spam", "Spam?", "SPAM LIKELY", "Spam Risk", "Fraud Risk", "Suspected spam", "SUSPECTED SPAM", "Telemarketer",
		"Suspected Telemarketer", "Possible Scam", "Robocaller", "Robo Caller", "Potential Fraud", "Likely Fraud", "Nuisance Likely", "Scam or Fraud",
		"[SPAM] Acme Ltd", "SPAM: John Smith", "Spam? J SMITH", "Acme (Spam)", "Scam Likely - Texas", "Known spam", "\u26a0 Spam",
		"Spam-Verdacht", "Spamverdacht", "Vorsicht: Betrug", "Vorsicht, möglicher Betrug!", "MÖGLICHER BETRUG", "Betrug möglich", "Verdacht auf Spam", "Werbeanruf",
		"Spam présumé", "SPAM SUSPECTE", "Appel suspect", "Risque d'arnaque", "Risque de fraude", "Démarchage", "Appel indésirable", "Indésirable",
		"Posible spam", "Sospecha de spam", "Posible fraude", "Posible estafa", "Llamada sospechosa", "Telemarketing",
		"Possibile spam", "Sospetto spam", "Possibile truffa", "Chiamata sospetta", "Rischio frode",
		"Suspicious call", "Junk Call", "Phishing", "ScamLikely", "Spam 80%", "Unknown spam", "Verified Spam", "Spoofed number", "ＳＰＡＭ", "Fraud?",
		"Unerwünschter Anruf", "Mögl. Betrug", "Verdächtiger Anruf", "Moeglicher Betrug", "Unseriös", "Achtung: Betrug - Acme",
		"Appel frauduleux", "Fraude suspectée", "Démarchage téléphonique", "Appel malveillant", "Appel commercial",
		"Llamada no deseada", "Llamada comercial", "Possível spam", "Suspeita de fraude", "Chamada indesejada", "Chiamata indesiderata", "Ongewenste oproep",
		"Podejrzenie spamu", "Możliwe oszustwo", "Niechciane połączenie", "Možný spam", "Misstänkt bedrägeri", "Mulig svindel", "Epäilty huijaus", "Mahdollinen spam",
		"Возможно, мошенники", "Спам", "Возможный спам", "诈骗电话", "迷惑電話",
		"Mogelijk spam", "Vermoedelijke fraude", "Mogelijke oplichting", "Let op: mogelijke fraude",
	} {
		if !screening.Identify(screening.Identity{Number: "02079460123", Name: name}, "GB").SpamName {
			t.Errorf("%q is taken for a name", name)
		}
	}
	for _, name := range []string{
		"", "Anna Spamer", "Scampi Bar", "Spamalot Theatre", "Bob Scammell", "Fraud Dept", "FRAUD ALERT", "Lloyds Fraud", "Fraude", "Anti-Spam GmbH", "Risk & Co",
		"Caller", "Possible", "Call Centre", "Marketing", "Telemark Skis", "Robo", "Likely Ltd", "High Street", "Betrugsdezernat", "De Vries", "Van Op", "Moglich",
		"Council - Nuisance", "Citizens Advice / Scams", "Trading Standards (Scams)", "Lloyds Bank: Fraud call", "Bank: fraud risk", "Noise & Nuisance", "Golpe", "Service commercial",
		"Credit Risk", "D'Alerte", "Spammy Nails", "Nuisance Wildlife Control", "Betreuung", "Frau Betrug",
	} {
		if screening.Identify(screening.Identity{Number: "02079460123", Name: name}, "GB").SpamName {
			t.Errorf("%q is taken for a network's mark", name)
		}
	}
}

// A call that the network marks is screened at least, with a warning; what the household has chosen for such calls can only be stricter.
func TestWhatTheNetworkSaysAgainstACaller(t *testing.T) {
	for code, test := range map[screening.Code]struct {
		mark    func(*screening.Caller)
		policy  func(*screening.Policy) *screening.Action
		warning screening.Warning
	}{
		screening.CodeSpamName: {func(c *screening.Caller) { c.SpamName = true }, func(p *screening.Policy) *screening.Action { return &p.SpamName }, screening.WarnSpamName},
		screening.CodeForged:   {func(c *screening.Caller) { c.Forged = true }, func(p *screening.Policy) *screening.Action { return &p.Forged }, screening.WarnForged},
	} {
		for chosen, want := range map[screening.Action]screening.Action{
			"": screening.Screen, screening.Ring: screening.Screen, screening.Screen: screening.Screen, screening.Message: screening.Message,
			screening.TurnAway: screening.TurnAway, screening.TurnAwayBusy: screening.TurnAway, "explode": screening.Screen,
		} {
			for _, mode := range []screening.Mode{screening.Ask, screening.BlockOnly} {
				s := stranger()
				s.house.Mode = mode
				s.house.Times.ExpectingUntil = s.call.At.Add(1) // a suspect caller is never the expected one
				test.mark(&s.call.Caller)
				*test.policy(&s.house.Policy) = chosen
				v := s.decide()
				checkVerdict(t, v)
				if v.Action != want || v.Reasons[0].Code != code || !slices.Contains(v.Warnings, test.warning) {
					t.Errorf("%s, policy %q, mode %s: %+v", code, chosen, mode, v)
				}
				if n := len(slices.DeleteFunc(codes(v), func(c screening.Code) bool { return c != code })); n != 1 {
					t.Errorf("%s, policy %q: said %d times: %q", code, chosen, n, codes(v))
				}
			}
		}
		s := stranger()
		test.mark(&s.call.Caller)
		s.known.Entries = []screening.Entry{entry(0.9)}
		if code == screening.CodeSpamName && s.decide().Reasons[0].Code != screening.CodeList {
			t.Errorf("a mark keeps a sure list from deciding: %+v", s.decide())
		}
	}
	s := stranger()
	s.call.Caller.SpamName, s.call.Caller.International = true, true
	s.house.Policy.SpamName, s.house.Policy.International = screening.Message, screening.TurnAway
	if v := s.decide(); v.Action != screening.TurnAway || v.Reasons[0].Code != screening.CodeInternational {
		t.Errorf("the mark of a network helps its caller: %+v", v)
	}
	s = stranger()
	s.call.Caller.SpamName, s.known.Contact, s.house.Policy.SpamName = true, &screening.Contact{Name: "Surgery"}, screening.TurnAway
	if v := s.decide(); v.Action != screening.Ring {
		t.Errorf("a contact whom the network marks does not ring: %+v", v)
	}
}

// What speaks for a caller is the last kind: it overrules no other choice, and not a false number.
func TestAttestedCallers(t *testing.T) {
	for level, policy := range map[screening.Attestation]func(*screening.Policy) *screening.Action{
		screening.AttestedA: func(p *screening.Policy) *screening.Action { return &p.AttestedA }, screening.AttestedB: func(p *screening.Policy) *screening.Action { return &p.AttestedB },
		screening.AttestedC: func(p *screening.Policy) *screening.Action { return &p.AttestedC }, screening.AttestedNone: func(p *screening.Policy) *screening.Action { return &p.AttestedNone },
	} {
		for _, action := range []screening.Action{"", screening.Ring, screening.Message, screening.TurnAway} {
			s := stranger()
			s.call.Caller.Attestation = level
			*policy(&s.house.Policy) = action
			want := action
			if want == "" {
				want = screening.Screen
			}
			if v := s.decide(); v.Action != want {
				t.Errorf("level %s, policy %q: %+v", level, action, v)
			}
		}
	}
	s := stranger()
	s.call.Caller.Attestation, s.call.Caller.International = screening.AttestedA, true
	s.house.Policy.AttestedA, s.house.Policy.International = screening.Ring, screening.TurnAway
	if v := s.decide(); v.Action != screening.TurnAway {
		t.Errorf("an attested call from abroad: %+v", v)
	}
	s.call.Caller.International, s.call.Caller.Forged = false, true
	if v := s.decide(); v.Action != screening.Screen {
		t.Errorf("a forged call with level A: %+v", v)
	}
	s.call.Caller.Forged, s.known.Entries = false, []screening.Entry{entry(0.3)}
	if v := s.decide(); v.Action != screening.Screen {
		t.Errorf("a reported number with level A: %+v", v)
	}
}
