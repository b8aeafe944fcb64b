package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringfence/sharing/carddav"
	"ringfence/sharing/forms"
	"ringfence/store"
	"ringfence/store/lists"
)

// The address book of scam numbers that a household's devices read: the page on which its password is made, and the book itself. The
// password opens nothing else, and is nobody's own: what stands in the settings of a FRITZ!Box is read by whoever looks after that.

// bookHandlers are for the address book of scam numbers, and for the devices that read it.
type bookHandlers struct{ *Server }

func (s bookHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/lists/book", see, s.bookPage},
		{"POST /h/{household}/lists/book", change, s.makeBook},
		{"POST /h/{household}/lists/book/withdraw", change, s.withdrawBook},
	}
}

// devicesPage is what the page has.
type devicesPage struct {
	*store.Book // nil: there is none
	Address     string
	Path        string // of the book itself, for devices that do not find it
	Password    string // that was made just now; it is shown once
	Sizes       []option
	Encrypted   bool
}

// bookSizes are those to choose from.
var bookSizes = []int{100, store.UsualBook, 500, store.MostBook}

func (s bookHandlers) bookPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.bookOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "list-book", "blocks", "Numbers for a telephone’s own block list", p)
}

func (s bookHandlers) bookOf(r *http.Request, v *visit) (p devicesPage, err error) {
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

func (s bookHandlers) makeBook(w http.ResponseWriter, r *http.Request, v *visit) error {
	most, err := strconv.Atoi(r.FormValue("most"))
	if err != nil {
		return refused("Choose how many numbers the device takes.")
	}
	password, err := s.Store.MakeBook(r.Context(), store.Book{Household: v.Household.Name, Most: most, Made: v.Now, By: v.Person.Name})
	if err != nil {
		return refused("%s", sentence(err))
	}
	if err := s.changed(r.Context(), v, "book-made", "A password was made with which devices read the lists’ numbers as an address book."); err != nil {
		return err
	}
	p, err := s.bookOf(r, v)
	if err != nil {
		return err
	}
	p.Password = password
	return s.show(w, r, v, "list-book", "blocks", "Numbers for a telephone’s own block list", p)
}

func (s bookHandlers) withdrawBook(w http.ResponseWriter, r *http.Request, v *visit) error {
	there, err := s.Store.WithdrawBook(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	if !there {
		return fault{http.StatusNotFound, "There is no password any more: somebody may have withdrawn it meanwhile."}
	}
	told := "Devices cannot read the address book any more."
	if err := s.changed(r.Context(), v, "book-withdrawn", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("lists", "book"), told, nil)
}

// bookRoot is where all households' address books are.
const bookRoot = "/carddav/"

// deviceRoutes are the addresses for devices. They sign in by the name of the household and its book's password, and by nothing else.
func (s bookHandlers) deviceRoutes() []route {
	var all []route
	for _, method := range carddav.Methods() {
		all = append(all, route{method + " " + bookRoot, bookReader, s.readBook})
	}
	return all
}

// devices is the address books as one handler. Cookies mean nothing here.
func (s bookHandlers) devices() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.deviceRoutes() {
		mux.Handle(rt.pattern, s.serveDevice(rt))
	}
	return mux
}

// toBooks is where devices look first (RFC 6764, section 5).
func toBooks(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, bookRoot, http.StatusTemporaryRedirect) // which keeps the method
}

// serveDevice makes a handler of a route for devices: whose it is, and whether its password is right.
func (s bookHandlers) serveDevice(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Now: s.Now()}
		err := s.deviceVisit(r, v)
		if err == nil {
			err = v.may(rt.needs)
		}
		if err == nil {
			err = rt.serve(w, r, v)
		}
		if err == nil {
			return
		}
		var f fault
		if !errors.As(err, &f) {
			if r.Context().Err() == nil {
				s.Log.Error("an address book could not be read", "household", v.Household.Name, "err", err)
			}
			f = fault{http.StatusInternalServerError, "Something went wrong here. The telephone is not affected."}
		}
		if f.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="Ringfence", charset="UTF-8"`)
		}
		http.Error(w, f.sentence, f.status)
	})
}

var errNoDevice = fault{http.StatusUnauthorized, "The name is that of the household, and the password that of its address book: it is made on the page of the lists."}

// deviceVisit finds out whose device it is.
func (s bookHandlers) deviceVisit(r *http.Request, v *visit) error {
	name, password, given := r.BasicAuth()
	if !given { // as devices ask first
		return errNoDevice
	}
	b, err := s.Store.OpenBook(r.Context(), name, password, v.Now)
	if errors.Is(err, store.ErrNoBook) {
		return errors.Join(s.often("address "+s.address(r), v.Now), errNoDevice)
	}
	if err != nil {
		return err
	}
	for _, h := range s.Households() {
		if h.Name == name {
			v.Household, v.book = h, &b
			return nil
		}
	}
	return errNoDevice // a household that ringfence.toml has no more
}

func (s bookHandlers) readBook(w http.ResponseWriter, r *http.Request, v *visit) error {
	numbers, err := s.books.numbers(r, s.Server, v)
	if err != nil {
		return err
	}
	house, err := s.Store.Household(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	numbers = forms.WithoutNeeded(numbers, v.Household.Complete(house)) // a device would block the alarm centre's, too
	carddav.Handler(carddav.Book{Root: bookRoot, Owner: v.Household.Name, Title: "Scam callers (Ringfence)", Region: v.Household.Region, Numbers: numbers}).ServeHTTP(w, r)
	return nil
}

// books keeps what the households' address books have: of lists of millions, to find out takes seconds, and a device that reads the
// book asks dozens of times.
type books struct {
	mu   sync.Mutex
	kept map[string]keptBook
}

type keptBook struct {
	mark    string // of the lists of which it was made
	most    int
	at      time.Time
	numbers []lists.Entry
}

// bookLife is for how long a book is not looked at anew although nothing has changed but the time: entries expire by the day.
const bookLife = time.Hour

func (b *books) numbers(r *http.Request, s *Server, v *visit) ([]lists.Entry, error) {
	household := v.Household.Name
	mark, err := s.Store.Lists.Mark(r.Context(), household)
	if err != nil {
		return nil, err
	}
	b.mu.Lock() // also while it is found out, so that a device that asks ten times at once does not have it found out ten times
	defer b.mu.Unlock()
	if old, there := b.kept[household]; there && old.mark == mark && old.most == v.book.Most && v.Now.Sub(old.at).Abs() < bookLife {
		return old.numbers, nil
	}
	house, err := s.Store.Household(r.Context(), household)
	if err != nil {
		return nil, err
	}
	numbers, err := s.Store.Lists.SurestNumbers(r.Context(), household, house.SureFrom(), v.Now, v.book.Most)
	if err != nil {
		return nil, err
	}
	if b.kept == nil {
		b.kept = map[string]keptBook{}
	}
	b.kept[household] = keptBook{mark, v.book.Most, v.Now, numbers}
	return numbers, nil
}
