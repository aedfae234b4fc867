package bridge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
)

// position is where a reading goes on. It holds all there is to know, so that another bridge serves
// the next page.
type position struct {
	Kind   string       `json:"k"`
	Query  string       `json:"q"`           // digest of what was asked for
	Low    int64        `json:"lo,omitzero"` // Unix times
	High   int64        `json:"hi,omitzero"`
	List   int64        `json:"l,omitzero"`
	Token  string       `json:"t,omitempty"`
	Offset int          `json:"o,omitzero"`
	Chains []chainPlace `json:"g,omitempty"`
	Turn   int          `json:"n"` // of the page, so that no two positions are equal
	End    bool         `json:"e,omitempty"`
}

// sealer makes positions that nobody else can make. Bridges with the same secret read each other's.
type sealer struct{ key []byte }

const (
	positionVersion = "MB1"
	macSize         = 16
)

func newSealer(secret auth.Secret) sealer {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte("mktows stream position 1"))
	return sealer{mac.Sum(nil)}
}

func (s sealer) mac(payload []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(positionVersion))
	mac.Write(payload)
	return mac.Sum(nil)[:macSize]
}

// seal returns a position as a text.
func (s sealer) seal(p position) (string, error) {
	payload, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return positionVersion + "." + encode(payload) + "." + encode(s.mac(payload)), nil
}

// open reads a position of a kind and a question: 20122 for a text that is none of these, 20123 for
// the end.
func (s sealer) open(text, kind, query string) (position, error) {
	var p position
	version, rest, _ := strings.Cut(strings.TrimSpace(text), ".")
	head, tail, ok := strings.Cut(rest, ".")
	decode := base64.RawURLEncoding.Strict().DecodeString
	payload, err1 := decode(head)
	mac, err2 := decode(tail)
	if !ok || version != positionVersion || err1 != nil || err2 != nil || !hmac.Equal(mac, s.mac(payload)) || json.Unmarshal(payload, &p) != nil {
		return p, badPosition("%.40q was not given by this bridge", text)
	}
	if p.Kind != kind || p.Query != query {
		return p, badPosition("it was given for another request")
	}
	if p.End {
		return p, fault.New(fault.CodeStreamAtEnd, "the position is the end of the stream: no records are left")
	}
	return p, nil
}

func badPosition(format string, args ...any) error {
	return fault.New(fault.CodeBadStreamPosition, "the position: "+fmt.Sprintf(format, args...)+": start without one, and pass positions back unchanged")
}

// digest shortens what two calls of one reading have in common.
func digest(parts ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
