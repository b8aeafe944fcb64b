package forms

import (
	"errors"
	"fmt"
	"io"

	"ringfence/sharing/phoneblock"
	"ringfence/store/lists"
)

// phoneBlock reads PhoneBlock's blocklist.
func (i *Import) phoneBlock(file io.Reader, take func(lists.Entry) error) error {
	at := 0
	file = &limited{from: file, left: phoneblock.MaxSize, much: phoneblock.ErrTooLarge, noZero: true}
	_, err := phoneblock.Read(file, func(n phoneblock.Number) error {
		at++
		if n.Off() {
			i.refuse(at, leave("PhoneBlock does not list it any more"))
			return nil
		}
		e, err := i.entry(n.Phone, n.Entry(i.Now))
		if err == nil && n.Phone[0] != '+' {
			err = fmt.Errorf("“%s” does not begin with +", clean(n.Phone, 40))
		}
		if err != nil {
			i.refuse(at, err)
			return nil
		}
		return take(e)
	})
	if errors.Is(err, errZero) {
		return errZero
	}
	return err
}
