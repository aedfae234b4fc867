package auth

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Credentials are what an instance's administrator finds under Admin >
// Integration > Web Services. Printing, logging and encoding them shows
// everything but the key. The zero value is not valid.
type Credentials struct {
	// UserID is the access key; it travels in every request.
	UserID string
	// Key is the secret key as it is shown, not decoded; it never travels.
	Key Secret
	// PartnerID is the key of a technology partner, sent with every request.
	// Hardly anyone has one: empty means none.
	PartnerID string
}

// Validate reports everything that cannot be right about the credentials, joined
// into one error that never shows the key. It cannot tell whether the service
// knows them.
//
// User id and key must be there, without control or invisible characters and
// without white space around them: a line break pasted along, or a byte order mark
// from a file, gives a wrong signature that nobody can see. A partner id consists
// of letters, digits and underscores (Marketo SOAP API, LaunchPoint partner key).
func (c Credentials) Validate() error {
	return errors.Join(
		checkText("user id", c.UserID),
		checkText("secret key", c.Key.Reveal()),
		checkKeyPlaceholder(c.Key),
		checkPartnerID(c.PartnerID),
	)
}

// FieldError is a credential that cannot be used. It never quotes the value.
type FieldError struct {
	Field   string // "user id", "secret key" or "partner id"
	Problem string // what is wrong with it and what to do
}

func (e *FieldError) Error() string { return "auth: the " + e.Field + " " + e.Problem }

// checkText names what is wrong with a pasted text without showing it: the text
// may be the key.
func checkText(what, text string) error {
	switch {
	case text == "":
		return &FieldError{what, "is empty: take it from Admin > Integration > Web Services"}
	case !utf8.ValidString(text):
		return &FieldError{what, "is not UTF-8: save the file it comes from as UTF-8"}
	case strings.TrimSpace(text) != text:
		return &FieldError{what, "starts or ends with white space or a line break: remove it"}
	}
	if i := strings.IndexFunc(text, isUnseen); i >= 0 {
		return &FieldError{what, fmt.Sprintf("has a control or invisible character at byte %d: type or copy it again", i)}
	}
	return nil
}

// isUnseen finds control characters and those of Unicode's class Cf, such as the
// byte order mark and the zero width space.
func isUnseen(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

func checkKeyPlaceholder(key Secret) error {
	if key.Reveal() == Redacted {
		return &FieldError{"secret key", "is the placeholder " + Redacted + ": configure the secret itself"}
	}
	return nil
}

func checkPartnerID(id string) error {
	if i := strings.IndexFunc(id, isNotPartner); i >= 0 {
		return &FieldError{"partner id", fmt.Sprintf("has a wrong character at byte %d: only letters, digits and underscores may stand in it", i)}
	}
	return nil
}

func isNotPartner(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '_'
}
