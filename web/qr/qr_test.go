package qr

import (
	"encoding/xml"
	"strings"
	"testing"
)

func TestSVG(t *testing.T) {
	picture, err := SVG("otpauth://totp/Ringfence:anna@example.org?issuer=Ringfence&secret=ABCD")
	if err != nil || xml.Unmarshal(picture, new(struct{})) != nil || strings.Count(string(picture), "M") < 200 {
		t.Errorf("%v %.200s", err, picture)
	}
}
