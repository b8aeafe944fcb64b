// Package g722 is the wideband telephone codec of ITU-T Recommendation G.722 at 64 kbit/s: 16 kHz speech, split into two
// bands of which each is coded as the difference from a prediction (SB-ADPCM). It follows the Recommendation's
// fixed-point description block by block, under the Recommendation's names, so that a decoder's state stays equal to
// its encoder's. The Go module that does this (github.com/gotranspile/g722) comes without its licence.
package g722
