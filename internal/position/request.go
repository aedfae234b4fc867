package position

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The operations whose positions have a structure with dates (WSDL: StreamPosition), and the one whose
// old positions hold dates.
const (
	leadActivity  = "getLeadActivity"
	leadChanges   = "getLeadChanges"
	multipleLeads = "getMultipleLeads"
)

func isComplex(operation string) bool { return operation == leadActivity || operation == leadChanges }

// Request is what a call says of where to go on.
type Request struct {
	Operation string // of the SOAP API
	Query     string // see the function Query
	Text      string // the streamPosition, or the offset of the startPosition; empty: the beginning
	// The dates beside the offset, as they are to be understood; zero: none. They matter for a position
	// of the SOAP service alone: one of the bridge holds its own.
	Oldest, Latest, Activity time.Time
}

// Read returns the position of a call: the beginning of the stream for an empty text. It gives fault 20122
// for a text that was changed or is foreign, that was given for another operation or query, or that the SOAP
// service gave without a date; 20123 for one behind the last record.
func (c *Codec) Read(r Request) (Position, error) {
	text := strings.TrimSpace(r.Text) // envelopes are printed prettily
	switch {
	case text == "":
		return Position{Operation: r.Operation, Query: r.Query}, nil
	case len(text) > MaxText:
		return Position{}, bad(r.Operation, errors.New("it is longer than any that is given"))
	case strings.HasPrefix(text, string(c.kind)+version1):
		return c.own(r, text)
	case c.Gave(text):
		return Position{}, bad(r.Operation, errOtherVersion)
	}
	return r.old(text)
}

// Gave reports whether a text is in the form of the positions of this kind, of any version: others are for somebody
// else to read.
func (k Kind) Gave(text string) bool {
	rest, of := strings.CutPrefix(strings.TrimSpace(text), string(k))
	return of && version.MatchString(rest)
}

// Gave reports whether a text is in the form of the positions of the codec's kind.
func (c *Codec) Gave(text string) bool { return c.kind.Gave(text) }

var version = regexp.MustCompile(`^[0-9]+\.`)

// own reads a position that was given here.
func (c *Codec) own(r Request, text string) (Position, error) {
	p, err := c.read(text)
	switch {
	case err != nil:
		return Position{}, bad(r.Operation, err)
	case p.Operation != r.Operation || p.Query != r.Query:
		return Position{}, bad(r.Operation, errors.New("it was given for another request: change nothing but the position between two pages"))
	case p.End:
		return Position{}, atEnd(r.Operation)
	}
	return p, nil
}

// The forms of the SOAP service's positions (Marketo SOAP API, samples and blog archive): ID: and the
// last record, of activities; a number after the last page of a lead's history; the last record, bounds
// and counts, of leads. More may follow, as in the simulator's.
var (
	oldRecord = regexp.MustCompile(`^(ID:)?[0-9]{1,19}([:-][0-9A-Za-z:-]*)?$`)
	oldEnd    = regexp.MustCompile(`^[0-9]{1,10}$`)
	oldLeads  = regexp.MustCompile(`^id:[0-9]{1,19}:to:([0-9]{1,11}):tl:([0-9]{1,11}):os:[0-9]{1,19}:rc:[0-9]{1,19}(:[0-9A-Za-z:]*)?$`)
)

var errOld = errors.New("it was not given here; one that the SOAP service gave can be gone on with only if a date came with it, and none did")

// old goes on from the dates of a position that the SOAP service gave. A stream is begun at its lower
// bound; without one it would begin anew as a whole, which a program decides itself.
func (r *Request) old(text string) (Position, error) {
	p := Position{Operation: r.Operation, Query: r.Query, Old: true}
	switch {
	case r.Operation == leadActivity && oldEnd.MatchString(text):
		return Position{}, atEnd(r.Operation)
	case isComplex(r.Operation) && oldRecord.MatchString(text):
		p.Since, p.Until = unix(r.Oldest), unix(r.Latest)
		if p.Since == 0 {
			p.Since = unix(r.Activity)
		}
	case r.Operation == multipleLeads && oldLeads.MatchString(text):
		bounds := oldLeads.FindStringSubmatch(text)
		p.Since, _ = strconv.ParseInt(bounds[1], 10, 64) // eleven digits at most
		p.Until, _ = strconv.ParseInt(bounds[2], 10, 64)
	}
	if p.Since == 0 {
		return Position{}, bad(r.Operation, errOld)
	}
	return p, nil
}

// unix returns a time in seconds, 0 for none: records are younger than 1970.
func unix(t time.Time) int64 { return max(0, t.Unix()) }
