package position

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
)

// A position is the kind, the version of its form, the JSON of it and the signature, in base64 of URLs.
const (
	version1 = "1."
	macSize  = 16 // bytes
	keySize  = 32
	salt     = "mktows bridge stream positions"
)

// Kind says who gives positions. Those of one kind are foreign to all others.
type Kind string

// The kinds of positions.
const (
	Bridge Kind = "MB" // of the REST API
	Copy   Kind = "MC" // of a copy of histories
)

// MaxText is how long a position can be, in bytes. The SOAP service's own went to 5,912 (sample
// getMObjects); one of the bridge holds as many tokens as streams are merged, and for a lead's history
// one for each page.
const MaxText = 256 << 10

var encoding = base64.RawURLEncoding.Strict()

// Codec writes and reads positions. Make it with [New]. It is safe for concurrent use.
type Codec struct {
	kind Kind
	keys [][]byte // the first one signs
}

// New returns a codec whose keys are made of secrets, the first of which signs and all of which verify.
// What they are made of has to be the same on all instances of the bridge: the client secret, or texts
// that were drawn for it. To change one, put the new one before the old one, and take that out when no
// stream goes on that began before. audience names the subscription, by the host of its endpoint:
// positions of another one are foreign. It has to outlive the secrets, so it is not the client id, which
// a new client secret may come with.
func New(kind Kind, audience string, secrets ...auth.Secret) (*Codec, error) {
	if len(secrets) == 0 {
		return nil, errors.New("position: a codec needs a secret")
	}
	c := &Codec{kind: kind}
	for i, secret := range secrets {
		text := secret.Reveal()
		if text == "" || text == auth.Redacted {
			return nil, fmt.Errorf("position: secret %d of %d is empty or a placeholder", i+1, len(secrets))
		}
		key, err := hkdf.Key(sha256.New, []byte(text), []byte(salt), audience, keySize)
		if err != nil {
			return nil, fmt.Errorf("position: %w", err)
		}
		c.keys = append(c.keys, key)
	}
	return c, nil
}

// String names the type: keys are not shown.
func (c Codec) String() string { return fmt.Sprintf("position.Codec(%d keys)", len(c.keys)) }

// GoString is String.
func (c Codec) GoString() string { return c.String() }

// Format writes String, whatever the verb.
func (c Codec) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// sign returns the signature of a version and a payload by a key.
func sign(key []byte, signed string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(signed)) // a hash does not fail
	return mac.Sum(nil)[:macSize]
}

// verify reports whether one of the keys has signed. All of them are tried in the same time.
func (c *Codec) verify(signed string, mac []byte) bool {
	valid := false
	for _, key := range c.keys {
		if hmac.Equal(sign(key, signed), mac) {
			valid = true
		}
	}
	return valid
}

// Write returns the text of a position. The error says that it has no operation or query, that
// a number in it is negative, or that it is longer than MaxText.
func (c *Codec) Write(p Position) (string, error) {
	if err := p.check(); err != nil {
		return "", fmt.Errorf("position: %w", err)
	}
	payload, _ := json.Marshal(p) // texts, numbers and booleans can always be encoded
	text := c.signed(payload)
	if len(text) > MaxText {
		return "", fmt.Errorf("position: it is %d bytes long and can be %d at most", len(text), MaxText)
	}
	return text, nil
}

// signed returns the text of a payload.
func (c *Codec) signed(payload []byte) string {
	text := string(c.kind) + version1 + encoding.EncodeToString(payload)
	return text + "." + encoding.EncodeToString(sign(c.keys[0], text))
}

// check wants what makes sense.
func (p *Position) check() error {
	negative := p.Offset < 0 || p.Turn < 0 || p.Given < 0 || p.Remaining < 0 || p.Export != nil && p.Export.Offset < 0
	for i := range p.Streams {
		negative = negative || p.Streams[i].Skip < 0
	}
	switch {
	case p.Operation == "" || p.Query == "":
		return errors.New("it has no operation or no query")
	case p.Old:
		return errors.New("it is one of the SOAP service: it is to be begun anew")
	case negative:
		return errors.New("a number in it is negative")
	}
	return nil
}

// read reads a text in the form of version 1.
func (c *Codec) read(text string) (Position, error) {
	end := strings.LastIndexByte(text, '.')
	signed := text[:end] // the version ends in a point
	mac, err := encoding.DecodeString(text[end+1:])
	if err != nil || strings.ContainsAny(text, "\r\n") || !c.verify(signed, mac) { // the decoder passes over line ends
		return Position{}, errors.New("it was changed, or not given here")
	}
	// From here on it was written here, by this version of the program or by another.
	var p Position
	payload, err := encoding.DecodeString(strings.TrimPrefix(signed, string(c.kind)+version1))
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(payload))
		dec.DisallowUnknownFields()
		err = dec.Decode(&p)
	}
	if err != nil || p.check() != nil {
		return Position{}, errOtherVersion
	}
	return p, nil
}

var errOtherVersion = errors.New("another version of the program gave it")

// bad is the fault of a position that cannot be gone on with.
func bad(operation string, why error) error {
	return fault.Newf(fault.CodeBadStreamPosition, "%s: %v", field(operation), why)
}

// atEnd is the fault of a position behind the last record.
func atEnd(operation string) error {
	return fault.Newf(fault.CodeStreamAtEnd, "%s is the end of the stream: no records are left", field(operation))
}

// field names the element of a request that holds the position.
func field(operation string) string {
	if isComplex(operation) {
		return "startPosition"
	}
	return "streamPosition"
}
