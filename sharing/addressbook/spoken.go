package addressbook

import "golang.org/x/text/language"

// spoken finds the languages that contacts can be spoken to in.
type spoken struct {
	household string
	codes     []string
	matcher   language.Matcher // nil without any
}

func newSpoken(house Household) *spoken {
	s := &spoken{household: house.Language, codes: house.Languages}
	if len(s.codes) == 0 {
		return s
	}
	var tags []language.Tag
	for _, code := range s.codes {
		tags = append(tags, language.Make(code))
	}
	s.matcher = language.NewMatcher(tags)
	return s
}

// of is the language to speak in to somebody who understands the one that is written, such as fr-FR for "fr" or "fr-CA"; "" for the household's own.
// known is false for a language that cannot be spoken.
func (s *spoken) of(written string) (code string, known bool) {
	if written == "" || s.matcher == nil {
		return "", true
	}
	tag, err := language.Parse(written)
	if err != nil {
		return "", false
	}
	// "en" alone is the English of the household, if it speaks any; else it would be that of the United States (CLDR, likely subtags).
	base, _, region := tag.Raw()
	if home, _ := language.Make(s.household).Base(); base == home && region == (language.Region{}) {
		return "", true
	}
	_, at, confidence := s.matcher.Match(tag)
	if confidence < language.High {
		return "", false
	}
	if s.codes[at] == s.household {
		return "", true
	}
	return s.codes[at], true
}
