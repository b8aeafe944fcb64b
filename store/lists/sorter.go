package lists

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"math"
	"os"
	"slices"

	"ringfence/store/columns"
)

const (
	// A run is what is sorted in memory: so many entries at most, and so many bytes of what they say.
	runEntries = 1 << 17
	runBytes   = 8 << 20
	runBuffer  = 32 << 10 // bytes: of each run, while runs are merged
)

// sorter brings the entries of a list into the order of the table's key. Put in so, each page of the table is written about
// once; in any other order a list of a million would write some of them thousands of times, on an SD card often. It holds
// one run in memory, and the others in a file in dir that nobody sees.
//
// SQLite could sort in a temporary table. Measured side by side (BenchmarkSorting), an import of a million entries takes 1.3 times the
// processor's time so, and 1.4 to 2 times as long on two busy cores; the process has 50 MB at most instead of 78. But SQLite writes the
// entries twice more, into its folder for temporary files, which a container keeps in memory (docker-compose.yml).
type sorter struct {
	dir   string
	most  int       // entries of a run
	keys  []sortKey // of the run in memory
	says  []byte    // what its entries say beside their number, each with its length before it
	file  *os.File  // the runs that are full, one behind the other; nil: there are none
	ends  []int64   // where each of them ends
	words words
}

// sortKey is where an entry stands in the order, and where in says it begins: the later of two came later.
type sortKey struct {
	order int64
	at    int
}

// orderOf is an entry's place in the table: of the primary key's columns number and is_prefix.
func orderOf(number int64, prefix bool) int64 {
	if prefix {
		return number*2 + 1
	}
	return number * 2
}

// add takes an entry. full tells that a run has been put away.
func (s *sorter) add(e Entry) (full bool, err error) {
	number, err := columns.Key(e.Digits, e.Prefix)
	if err != nil {
		return false, err
	}
	s.keys = append(s.keys, sortKey{orderOf(number, e.Prefix), len(s.says)})
	s.says = e.appendTo(s.says)
	if len(s.keys) < s.most && len(s.says) < runBytes {
		return false, nil
	}
	return true, s.spill()
}

// sort sorts the run in memory. Of a number that comes twice the later entry stays.
func (s *sorter) sort() {
	slices.SortFunc(s.keys, func(a, b sortKey) int { return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.at, b.at)) })
	kept := s.keys[:0]
	for i, k := range s.keys {
		if i+1 == len(s.keys) || s.keys[i+1].order != k.order {
			kept = append(kept, k)
		}
	}
	s.keys = kept
}

// spill puts the run in memory into the file.
func (s *sorter) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, "list-*"); err != nil {
			return err
		}
		// It has no name from here on, so that nothing is left of it whatever happens.
		if err := os.Remove(s.file.Name()); err != nil {
			return err
		}
	}
	s.sort()
	end := int64(0)
	if len(s.ends) > 0 {
		end = s.ends[len(s.ends)-1]
	}
	to := bufio.NewWriterSize(s.file, 4*runBuffer)
	var key [binary.MaxVarintLen64]byte
	for _, k := range s.keys {
		order := binary.PutVarint(key[:], k.order)
		said := s.said(k)
		end += int64(order + len(said))
		if _, err := to.Write(key[:order]); err != nil {
			return err
		}
		if _, err := to.Write(said); err != nil {
			return err
		}
	}
	s.ends = append(s.ends, end)
	s.keys, s.says = s.keys[:0], s.says[:0]
	return to.Flush()
}

// said is what an entry of the run in memory says, with its length before it.
func (s *sorter) said(k sortKey) []byte {
	length, n := binary.Uvarint(s.says[k.at:])
	return s.says[k.at : k.at+n+int(length)]
}

// all gives the entries in their order, once.
func (s *sorter) all() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if s.file == nil {
			s.sort()
			for _, k := range s.keys {
				if e, err := s.entry(k.order, s.said(k)); !yield(e, err) || err != nil {
					return
				}
			}
			return
		}
		if err := s.merge(yield); err != nil {
			yield(Entry{}, err)
		}
	}
}

// merge gives the entries of all runs in their order.
func (s *sorter) merge(yield func(Entry, error) bool) error {
	if err := s.spill(); err != nil {
		return err
	}
	s.keys, s.says = nil, nil // the room is needed for buffers now
	var all runs
	begin := int64(0)
	for i, end := range s.ends {
		r := &run{place: i, from: bufio.NewReaderSize(io.NewSectionReader(s.file, begin, end-begin), runBuffer)}
		begin = end
		switch err := r.next(); {
		case err == nil:
			all = append(all, r)
		case !errors.Is(err, io.EOF): // a run may be empty
			return err
		}
	}
	heap.Init(&all)
	for len(all) > 0 {
		first := all[0]
		e, err := s.entry(first.order, first.said)
		if err != nil {
			return err
		}
		order := first.order
		switch err := first.next(); {
		case err == nil:
			heap.Fix(&all, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&all)
		default:
			return err
		}
		if len(all) > 0 && all[0].order == order { // it comes again, from a later run
			continue
		}
		if !yield(e, nil) {
			return nil
		}
	}
	return nil
}

func (s *sorter) entry(order int64, said []byte) (Entry, error) {
	e := Entry{Prefix: order&1 == 1}
	e.Digits = columns.Digits(order>>1, e.Prefix)
	return e, e.read(said, &s.words)
}

func (s *sorter) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// run is one that is read from the file.
type run struct {
	place int // in the file
	from  *bufio.Reader
	order int64 // of the entry that is next
	said  []byte
}

// next reads the next entry; io.EOF says that there is none.
func (r *run) next() (err error) {
	if r.order, err = binary.ReadVarint(r.from); err != nil {
		return err
	}
	length, err := binary.ReadUvarint(r.from)
	if err != nil {
		return noEOF(err)
	}
	r.said = binary.AppendUvarint(r.said[:0], length)
	head := len(r.said)
	r.said = slices.Grow(r.said, int(length))[:head+int(length)]
	_, err = io.ReadFull(r.from, r.said[head:])
	return noEOF(err)
}

// noEOF makes an error of an end where there is none.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// runs is a heap: the first has the entry that is next, and of several of the same number the one of the earliest run.
type runs []*run

func (r runs) Len() int      { return len(r) }
func (r runs) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r runs) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(r[i].order, r[j].order), cmp.Compare(r[i].place, r[j].place)) < 0
}
func (r *runs) Push(x any) { *r = append(*r, x.(*run)) }
func (r *runs) Pop() any {
	last := len(*r) - 1
	popped := (*r)[last]
	*r = (*r)[:last]
	return popped
}

// appendTo writes what an entry says beside its number, with its length before it.
func (e Entry) appendTo(to []byte) []byte {
	const most = 8 + 6*binary.MaxVarintLen64
	text := make([]byte, 0, most)
	text = binary.BigEndian.AppendUint64(text, math.Float64bits(e.Confidence))
	for _, n := range []int64{int64(e.Reporters), int64(e.First), int64(e.Last), int64(e.Expires)} {
		text = binary.AppendVarint(text, n)
	}
	text = binary.AppendUvarint(text, uint64(len(e.Category)))
	to = binary.AppendUvarint(to, uint64(len(text)+len(e.Category)+len(e.Note)))
	return append(append(append(to, text...), e.Category...), e.Note...)
}

var errSaid = errors.New("the file in which the list was sorted cannot be read")

// read reads what appendTo has written.
func (e *Entry) read(said []byte, words *words) error {
	_, n := binary.Uvarint(said)
	if said = said[n:]; len(said) < 8 {
		return errSaid
	}
	e.Confidence = math.Float64frombits(binary.BigEndian.Uint64(said))
	said = said[8:]
	var numbers [4]int64
	for i := range numbers {
		if numbers[i], n = binary.Varint(said); n <= 0 {
			return errSaid
		}
		said = said[n:]
	}
	e.Reporters, e.First, e.Last, e.Expires = int(numbers[0]), int32(numbers[1]), int32(numbers[2]), int32(numbers[3])
	length, n := binary.Uvarint(said)
	if said = said[max(n, 0):]; n <= 0 || length > uint64(len(said)) {
		return errSaid
	}
	e.Category, e.Note = words.of(said[:length]), words.of(said[length:])
	return nil
}

// words keeps texts that come again and again, such as categories.
type words map[string]string

func (w *words) of(text []byte) string {
	if word, known := (*w)[string(text)]; known { // which makes no string
		return word
	}
	const enough = 256
	if *w == nil || len(*w) == enough {
		*w = words{}
	}
	word := string(text)
	(*w)[word] = word
	return word
}
