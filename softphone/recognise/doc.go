// Package recognise finds out which recordings were heard on a telephone, when, and how much of each, by comparing what arrived with the recordings
// themselves.
//
// A recording arrives sample by sample as it was made, apart from the codec, the level and a shift in time. So its normalised
// cross-correlation with what was heard is near 1 at the right place, and below 0.5 anywhere else, even for the same voice. The
// search has two steps. At the beginning of a sound that has not been explained yet, its first 0.6 s are correlated with all
// recordings at once: below 400 Hz and at 1 kHz, to be cheap, through FFTs that the library keeps. The best places are then checked
// at 8 kHz, and from there the two are followed together, forwards and backwards, as far as they agree. So a recording costs one
// search, silence costs nothing, and a recording that is cut short or begins in the middle is found with its extent.
//
// Nothing is searched until somebody asks: Put only keeps the samples.
package recognise
