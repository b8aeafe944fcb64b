package list

import "errors"

// What is wrong with a list as a whole. Each is the beginning of an error's plain sentence, and can be found with errors.Is.
var (
	ErrSignature = errors.New("the list is not signed with the key that it should be")
	ErrManifest  = errors.New("the list's manifest is not as it should be")
	ErrTooLarge  = errors.New("the list is larger than this reader takes")
	ErrOlder     = errors.New("the list is older than the one that is here") // a rollback or a replay
	ErrOutdated  = errors.New("the list is out of date")                     // its valid_until has come
	ErrFuture    = errors.New("the list is from the future: is this machine's clock right?")
	ErrPart      = errors.New("a part of the list is not as its manifest says") // its size, hash, lines or contents
	ErrTime      = errors.New("reading the list has taken too long")
)
