package columns

import (
	"strings"
	"testing"
)

// Running numbers are known for what they are in whatever order they come; those of telephones are not.
func TestRunningNumbers(t *testing.T) {
	var orders, far, telephones runs
	for i := range int64(100_000) {
		orders.add(2_000_000_000 + (i*7919)%100_000)
		far.add(2_000_000_000 + 2*i)
		telephones.add(2_079_460_000 + (i*i*31+i*17)%9_000_017)
	}
	if !orders.most() || far.most() || telephones.most() || len(orders.groups) != maxRuns {
		t.Error(orders.most(), far.most(), telephones.most(), len(orders.groups))
	}
	var few, border, same runs
	for _, n := range []int64{66, 64, 63, 62} {
		border.add(n)
		few.add(n % 2)
		same.add(7)
	}
	if few.most() || !border.most() || same.most() {
		t.Error(few.most(), border.most(), same.most())
	}
}

// A column is found again by its heading, or by its place where the heading is not enough.
func TestFoundAgain(t *testing.T) {
	long := strings.Repeat("x", 60)
	for text, want := range map[string]string{
		"Caller,b\n02079460666,x\n": "Caller", "b, The Caller \nx,02079460666\n": "The Caller", "02079460666,x\n": "1", "x,02079460666\n": "2", "n,n\n02079460666,x\n": "1", long + ",b\n02079460666,x\n": long,
		"caller,Caller!\n02079460666,x\n": "caller",
	} {
		if _, c, q := chosen(t, Callers, text); c.Name != want {
			t.Errorf("%q: %q, not %q %v", text, c.Name, want, q)
		}
	}
}
