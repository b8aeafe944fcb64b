// Package list is the open format of shared lists, described in FORMAT.md (in the folder above) so that anybody can implement it: a list is a folder
// of plain files that any web server can serve, and a signature proves that they are the publisher's.
//
//	manifest.json                what the list is, its serial, and its parts with their sizes and hashes: a [Manifest]
//	manifest.json.minisig        the signature of the manifest, as the minisign command makes and verifies it
//	full-42.ndjson.gz            all entries at serial 42: an [Entry] a line, in order
//	delta-41-42.ndjson.gz        what has changed since serial 41: a [Change] a line, in order
//
// [Publish] writes such a folder. A reader downloads the manifest and its signature by whatever means, has [Open] verify them, asks [Manifest.Part]
// for the part that it needs, and reads that with [Manifest.Full] or [Manifest.Delta] and [Apply], within [Limits], under a [Guard].
//
// Everything that is read is hostile: a key says whose list it is, not that they mean well. Reading stops at the first fault, and nothing may be kept
// until all of a part has been read and its hash was right, that is, until the sequence has ended without an error. Entries are in the order of their
// numbers, so that a delta can be applied, and a number that comes twice noticed, without holding the list in memory.
package list

import (
	"time"
)

// Format is the name of the format, in every manifest. A change that older readers would misread needs a new name; readers ignore members that they
// do not know.
const Format = "ringfence-list/1"

// The files of a list besides its parts.
const (
	ManifestFile  = "manifest.json"
	SignatureFile = "manifest.json.minisig"
)

// MaxSerial is the largest serial: every number up to it is one in JavaScript too.
const MaxSerial = 1 << 53

// Manifest says what a list is. All text in it is one line, without control characters and without those that reverse the direction of writing.
type Manifest struct {
	Format    string `json:"format"`    // Format
	Name      string `json:"name"`      // what people call the list; 1 to 80 bytes
	Publisher string `json:"publisher"` // who answers for it; this and the next four have 1 to 500 bytes
	Purpose   string `json:"purpose"`   // what it is for, and what comes onto it
	Region    string `json:"region"`    // for lines in which region it is made: an ISO 3166-1 alpha-2 code such as "GB"
	Licence   string `json:"licence"`   // what may be done with it, such as an SPDX identifier
	Contact   string `json:"contact"`   // where to reach the publisher: a web or an e-mail address
	Appeals   string `json:"appeals"`   // where the owner of a wrongly listed number can have it taken off

	Serial     int64     `json:"serial"`      // 1 to MaxSerial, greater with every publication
	Made       time.Time `json:"made"`        // when it was published; in UTC, whole seconds
	ValidUntil time.Time `json:"valid_until"` // from then on it only warns; at most a year after Made
	Entries    int64     `json:"entries"`     // in the full list

	Parts []Part `json:"parts"` // exactly one full list, then deltas, each from another serial
}

// Part is a file of a list: gzipped UTF-8 text with an entry or a change on each line.
type Part struct {
	File     string `json:"file"`           // FullFile or DeltaFile of the serials, and nothing else
	From     int64  `json:"from,omitempty"` // a delta's: the serial of the contents that it turns into those of the manifest; 0 is the full list
	Size     int64  `json:"size"`           // bytes of the file
	Unpacked int64  `json:"unpacked"`       // bytes of the text
	Entries  int64  `json:"entries"`        // lines
	SHA256   string `json:"sha256"`         // of the file; 64 lower-case hexadecimal digits
}

// Limits are what a reader is ready to accept. The manifest is checked against them before a part is downloaded, and a part is refused as soon as it
// differs from what the manifest says.
type Limits struct {
	Entries  int64         // lines of a part
	Prefixes int64         // of them for whole ranges of numbers
	Size     int64         // bytes of a part's file
	Unpacked int64         // bytes of a part's text
	Ratio    int64         // how many times the size of its file a part's text may have, once it has more than a megabyte
	Time     time.Duration // for reading a part
}

// DefaultLimits has room for ten million numbers, but not for every prefix of a country's numbers. A list of consecutive numbers, all with the same
// long note, shrinks to a hundredth; gzip's own limit is a thousandth.
func DefaultLimits() Limits {
	return Limits{Entries: 10_000_000, Prefixes: 1000, Size: 512 << 20, Unpacked: 2 << 30, Ratio: 250, Time: 10 * time.Minute}
}

// The sizes of what is read whole.
const (
	MaxManifest  = 256 << 10 // bytes of manifest.json
	MaxSignature = 4 << 10   // bytes of manifest.json.minisig
	maxLine      = 4 << 10   // bytes of a line of a part
	maxParts     = 100
)
