// Package card makes a card for the household, to print: its own feature codes, and what the keys do, in large type.
package card

import (
	_ "embed"
	"errors"
	"html/template"
	"slices"
	"strings"

	"ringfence/config"
	"ringfence/ivr"
	"ringfence/screening"
)

//go:embed card.html
var cardPage string

// cardWords are the words of a card in one language.
type cardWords struct {
	Title, Number, Announced, Talking, Dial, Help string
	AnnounceKeys, TalkKeys                        [][2]string
	Codes                                         map[string]string // by the code's name
}

// cardLine is a code on it.
type cardLine struct{ Keys, What string }

// Page is a household's card as a page.
func Page(h config.Household) (string, error) {
	words := englishCard
	if strings.HasPrefix(h.Language, "fr") {
		words = frenchCard
	}
	words.Help = strings.Replace(words.Help, "999 or 112", helpNumbers(h), 1)
	var lines []cardLine
	for _, code := range h.FeatureCodes() {
		what, known := words.Codes[code.Name]
		if !known {
			return "", errors.New("the card has no words for " + code.Name)
		}
		lines = append(lines, cardLine{code.Keys, what})
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

// EnglishCodes say in English what each code does.
func EnglishCodes() map[string]string {
	words := map[string]string{}
	for _, c := range ivr.Codes() {
		words[c.Name] = c.What
	}
	return words
}

var englishCard = cardWords{
	Title: "Your telephone", Number: "Your number:",
	Announced: "When you hear “You have a call from …”, press",
	AnnounceKeys: [][2]string{
		{"1", "Take the call"}, {"2", "Not now: they may leave a message"}, {"3", "It is a scam: send them away and block them"},
		{"4", "Take the call, and always let them through"}, {"*", "Hear it again"},
	},
	Talking: "While you talk with somebody who rang you",
	TalkKeys: [][2]string{
		{"*7", "Send them away and block them. You need not say a word"}, {"*1", "Always let them through from now on"},
		{"*2", "Take a second call that waits. The first one holds the line"},
	},
	Dial:  "Pick up and dial",
	Help:  "In an emergency dial 999 or 112 as always. After that, every call rings for a while, so that help can reach you.",
	Codes: EnglishCodes(),
}

var frenchCard = cardWords{
	Title: "Votre téléphone", Number: "Votre numéro :",
	Announced: "Quand vous entendez « Vous avez un appel de … », appuyez sur",
	AnnounceKeys: [][2]string{
		{"1", "Prendre l'appel"}, {"2", "Pas maintenant : on peut laisser un message"}, {"3", "C'est une arnaque : renvoyer et bloquer"},
		{"4", "Prendre l'appel, et toujours laisser passer"}, {"*", "Entendre encore une fois"},
	},
	Talking: "Pendant que vous parlez avec quelqu'un qui vous a appelé",
	TalkKeys: [][2]string{
		{"*7", "Renvoyer et bloquer. Vous n'avez rien à dire"}, {"*1", "Toujours laisser passer désormais"},
		{"*2", "Prendre un deuxième appel qui attend. Le premier patiente"},
	},
	Dial: "Décrochez et composez",
	Help: "En cas d'urgence, composez le 112 comme toujours. Ensuite, tous les appels sonnent un certain temps, pour que les secours puissent vous joindre.",
	Codes: map[string]string{
		"messages":    "Écouter les messages",
		"last-caller": "Entendre qui a appelé en dernier, et pourquoi l'appel a été traité ainsi",
		"test-call":   "Faire sonner ce téléphone, pour voir s'il marche",
		"block-last":  "Bloquer le dernier appelant",
		"allow-last":  "Toujours laisser passer le dernier appelant",
		"mode":        "Entendre ou changer la sévérité du filtrage",
		"expect":      "Laisser sonner le prochain appel inconnu, pendant deux heures",
		"greeting":    "Entendre, enregistrer ou retirer votre annonce",
		"question":    "Entendre, enregistrer ou retirer votre question aux inconnus",
		"inspection":  "Entendre, enregistrer ou retirer vos mots pour les arnaqueurs",
	},
}
