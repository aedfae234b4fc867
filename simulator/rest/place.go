package rest

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
)

// place is where a reading goes on. A token holds it in base 32, as the tokens of the service seem
// to, so that the handler keeps nothing of a reading.
type place struct {
	stream uint64 // of which question it is an answer
	at     int64  // an id, or a Unix time
	ref    uint32 // decides among rows of the same time
	empty  uint32 // pages without a row on the way: tokens differ, as those of the service do
	since  int64  // the time at which a reading of activities has begun
	stored uint32 // how many activities there were: those that were stored since may lie before the place
}

const (
	placeBytes = 8 + 8 + 4 + 4 + 8 + 4
	tokenBytes = 40 // 64 characters, and no "=" at the end
)

// streamOf is a number that differs between questions.
func streamOf(question ...any) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", question)) // not %q, which shows large numbers alike
	return binary.BigEndian.Uint64(sum[:])
}

// token returns the token of a place.
func (p place) token() string {
	raw := make([]byte, 0, tokenBytes)
	raw = binary.BigEndian.AppendUint64(raw, p.stream)
	raw = binary.BigEndian.AppendUint64(raw, uint64(p.at)) //nolint:gosec // read back the same way
	raw = binary.BigEndian.AppendUint32(raw, p.ref)
	raw = binary.BigEndian.AppendUint32(raw, p.empty)
	raw = binary.BigEndian.AppendUint64(raw, uint64(p.since)) //nolint:gosec // likewise
	raw = binary.BigEndian.AppendUint32(raw, p.stored)
	check := sha256.Sum256(raw)
	raw = append(raw, check[:tokenBytes-placeBytes]...)
	return base32.StdEncoding.EncodeToString(raw)
}

// readToken returns the place of a token, false for a text that is none.
func readToken(text string) (p place, ok bool) {
	raw, err := base32.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != tokenBytes {
		return p, false
	}
	p.stream = binary.BigEndian.Uint64(raw)
	p.at = int64(binary.BigEndian.Uint64(raw[8:])) //nolint:gosec // see token
	p.ref = binary.BigEndian.Uint32(raw[16:])
	p.empty = binary.BigEndian.Uint32(raw[20:])
	p.since = int64(binary.BigEndian.Uint64(raw[24:])) //nolint:gosec // see token
	p.stored = binary.BigEndian.Uint32(raw[32:])
	return p, p.token() == text
}

// place reads where a reading goes on, by the parameter nextPageToken: its beginning without
// one. A token of another question is wrong.
func (c *call) place(question ...any) place {
	begin := place{stream: streamOf(question...)}
	text := c.text("nextPageToken")
	if text == "" {
		return begin
	}
	p, ok := readToken(text)
	if !ok || p.stream != begin.stream {
		c.wrong(refuse(codeInvalid, "Invalid nextPageToken"))
	}
	return p
}
