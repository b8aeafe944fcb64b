// Package card makes a card for the household, to print. Its front is for the wall by the phone: the keys for a call that is announced, in very large
// type. Its back has everything else that can be pressed or dialled, with the household's own codes.
package card

import (
	_ "embed"
	"errors"
	"html/template"
	"slices"
	"strings"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/screening"
)

//go:embed card.html
var cardPage string

// cardWords are the words of a card in one language.
type cardWords struct {
	Title, Number, Announced, Talking, Dial, Emergency, Help string
	AnnounceKeys, BackKeys, TalkKeys                         [][2]string       // the first are those of the front
	Codes                                                    map[string]string // by the code's name
}

// Line is a code on it.
type Line struct{ Keys, What string }

// Page is a household's card as a page.
func Page(h config.Household) (string, error) {
	words := englishCard
	if strings.HasPrefix(h.Language, "fr") {
		words = frenchCard
	}
	words.Emergency = strings.Replace(words.Emergency, "999 or 112", helpNumbers(h), 1)
	lines, err := words.lines(h.FeatureCodes())
	if err != nil {
		return "", err
	}
	number, err := screening.ParseNumber(h.Number, h.Region)
	if err != nil && h.Number != "" {
		return "", err
	}
	t, err := template.New("card").Parse(cardPage)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, map[string]any{"Language": h.Language, "Words": words, "Codes": lines, "Number": number.National(h.Region)})
	return b.String(), err
}

// lines are a household's codes in the order of use.
func (w cardWords) lines(codes []asterisk.Code) (lines []Line, err error) {
	for _, code := range codes {
		if w.Codes[code.Name] == "" || !slices.Contains(order, code.Name) {
			return nil, errors.New("the card has no words for " + code.Name)
		}
	}
	for _, name := range order {
		if i := slices.IndexFunc(codes, func(c asterisk.Code) bool { return c.Name == name }); i >= 0 {
			lines = append(lines, Line{codes[i].Keys, w.Codes[name]})
		}
	}
	return lines, nil
}

// order is the codes' names, those that people use most first.
var order = []string{"messages", "last-caller", "block-last", "allow-last", "expect", "mode", "greeting", "question", "inspection", "test-call"}

// helpNumbers are the emergency numbers that people of the region know by heart.
func helpNumbers(h config.Household) string {
	switch {
	case h.Language == "en-US" || slices.Contains(screening.EmergencyNumbers(h.Region), "911"):
		return "911"
	case h.Region == "GB":
		return "999 or 112"
	default:
		return "112"
	}
}

// EnglishLines are a household's codes in English, in the order of use.
func EnglishLines(h config.Household) ([]Line, error) { return englishCard.lines(h.FeatureCodes()) }

var englishCard = cardWords{
	Title: "Your phone", Number: "Your number:",
	Announced:    "“A call from …”",
	AnnounceKeys: [][2]string{{"1", "Talk"}, {"2", "Not now"}, {"3", "It’s a scam"}, {"4", "Talk, and always let in"}},
	BackKeys: [][2]string{
		{"1", "Talk"}, {"2", "Not now: they can leave a message"}, {"3", "Send a scammer away, for good"}, {"4", "Talk, and always let them in from now on"}, {"*", "Hear it again"},
	},
	Talking: "While you talk to somebody who rang you",
	TalkKeys: [][2]string{
		{"*7", "Send a scammer away, for good"}, {"*1", "Always let them in from now on"}, {"*2", "Take a second call; the first one waits"},
	},
	Dial:      "Pick up and dial",
	Emergency: "Emergency? Dial 999 or 112, as always.",
	Help:      "After that every call rings for a while, so help can reach you.",
	Codes: map[string]string{
		"messages":    "Hear your messages",
		"last-caller": "Hear who rang last, and why",
		"block-last":  "Block the last caller",
		"allow-last":  "Always let the last caller in",
		"expect":      "Let the next stranger ring (for 2 hours)",
		"mode":        "Make Ringfence more or less strict",
		"greeting":    "Record your greeting",
		"question":    "Record your question to strangers",
		"inspection":  "Record your words to scammers",
		"test-call":   "Make this phone ring, as a test",
	},
}

var frenchCard = cardWords{
	Title: "Votre téléphone", Number: "Votre numéro :",
	Announced:    "« Vous avez un appel de … »",
	AnnounceKeys: [][2]string{{"1", "Parler"}, {"2", "Pas maintenant"}, {"3", "C’est une arnaque"}, {"4", "Parler, et toujours laisser passer"}},
	BackKeys: [][2]string{
		{"1", "Parler"}, {"2", "Pas maintenant : on peut laisser un message"}, {"3", "Renvoyer l’escroc, pour de bon"}, {"4", "Parler, et toujours laisser passer désormais"}, {"*", "Entendre encore une fois"},
	},
	Talking: "Pendant que vous parlez avec quelqu’un qui vous a appelé",
	TalkKeys: [][2]string{
		{"*7", "Renvoyer l’escroc, pour de bon"}, {"*1", "Toujours laisser passer désormais"}, {"*2", "Prendre un deuxième appel ; le premier patiente"},
	},
	Dial:      "Décrochez et composez",
	Emergency: "Urgence ? Composez le 112, comme toujours.",
	Help:      "Ensuite, tous les appels sonnent un certain temps, pour que les secours puissent vous joindre.",
	Codes: map[string]string{
		"messages":    "Écouter vos messages",
		"last-caller": "Entendre qui a appelé en dernier, et pourquoi",
		"block-last":  "Bloquer le dernier appelant",
		"allow-last":  "Toujours laisser passer le dernier appelant",
		"expect":      "Laisser sonner le prochain inconnu (pendant 2 heures)",
		"mode":        "Rendre Ringfence plus ou moins sévère",
		"greeting":    "Enregistrer votre annonce",
		"question":    "Enregistrer votre question aux inconnus",
		"inspection":  "Enregistrer vos mots pour les arnaqueurs",
		"test-call":   "Faire sonner ce téléphone, pour essayer",
	},
}
