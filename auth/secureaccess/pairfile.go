package secureaccess

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// maxPairFile bounds what is read, in bytes: two lines and their comments are far smaller.
const maxPairFile = 64 << 10

// OpenKeyring makes a [Keyring] from a file of lines "access-key access-secret", separated by spaces or tabs. Empty
// lines and lines that start with # are skipped. While the secret is being changed there are two lines, and the times
// of the change stand behind the secrets, as RFC 3339 has them:
//
//	example-key example-new-secret from=2026-12-01T09:00:00Z
//	example-key example-old-secret until=2026-12-02T09:00:00Z
//
// What has to be there is said at [Keyring.Set]. The last line has to end with a line break, since a file without one
// may be half written. Errors name the file and, where it is one, the line, as a [*FileError], and never quote from it.
func OpenKeyring(path string) (*Keyring, error) {
	text, err := readPairFile(path)
	if err != nil {
		return nil, err
	}
	return ReadKeyring(path, bytes.NewReader(text))
}

// ReadKeyring reads what [OpenKeyring] reads, from r; name is for errors.
func ReadKeyring(name string, r io.Reader) (*Keyring, error) {
	pairs, err := readPairs(name, r)
	if err != nil {
		return nil, err
	}
	k, err := NewKeyring(pairs...)
	if err != nil {
		return nil, asFileError(name, err)
	}
	return k, nil
}

func readPairFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &FileError{Name: path, Err: readError(err)}
	}
	defer func() { _ = f.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(f, maxPairFile+1))
	if err != nil {
		return nil, &FileError{Name: path, Err: readError(err)}
	}
	return text, nil
}

func readPairs(name string, r io.Reader) ([]Pair, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPairFile+1))
	switch {
	case err != nil:
		return nil, &FileError{Name: name, Err: readError(err)}
	case len(text) > maxPairFile:
		return nil, &FileError{Name: name, Err: fmt.Errorf("it has more than %d bytes: it should hold access keys and secrets alone", maxPairFile)}
	case len(bytes.TrimSpace(text)) == 0:
		return nil, &FileError{Name: name, Err: errors.New("it is empty: write a line of the form \"access-key access-secret\"")}
	case text[len(text)-1] != '\n':
		return nil, &FileError{Name: name, Err: errors.New("its last line has no line break at the end: it may be half written")}
	}
	var pairs []Pair
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		pair, err := readPair(fields)
		if err != nil {
			return nil, &FileError{name, n, err}
		}
		pairs = append(pairs, pair)
	}
	return pairs, nil
}

// readPair reads one line.
func readPair(fields []string) (Pair, error) {
	if len(fields) < 2 {
		return Pair{}, errors.New("one field where \"access-key access-secret\" has 2")
	}
	p := Pair{AccessKey: fields[0], Secret: auth.NewSecret(fields[1])}
	for i, field := range fields[2:] {
		name, value, _ := strings.Cut(field, "=")
		target := map[string]*time.Time{"from": &p.From, "until": &p.Until}[name]
		switch {
		case target == nil: // what it is instead may be the second half of a secret with a space in it
			return Pair{}, fmt.Errorf("field %d is neither from=TIME nor until=TIME, which is all that may follow the access secret", i+3)
		case !target.IsZero():
			return Pair{}, fmt.Errorf("%s= is given twice", name)
		}
		at, err := time.Parse(time.RFC3339, value)
		if err != nil || at.IsZero() {
			return Pair{}, fmt.Errorf("%s= is not a time such as 2026-12-01T09:00:00Z", name)
		}
		*target = at
	}
	return p, checkPairText(p)
}

// checkPairText says what is wrong with a line without the words of the package around it.
func checkPairText(p Pair) error {
	for _, err := range []error{checkPlain("access key", p.AccessKey), checkPlain("access secret", p.Secret.Reveal())} {
		var field *FieldError
		if errors.As(err, &field) {
			return errors.New("the " + field.Field + " " + field.Problem)
		}
	}
	return nil
}

// asFileError is for what is wrong with the lines together.
func asFileError(name string, err error) error {
	var change *changeError
	if errors.As(err, &change) {
		err = errors.New(change.problem)
	}
	return &FileError{Name: name, Err: err}
}
