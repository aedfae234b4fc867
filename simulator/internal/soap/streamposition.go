package soap

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
)

// streamPosition is a position of getMObjects and getCustomObjects. On the wire it is
// opaque: its fields and a check sum in base64, so that a changed one is noticed.
type streamPosition struct {
	request uint64 // what was asked for, see fingerprint
	after   int64  // number of the last object that was returned
	turn    int64  // of the page; with it positions differ even after an empty page
	end     bool
}

// fingerprint makes a number of what all calls of one reading have in common: the operation and what it selects. It
// goes into positions, so that one cannot be used with another request. How an answer shows what was selected is not
// part of it: the size of a page, for example, may change from call to call.
func fingerprint(operation string, parts ...any) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s%#v", operation, parts) // a hash does not fail
	return h.Sum64()
}

// String returns the position as answers show it.
func (p streamPosition) String() string {
	text := fmt.Sprintf("%x %x %x %t", p.request, p.after, p.turn, p.end)
	return base64.RawURLEncoding.EncodeToString([]byte(text + " " + checksum(text)))
}

func checksum(text string) string {
	sum := sha256.Sum256([]byte("streamPosition " + text))
	return fmt.Sprintf("%x", sum[:8])
}

// readStreamPosition returns the position that a request has, the start if it has none.
// It gives 20122 for one that was not given for this request, 20123 for that of the end.
func readStreamPosition(text string, request uint64) (streamPosition, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return streamPosition{request: request}, nil
	}
	p, ok := parseStreamPosition(text)
	if !ok || p.request != request {
		return p, fault.New(fault.CodeBadStreamPosition,
			"streamPosition was not given for this request: start without one, and pass positions back unchanged")
	}
	if p.end {
		return p, fault.New(fault.CodeStreamAtEnd, "streamPosition is the end of the stream: no records are left")
	}
	return p, nil
}

// parseStreamPosition reads what String has written, and nothing else.
func parseStreamPosition(text string) (p streamPosition, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	parts := strings.Split(string(raw), " ")
	if err != nil || len(parts) != 5 {
		return p, false
	}
	request, err1 := strconv.ParseUint(parts[0], 16, 64)
	after, err2 := strconv.ParseInt(parts[1], 16, 64)
	turn, err3 := strconv.ParseInt(parts[2], 16, 64)
	p = streamPosition{request, after, turn, parts[3] == "true"}
	// Writing it again compares the check sum, too.
	return p, err1 == nil && err2 == nil && err3 == nil && p.String() == text
}

// next returns the position after a page, whose last object has the given number.
func (p streamPosition) next(after int64, more bool) streamPosition {
	return streamPosition{request: p.request, after: max(after, p.after), turn: p.turn + 1, end: !more}
}
