package secureaccess

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxEmail is a local part of 64 octets, "@" and a domain of 255 (RFC 5321, 4.5.3.1).
	maxEmail = 64 + 1 + 255
	// maxDeviceID leaves a UUID of 36 characters plenty of room.
	maxDeviceID = 256
)

// FieldError is a value that cannot be signed. It never quotes the value.
type FieldError struct {
	Field   string // "email", "device id", "timestamp", "access key" or "access secret"
	Problem string // what is wrong with it and what to do
}

func (e *FieldError) Error() string { return "secureaccess: the " + e.Field + " " + e.Problem }

func checkMessage(email, deviceID string, timestamp int64) error {
	if err := checkEmail(email); err != nil {
		return err
	}
	if err := checkDeviceID(deviceID); err != nil {
		return err
	}
	if timestamp <= 0 {
		return &FieldError{"timestamp", "is not after 1970: give the expiry in Unix seconds"}
	}
	return nil
}

func checkEmail(email string) *FieldError {
	return checkText("email", email, maxEmail, "sign for the user who has logged in")
}

func checkDeviceID(id string) *FieldError {
	return checkText("device id", id, maxDeviceID, "send what the SDK's getDeviceId returns")
}

// checkText refuses what no app sends on purpose. Most of it would otherwise end in a
// signature that Marketo, reading other bytes, calls wrong with no word on why.
func checkText(field, value string, limit int, advice string) *FieldError {
	switch {
	case strings.TrimSpace(value) == "":
		return &FieldError{field, "is empty: " + advice}
	case len(value) > limit:
		return &FieldError{field, "is too long: " + advice}
	case strings.ContainsRune(value, utf8.RuneError):
		// It finds broken bytes, and U+FFFD, which a decoder leaves in the place of such.
		return &FieldError{field, "is not proper UTF-8: encode it as UTF-8 before sending"}
	case strings.ContainsFunc(value, unicode.IsControl):
		return &FieldError{field, "holds a control character: remove line breaks and tabs"}
	}
	return nil
}

// checkPlain is for the two values an operator pastes or reads from a file, where a
// line break at the end is the usual mistake.
func checkPlain(field, value string) error {
	switch {
	case value == "":
		return &FieldError{field, "is empty: copy it from Marketo Admin, Mobile Apps & Devices"}
	case !utf8.ValidString(value):
		return &FieldError{field, "is not proper UTF-8: copy it again from Marketo Admin"}
	case value != strings.TrimSpace(value) || strings.ContainsFunc(value, isUnseen):
		return &FieldError{field, "has white space around it or an invisible character in it: trim what was read from the file"}
	}
	return nil
}

// isUnseen covers zero-width characters too, which come along when text is copied from a page.
func isUnseen(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

// lowerASCII leaves letters beyond A to Z alone: Unicode's folding makes equals of
// letters that are two mailboxes, such as k and the Kelvin sign.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
