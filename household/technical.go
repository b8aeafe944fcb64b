package household

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	"ringfence/store/sqlite"
)

// IsTechnical says whether an error is for the log alone: it is the database's, or what it says is in the words of Go, of the network or of the
// system. One that only wraps such an error, and says something else, is for people.
func IsTechnical(err error) bool {
	if sqlite.IsInternal(err) {
		return true
	}
	for _, inner := range tree(err) {
		if hasTechnicalWords(inner) && strings.Contains(err.Error(), inner.Error()) {
			return true
		}
	}
	return false
}

// tree is an error with all that it wraps.
func tree(err error) (all []error) {
	if err == nil {
		return nil
	}
	all = []error{err}
	switch wrapper := err.(type) { //nolint:errorlint // each level by itself
	case interface{ Unwrap() error }:
		all = append(all, tree(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range wrapper.Unwrap() {
			all = append(all, tree(inner)...)
		}
	}
	return all
}

// hasTechnicalWords looks at one level of an error.
func hasTechnicalWords(err error) bool {
	switch err.(type) { //nolint:errorlint // each level by itself
	case *net.OpError, *net.DNSError, *net.AddrError, *url.Error, *fs.PathError, *os.SyscallError, *os.LinkError, syscall.Errno,
		*json.SyntaxError, *json.UnmarshalTypeError, *strconv.NumError, *tls.CertificateVerificationError:
		return true
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, os.ErrDeadlineExceeded, net.ErrClosed} {
		if err == known { //nolint:errorlint // each level by itself
			return true
		}
	}
	return false
}
