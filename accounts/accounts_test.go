package accounts

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"
)

func TestPasswordsThatAreRefused(t *testing.T) {
	for password, says := range map[string]string{
		"":                              "at least 12",
		"short":                         "at least 12",
		"ééééééééééé":                   "at least 12", // eleven, of 22 bytes
		strings.Repeat("x", 129):        "at most 128",
		"password1234":                  "too easy",
		"aaaaaaaaaaaaaaaa":              "too easy",
		"qwertyuiop123":                 "too easy",
		"123456789012":                  "too easy",
		"Anna Taylor 1958":              "too easy", // her own name
		"anna.taylor@example.org":       "too easy",
		"ringfenceringfence":            "too easy",
		"letmein letmein letmein":       "too easy",
		"abc\xff\xfe longer than needs": "can't be typed",
	} {
		if err := CheckPassword(password, "Anna Taylor", "anna.taylor@example.org"); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "abc") {
			t.Errorf("%q: %v, not %q", password, err, says)
		}
	}
	for _, password := range []string{"kettle orbit walnut sofa", "ünïcødé wörds äre fine", "Gx7#pLq92!vWz", strings.Repeat("walnut orbit ", 9)} {
		if err := CheckPassword(password, "Anna Taylor"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
	began := time.Now()
	var long strings.Builder
	for range maxPassword {
		long.WriteByte(byte('!' + rand.IntN(90)))
	}
	_ = CheckPassword(long.String())
	if took := time.Since(began); took > 30*time.Second { // the square of its length would be minutes
		t.Errorf("a long password takes %v", took)
	}
}

func TestComparingPasswords(t *testing.T) {
	p := NewPasswords()
	const right = "kettle orbit walnut sofa"
	hash, err := p.Hash(t.Context(), right)
	again, err2 := p.Hash(t.Context(), right)
	if err != nil || err2 != nil || hash == again || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(hash, again, err, err2)
	}
	weaker := "$argon2id$v=19$m=64,t=1,p=1$" + strings.SplitN(hash, "$", 5)[4]
	for _, test := range []struct {
		password, hash string
		match          bool
	}{{right, hash, true}, {right + " ", hash, false}, {"", hash, false}, {right, "", false}, {"", "", false}, {right, weaker, false}} {
		if match, stale, err := p.Match(t.Context(), test.password, test.hash); match != test.match || stale || err != nil {
			t.Errorf("%q with %q: %v %v %v", test.password, test.hash, match, stale, err)
		}
	}
	if _, _, err := p.Match(t.Context(), right, "rubbish"); err == nil {
		t.Error("a hash that is none")
	}
}

// An address that nobody has costs as much work as a wrong password: the hash that is compared instead takes the same memory and
// rounds. (To measure the time would tell more of what else the machine does.)
func TestNobodyCostsAsMuchWorkAsSomebody(t *testing.T) {
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "kettle orbit walnut sofa")
	if err != nil {
		t.Fatal(err)
	}
	somebody, _, _, err := argon2id.DecodeHash(hash)
	nobody, _, _, err2 := argon2id.DecodeHash(p.nobody)
	if err != nil || err2 != nil || *somebody != *nobody || somebody.Memory < 19*1024 || somebody.Iterations < 2 {
		t.Errorf("%+v %+v %v %v", somebody, nobody, err, err2)
	}
}

func TestCodes(t *testing.T) {
	secret, err := NewTOTP()
	if err != nil || len(secret) != 32 {
		t.Fatal(secret, err)
	}
	now := time.Unix(1_795_000_010, 0)
	for off, want := range map[time.Duration]bool{0: true, 30 * time.Second: true, -30 * time.Second: true, 75 * time.Second: false, -75 * time.Second: false} {
		code, err := totp.GenerateCode(secret, now.Add(off))
		if err != nil {
			t.Fatal(err)
		}
		at, ok := checkTOTP(" "+code[:3]+" "+code[3:], secret, now)
		if ok != want || ok && at != now.Add(off).Unix()/30 {
			t.Errorf("a code from %v: %v, of step %d", off, ok, at)
		}
	}
	for _, code := range []string{"", "12345", "1234567", "abcdef"} {
		if _, ok := checkTOTP(code, secret, now); ok {
			t.Errorf("%q is right", code)
		}
	}
	for opens, want := range map[string]string{
		"Ringfence":         "otpauth://totp/Ringfence:a%20b@example.org?issuer=Ringfence&secret=ABCD",
		"Dunmow: us & them": "otpauth://totp/Dunmow%20%20us%20&%20them:a%20b@example.org?issuer=Dunmow%20%20us%20%26%20them&secret=ABCD",
	} {
		if got := TOTPAddress("ABCD", opens, "a b@example.org"); got != want {
			t.Error(got)
		}
	}
	if got := Spaced("ABCDEFGHIJ"); got != "ABCD EFGH IJ" {
		t.Error(got)
	}
}

func TestTries(t *testing.T) {
	now := time.Unix(1_795_000_000, 0)
	tries := newTries(passwordRate)
	try := func(account, address string, familiar, want bool) (back func()) {
		t.Helper()
		ok, back := tries.Try(account, address, familiar, now)
		if ok != want {
			t.Errorf("%s from %s: %v", account, address, ok)
		}
		return back
	}
	for i := range 10 { // a botnet on one account
		try("anna", fmt.Sprintf("192.0.2.%d", i), false, true)
	}
	try("anna", "192.0.2.99", false, false)
	try("ben", "192.0.2.99", false, true)
	for range 20 { // she herself, where she always is: right each time
		try("anna", "198.51.100.1", true, true)()
	}
	now = now.Add(time.Minute)
	try("anna", "192.0.2.99", false, true)
	try("anna", "192.0.2.99", false, false)
	now = now.Add(24 * time.Hour)
	for i := range 30 { // one place on many accounts, wherever in its network
		try(fmt.Sprint("someone", i), fmt.Sprintf("2001:db8::%d", i), false, true)
	}
	try("another", "2001:db8::ffff", false, false)
	try("another", "2001:db8:0:1::1", false, true)
	now = now.Add(-48 * time.Hour) // a clock that is set back keeps nobody out for ever
	try("fresh", "203.0.113.1", false, true)
}

// A flood on one account, from many places at once, keeps its owner out no longer than until the next try is due, and takes nothing from the tries that
// all share.
func TestRefusedTriesTakeNothing(t *testing.T) {
	now := time.Unix(1_795_000_000, 0)
	tries := newTries(codeRate)
	var allowed atomic.Int32
	var flood sync.WaitGroup
	for i := range 64 {
		flood.Go(func() {
			for j := range 200 {
				if ok, _ := tries.Try("anna", fmt.Sprintf("10.0.%d.%d", i, j), false, now); ok {
					allowed.Add(1)
				}
			}
		})
	}
	flood.Wait()
	if n := allowed.Load(); n != int32(codeRate.AtOnce) {
		t.Errorf("%d of the flood were allowed", n)
	}
	if left, want := tries.all.TokensAt(now), float64(allRate.AtOnce-codeRate.AtOnce); left != want {
		t.Errorf("%v tries are left for all, not %v", left, want)
	}
	if ok, _ := tries.Try("anna", "192.0.2.1", false, now.Add(codeRate.Each)); !ok {
		t.Error("she is kept out after the flood")
	}
}

// A right try is given back whole, whatever others have taken meanwhile, and no time is counted twice by it.
func TestARightTryIsGivenBackWhole(t *testing.T) {
	now := time.Unix(1_795_000_000, 0)
	tries := newTries(passwordRate)
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	_, back := tries.Try("anna", "192.0.2.1", false, now)
	for i := range 9 {
		tries.Try("anna", "192.0.2.1", false, at(i))
	}
	tries.Try("anna", "192.0.2.1", false, at(30)) // half a try has come meanwhile
	before := tries.accounts.of("anna", now).TokensAt(at(30))
	back()
	if got := tries.accounts.of("anna", now).TokensAt(at(30)); got != before+1 {
		t.Errorf("%v tries, and %v when one is given back", before, got)
	}
}

// Many addresses and accounts together get no more than the machine can bear, and cost no more memory than is set.
func TestTriesOfMany(t *testing.T) {
	now := time.Unix(1_795_000_000, 0)
	tries := newTries(codeRate)
	allowed := 0
	for i := range 3 * mostLimits {
		if ok, _ := tries.Try(fmt.Sprint(i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), false, now); ok {
			allowed++
		}
	}
	if allowed != allRate.AtOnce {
		t.Errorf("%d at once", allowed)
	}
	if len(tries.accounts.by) > mostLimits || len(tries.places.by) > mostLimits {
		t.Errorf("%d accounts and %d places are remembered", len(tries.accounts.by), len(tries.places.by))
	}
	if ok, _ := tries.Try("anna", "192.0.2.1", true, now); !ok {
		t.Error("who is where they always are is kept out by strangers")
	}
}
