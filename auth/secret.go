package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Redacted stands for a secret, and for a signature, wherever one would be shown.
const Redacted = "[redacted]"

// errRedacted is what reading back a printed configuration comes to.
var errRedacted = errors.New("auth: the text is the placeholder " + Redacted +
	", not a secret: configure the secret itself")

// Secret is a text that is used but never shown: fmt with any verb, log/slog,
// encoding/json, encoding/xml and other encoders that know encoding.TextMarshaler
// show a placeholder, and encoding/gob refuses it. That holds too where a Secret
// lies in an unexported field of another struct.
//
// The zero value is the empty secret. A Secret is immutable but for
// [Secret.UnmarshalText], and safe for concurrent use. The operator == tells only
// whether two values are copies of one another; [Secret.Equal] compares the texts.
type Secret struct {
	// fmt and other printers reach unexported fields by reflection and call no
	// methods on them, so neither a string nor a pointer to one would be hidden.
	// What a closure holds is out of reach for reflection; the pointer to it keeps
	// Secret and what contains it comparable.
	reveal *func() string
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret {
	reveal := func() string { return text }
	return Secret{reveal: &reveal}
}

// Reveal returns the text itself. It is the only way to it: a search for its name
// finds every place where a secret leaves its wrapping.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return (*s.reveal)()
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether both secrets hold the same text, in a time that depends
// on their lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns a placeholder.
func (s Secret) String() string { return Redacted }

// GoString returns a placeholder.
func (s Secret) GoString() string { return Redacted }

// Format writes a placeholder, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue returns a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns a placeholder. It serves encoding/json and encoding/xml too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// UnmarshalText sets the secret to text as it is, white space included, so that it
// can be read from a configuration. It refuses the placeholder that MarshalText
// writes.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == Redacted {
		return errRedacted
	}
	*s = NewSecret(string(text))
	return nil
}
