package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringfence/screening"
	"ringfence/sharing/carddav"
	"ringfence/sharing/forms"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// The address book of scam numbers that a household's devices read: the page on which its password is made, and the book itself. The password opens
// nothing else, and is not a person's: whatever is in the settings of a FRITZ!Box can be read by whoever looks after it.

// bookHandlers are for the address book of scam numbers, and for the devices that read it.
type bookHandlers struct{ *Server }

func (s bookHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/lists/book", backend.See, s.page(viewOf("list-book", "blocks", bookTitle, s.bookOf))},
		{"POST /h/{household}/lists/book", backend.Change, s.makeBook},
		{"POST /h/{household}/lists/book/withdraw", backend.Change, s.withdrawBook},
	}
}

// devicesPage is what the page has.
type devicesPage struct {
	*store.Book // nil: there is none
	Address     string
	Path        string // of the book itself, for devices that cannot find it
	Password    string // just made; it is shown once
	Sizes       []option
	Encrypted   bool
}

// bookSizes are those to choose from.
var bookSizes = []int{100, store.UsualBook, 500, store.MostBook}

const bookTitle = "Numbers for a phone’s own block list"

func (s bookHandlers) bookOf(r *http.Request, v *backend.Visitor) (p devicesPage, err error) {
	p.Address = s.origin(r) + bookRoot
	p.Path = s.origin(r) + carddav.Book{Root: bookRoot, Owner: v.Household.Name}.Path()
	p.Encrypted = strings.HasPrefix(p.Address, "https:")
	b, err := s.Store.BookOf(r.Context(), v.Household.Name)
	switch {
	case err == nil:
		p.Book = &b
	case !errors.Is(err, store.ErrNoBook):
		return p, err
	}
	chosen := store.UsualBook
	if p.Book != nil {
		chosen = b.Most
	}
	for _, n := range bookSizes {
		p.Sizes = append(p.Sizes, option{strconv.Itoa(n), strconv.Itoa(n) + " numbers", "", n == chosen})
	}
	return p, nil
}

func (s bookHandlers) makeBook(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	most, err := strconv.Atoi(r.FormValue("most"))
	if err != nil {
		return backend.Refuse("Choose how many numbers the device takes.")
	}
	password, _, err := s.Admin(v).MakeBook(r.Context(), most)
	if err != nil {
		return err
	}
	p, err := s.bookOf(r, v)
	if err != nil {
		return err
	}
	p.Password = password
	return s.show(w, r, v, "list-book", "blocks", bookTitle, p)
}

func (s bookHandlers) withdrawBook(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	done, err := s.Admin(v).WithdrawBook(r.Context())
	return s.finish(w, r, v, v.Path("lists", "book"), done, err)
}

// bookRoot is where all households' address books are.
const bookRoot = "/carddav/"

// devices is the address books as one handler. Devices sign in with the name of the household and its book's password, and with nothing
// else: cookies mean nothing here.
func (s bookHandlers) devices() http.Handler {
	mux := http.NewServeMux()
	for _, method := range carddav.Methods() {
		mux.HandleFunc(method+" "+bookRoot, s.serveDevice)
	}
	return mux
}

// toBooks is where devices look first (RFC 6764, section 5).
func toBooks(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, bookRoot, http.StatusTemporaryRedirect) // which keeps the method
}

// serveDevice answers a device with the address book that its password opens.
func (s bookHandlers) serveDevice(w http.ResponseWriter, r *http.Request) {
	err := s.readBook(w, r)
	if err == nil {
		return
	}
	var f backend.Fault
	if !errors.As(err, &f) {
		if r.Context().Err() == nil {
			s.Log.Error("an address book could not be read", "err", err)
		}
		f = backend.Fault{Status: http.StatusInternalServerError, Sentence: "Something went wrong here. Calls are not affected."}
	}
	if f.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Ringfence", charset="UTF-8"`)
	}
	http.Error(w, f.Sentence, f.Status)
}

var errNoDevice = backend.RefuseAs(http.StatusUnauthorized, "The name is that of the household, and the password that of its address book: it is made on the page of the lists.")

// openBook finds out whose device it is.
func (s bookHandlers) openBook(r *http.Request) (store.Book, backend.Household, error) {
	var none backend.Household
	name, password, given := r.BasicAuth()
	if !given { // as in a device's first request
		return store.Book{}, none, errNoDevice
	}
	b, err := s.Store.OpenBook(r.Context(), name, password, s.Now())
	if errors.Is(err, store.ErrNoBook) {
		if !s.guesses.Allow(s.Address(r), s.Now()) {
			return b, none, backend.RefuseAs(http.StatusTooManyRequests, "That is too many requests: wait a little.")
		}
		return b, none, errNoDevice
	}
	if err != nil {
		return b, none, err
	}
	for _, h := range s.Households() {
		if h.Name == name {
			return b, h, nil
		}
	}
	return b, none, errNoDevice // a household that is no longer in ringfence.toml
}

func (s bookHandlers) readBook(w http.ResponseWriter, r *http.Request) error {
	b, h, err := s.openBook(r)
	if err != nil {
		return err
	}
	house, err := s.Store.Household(r.Context(), h.Name)
	if err != nil {
		return err
	}
	numbers, err := s.books.numbers(r.Context(), s.Store, b, house, s.Now())
	if err != nil {
		return err
	}
	numbers = forms.WithoutNeeded(numbers, h.Complete(house)) // a device would block the alarm centre's, too
	carddav.Handler(carddav.Book{Root: bookRoot, Owner: h.Name, Title: "Scam callers (Ringfence)", Region: h.Region, Numbers: numbers}).ServeHTTP(w, r)
	return nil
}

// books caches the contents of the households' address books: finding the numbers on lists of millions takes seconds, and a device that reads the
// book asks dozens of times.
type books struct {
	mu   sync.Mutex
	kept map[string]keptBook
}

type keptBook struct {
	mark    string // of the lists that it was made from
	most    int
	at      time.Time
	numbers []lists.Entry
}

// bookLife is how long a book is cached while nothing has changed but the time: entries expire by the day.
const bookLife = time.Hour

func (b *books) numbers(ctx context.Context, db *store.Store, book store.Book, house screening.Household, now time.Time) ([]lists.Entry, error) {
	mark, err := db.Lists.Mark(ctx, book.Household)
	if err != nil {
		return nil, err
	}
	b.mu.Lock() // held while looking it up, so that a device that asks ten times at once causes one look-up
	defer b.mu.Unlock()
	if old, there := b.kept[book.Household]; there && old.mark == mark && old.most == book.Most && now.Sub(old.at).Abs() < bookLife {
		return old.numbers, nil
	}
	numbers, err := db.Lists.SurestNumbers(ctx, book.Household, house.SureFrom(), now, book.Most)
	if err != nil {
		return nil, err
	}
	if b.kept == nil {
		b.kept = map[string]keptBook{}
	}
	b.kept[book.Household] = keptBook{mark, book.Most, now, numbers}
	return numbers, nil
}
