package sound

import (
	"bytes"
	"testing"
	"time"
)

func TestAFileComesBack(t *testing.T) {
	for _, data := range [][]byte{nil, {1, 2}, bytes.Repeat([]byte{1, 2, 3, 4}, 4000)} {
		wav := WAV(Rate, data)
		if got, err := Data(wav); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes came back as %d, %v", len(data), len(got), err)
		}
		if length := LengthOfFile(int64(len(wav))); length != time.Duration(len(data))*time.Second/16000 {
			t.Errorf("%d bytes last %v", len(data), length)
		}
	}
	if LengthOfFile(3) != 0 {
		t.Error("less than a head lasts for a while")
	}
}

// A recording that was cut off is played as far as it goes, but not kept as a phrase.
func TestACutOffFile(t *testing.T) {
	wav := WAV(Rate, make([]byte, 16000))
	wav = wav[:len(wav)-8000]
	if length, _, err := Measure(wav); err != nil || length != 500*time.Millisecond {
		t.Errorf("%v %v", length, err)
	}
	if _, err := Data(wav); err == nil {
		t.Error("it is taken for a whole one")
	}
}

func FuzzData(f *testing.F) {
	f.Add(WAV(Rate, []byte{1, 0, 2, 0}))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, wav []byte) {
		if data, err := Data(wav); err == nil && (len(data)%2 != 0 || len(data) > len(wav)) {
			t.Errorf("%q is the sound of %q", data, wav)
		}
	})
}
