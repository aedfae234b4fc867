package secureaccess

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
)

// minToken is in characters: guessing a shorter one is a matter of patience.
const minToken = 16

// b64token is what RFC 6750, 2.1, allows after "Bearer".
var b64token = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// BearerFile authenticates by a fixed list of bearer tokens, one user each: enough to try
// the endpoint out, or for a server that a gateway asks on its users' behalf. It never
// changes once read and is safe for concurrent use. Tokens are kept as keyed hashes only.
type BearerFile struct {
	key   [sha256.Size]byte
	users map[[sha256.Size]byte]user
}

type user struct {
	email string
	line  int
}

// OpenBearerFile reads a file of lines "token email", separated by spaces or tabs. Empty
// lines and lines that start with # are skipped. A token has 16 characters or more (try
// `openssl rand -hex 32`) and stands in one line; an email may have several tokens. Errors
// name the file and the line and never quote from it. A file without a token is an error.
func OpenBearerFile(path string) (*BearerFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("secureaccess: bearer file: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	return ReadBearerFile(path, f)
}

// ReadBearerFile reads what [OpenBearerFile] reads, from r; name is for errors.
func ReadBearerFile(name string, r io.Reader) (*BearerFile, error) {
	b := &BearerFile{users: make(map[[sha256.Size]byte]user)}
	if _, err := rand.Read(b.key[:]); err != nil {
		return nil, fmt.Errorf("secureaccess: bearer file: %w", err)
	}
	lines := bufio.NewScanner(r)
	n := 1
	for ; lines.Scan(); n++ {
		if err := b.add(lines.Text(), n); err != nil {
			return nil, &FileError{name, n, err}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, &FileError{name, n, readError(err)}
	}
	if len(b.users) == 0 {
		return nil, &FileError{Name: name, Err: errors.New("no token in it: write lines of the form \"token email\"")}
	}
	return b, nil
}

func (b *BearerFile) add(line string, n int) error {
	fields := strings.Fields(line)
	if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
		return nil
	}
	if len(fields) != 2 {
		return fmt.Errorf("%d fields where \"token email\" has 2", len(fields))
	}
	token, email := fields[0], fields[1]
	switch {
	case len(token) < minToken:
		return fmt.Errorf("the token is shorter than %d characters", minToken)
	case !b64token.MatchString(token):
		return errors.New("the token holds a character that RFC 6750 does not allow: use letters, digits and -._~+/")
	case !strings.Contains(email, "@"):
		return errors.New("the second field is not an email: the order is \"token email\"")
	}
	if err := checkEmail(email); err != nil {
		return errors.New("the email " + err.Problem)
	}
	hash := b.hash(token)
	if earlier, ok := b.users[hash]; ok {
		return fmt.Errorf("the token is the one of line %d: give every user a token of their own", earlier.line)
	}
	b.users[hash] = user{email, n}
	return nil
}

// Authenticate is the hook for [NewHandler]: the email of the request's bearer token, or
// [ErrUnauthenticated].
func (b *BearerFile) Authenticate(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 { // of two, another reader of the request might take the other
		return "", ErrUnauthenticated
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	u, ok := b.users[b.hash(strings.TrimLeft(token, " "))]
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", ErrUnauthenticated
	}
	return u.email, nil
}

// hash makes it safe to look a token up in a map. The time that takes may show how far two hashes agree, but not how far
// the tokens do, and without the key nobody can choose a token by its hash.
func (b *BearerFile) hash(token string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, b.key[:])
	mac.Write([]byte(token))
	return [sha256.Size]byte(mac.Sum(nil))
}

// Format serves every verb of package fmt with the number of tokens alone.
func (b BearerFile) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "BearerFile(%d tokens)", len(b.users))
}
