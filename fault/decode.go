package fault

import (
	"cmp"
	"fmt"
)

// snapshotSize bounds what a DecodeError keeps of a message, in bytes.
const snapshotSize = 512

// DecodeError means that a SOAP message, or an answer of the REST API, came but cannot be used: cut off, not well
// formed, not what the WSDL says, or with content that makes no sense.
type DecodeError struct {
	Snapshot []byte // piece of the message around Offset, at most 512 bytes, without secrets
	Offset   int64  // of the byte at which reading failed, from 0; negative: not known
	Err      error  // what is wrong there
	Content  bool   // the message was read well, and what it says is wrong
	Document string // what was read, such as "JSON document"; empty: SOAP message
}

// NewContentError returns the error for a message that was read and whose content cannot be right.
func NewContentError(err error) *DecodeError {
	e := NewDecodeError(nil, -1, err)
	e.Content = true
	return e
}

// NewDecodeError returns the error for a message that cannot be read at offset. Of
// body it keeps a piece of at most 512 bytes around the offset, on one line, in which
// the content of requestSignature and of everything named or shaped like it is replaced. Of
// binary data it keeps nothing. It is replaced in the texts of err and of all errors in it too, which
// errors.Is and errors.As still find.
func NewDecodeError(body []byte, offset int64, err error) *DecodeError {
	return &DecodeError{
		Snapshot: []byte(excerpt(body, offset, snapshotSize)),
		Offset:   offset,
		Err:      withoutSecrets(err),
	}
}

// Error says what is wrong, where, and what stands there.
func (e *DecodeError) Error() string {
	text := "the " + cmp.Or(e.Document, "SOAP message") + " cannot be read"
	if e.Content {
		text = "the content of the answer cannot be right"
	}
	if e.Offset >= 0 {
		text += fmt.Sprintf(" at byte %d", e.Offset)
	}
	text += ": " + oneLine(errorText(e.Err), maxText)
	if near := excerpt(e.Snapshot, 0, snapshotSize); near != "" {
		text += "; near: " + near
	}
	return text
}

// Unwrap returns what is wrong. No text of it or of what it wraps shows a secret.
func (e *DecodeError) Unwrap() error { return withoutSecrets(e.Err) }
