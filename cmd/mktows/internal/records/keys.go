package records

import (
	"bytes"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/operations"
)

// Key is the key of a lead and the line of the file that it was read from.
type Key struct {
	Key  operations.LeadKey
	Line int
}

// ReadKeys reads keys of leads from text, one per line; blank lines are skipped. Name is what errors call the input.
// A file without any key is an error, since it is more likely a failed export than a wish to do nothing.
func ReadKeys(text []byte, name string) (keys []Key, err error) {
	p := &Problems{Name: name}
	line := 0
	for raw := range bytes.Lines(text) {
		line++
		trimmed := strings.TrimSpace(string(raw))
		if trimmed == "" {
			continue
		}
		key, err := operations.ParseLeadKey(trimmed)
		if err != nil {
			p.Addf(line, 1+strings.Index(string(raw), trimmed), "%v", exit.Reason(err))
			continue
		}
		if at, ok := unsayable(trimmed); ok {
			p.Addf(line, 1, "%s cannot be sent in XML", at)
		}
		keys = append(keys, Key{key, line})
	}
	if len(keys) == 0 && len(p.List) == 0 {
		return nil, exit.Inputf("%s has no keys", name)
	}
	return keys, p.Err()
}
