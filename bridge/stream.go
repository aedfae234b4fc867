package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/join"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/position"
)

// chain is one of the readings that a stream is merged of: up to ten types, up to thirty leads or a
// list, each with a token of its own.
type chain struct {
	types     []int64
	leads     []int64
	list      int64
	deletions bool
	wanted    map[int64]bool // of deletions, which cannot be asked for by lead; nil: all
	place     position.Stream

	page   []entry // at place.Token
	next   string
	more   bool
	loaded bool
	begun  bool // a page was fetched by this call

	// Of the answer that the page is of:
	shared   bool      // it has the records of other calls' leads too
	answered int       // how many it has of all of them
	end      time.Time // of the last one, whosever it is; zero: it has none

	reach int // how many answers more that are not full the last place may go over
}

// entry is an activity with its time.
type entry struct {
	rest.Activity

	at time.Time
}

// mark is a short digest of what makes a record what it is.
func (e *entry) mark() string { return position.Digest(cmp.Or(e.GUID, e.ID.Text)) }

// compareEntries orders by time. The log has seconds: within one the ids decide, which were given in
// order, and else the GUIDs.
func compareEntries(a, b *entry) int {
	if c := a.at.Compare(b.at); c != 0 {
		return c
	}
	idA, errA := strconv.ParseInt(cmp.Or(a.ID.Text, a.GUID), 10, 64)
	idB, errB := strconv.ParseInt(cmp.Or(b.ID.Text, b.GUID), 10, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(idA, idB)
	}
	return strings.Compare(a.GUID, b.GUID)
}

// errTimeOver says that the time for a page is over.
var errTimeOver = errors.New("the time for a page is over")

// stream reads chains, within bounds.
type stream struct {
	*work

	chains  []*chain
	low     time.Time // records before it are not wanted; zero: all
	high    time.Time // likewise after it
	until   time.Time // when the time for a page is over
	patient bool      // it does not matter yet

	member *join.Member // of a party of calls that share requests; nil: of none
}

// start gives all chains a token of a date. One token serves them all: what is asked for comes with
// each call anew.
func (s *stream) start(from time.Time) error {
	token, err := s.tokenOf(from)
	if err != nil {
		return err
	}
	for _, c := range s.chains {
		c.place = position.Stream{Token: token}
	}
	return nil
}

// places returns where the chains are.
func (s *stream) places() []position.Stream {
	list := make([]position.Stream, len(s.chains))
	for i, c := range s.chains {
		list[i] = c.place
	}
	return list
}

// resume puts the chains where they were. That there are as many follows from the question, which the
// position is bound to, as long as the instance has the same types: another number of them makes other
// groups.
func (s *stream) resume(places []position.Stream) error {
	if len(places) != len(s.chains) {
		return fault.New(fault.CodeBadStreamPosition, "startPosition: the instance has other types of activity than when it was given: start without one")
	}
	for i, c := range s.chains {
		c.place = places[i]
	}
	return nil
}

// take returns up to n records of all chains, oldest first, and whether all chains are done. When the
// time is over it returns what there is.
func (s *stream) take(n int) (list []entry, done bool, err error) {
	for len(list) < n {
		var first *chain
		for _, c := range s.chains {
			head, err := s.head(c)
			switch {
			case errors.Is(err, errTimeOver):
				return list, false, nil
			case err != nil:
				return nil, false, err
			case head == nil:
			case first == nil || compareEntries(head, &first.page[first.place.Skip]) < 0:
				first = c
			}
		}
		if first == nil {
			return list, true, nil
		}
		list = append(list, first.give())
	}
	return list, s.done(), nil
}

// done reports whether no chain has more, as far as is known without a call.
func (s *stream) done() bool {
	return !slices.ContainsFunc(s.chains, func(c *chain) bool {
		return !c.place.Done && (!c.loaded || c.place.Skip < len(c.page) || c.more)
	})
}

// give gives the next record of the page out.
func (c *chain) give() entry {
	e := c.page[c.place.Skip]
	c.place.Skip++
	if at := e.at.Unix(); at != c.place.At {
		c.place.At, c.place.Seen, c.place.Renewed = at, nil, false
	}
	c.place.Seen = append(c.place.Seen, e.mark())
	if extra := len(c.place.Seen) - maxSeen; extra > 0 {
		c.place.Seen = slices.Clone(c.place.Seen[extra:])
	}
	return e
}

// maxSeen bounds what a position holds of one second.
const maxSeen = 300

// head returns the next record of a chain, nil if there is none.
func (s *stream) head(c *chain) (*entry, error) {
	for !c.place.Done {
		if !c.loaded {
			if err := s.load(c); err != nil {
				return nil, err
			}
		}
		for c.place.Skip < len(c.page) {
			e := &c.page[c.place.Skip]
			switch {
			case !s.high.IsZero() && e.at.After(s.high): // the log is in order of time
				c.place.Done = true
				return nil, nil
			case !s.low.IsZero() && e.at.Before(s.low), c.wanted != nil && !c.wanted[e.LeadID], c.place.Renewed && c.again(e):
				c.place.Skip++
			default:
				return e, nil
			}
		}
		c.advance()
	}
	return nil, nil
}

// again reports whether a record comes once more, after a token had to be made anew.
func (c *chain) again(e *entry) bool {
	return e.at.Unix() < c.place.At || e.at.Unix() == c.place.At && slices.Contains(c.place.Seen, e.mark())
}

// advance goes to the next page. The last one has a token too, from which a later reading goes on.
func (c *chain) advance() {
	c.place.Token, c.place.Skip, c.loaded = cmp.Or(c.next, c.place.Token), 0, false
	c.place.Done = !c.more
	c.page = nil
}

// load reads the page of a chain. The token of a page that was begun before leads to it again; records
// that have joined it meanwhile do not count as given out.
func (s *stream) load(c *chain) error {
	begun := c.place.Skip > 0
	for renewed := 0; ; renewed++ {
		err := s.fetch(c)
		if err == nil {
			break
		}
		if !isTokenRefusal(err) || renewed == maxRenewals || c.place.At == 0 && s.low.IsZero() {
			return err
		}
		if err := s.renew(c); err != nil {
			return err
		}
		begun = false
	}
	if !begun || len(c.place.Seen) == 0 {
		return nil
	}
	last := c.place.Seen[len(c.place.Seen)-1]
	i := c.place.Skip - 1
	if i >= len(c.page) || c.page[i].mark() != last {
		i = slices.IndexFunc(c.page, func(e entry) bool { return e.mark() == last })
	}
	if i >= 0 {
		c.place.Skip = i + 1
		return nil
	}
	c.loaded = false
	if err := s.renew(c); err != nil {
		return err
	}
	return s.fetch(c)
}

// fetch reads the page at the token of a chain, if there is time. The first one of each chain has all
// the time that the caller gives: only with one page of all of them does every call get on.
func (s *stream) fetch(c *chain) error {
	ctx := context.Context(s)
	if c.begun && !s.patient {
		if s.over(s.until) {
			return errTimeOver
		}
		limited, cancel := context.WithDeadline(s, s.until)
		defer cancel()
		ctx = limited
	}
	c.begun = true
	a, err := s.ask(ctx, c)
	switch {
	case err != nil && httpcall.Ended(s) == nil && ctx.Err() != nil:
		return errTimeOver
	case err != nil:
		return s.refused(c, err)
	}
	c.page, c.end, c.shared, c.answered = c.page[:0], time.Time{}, a.leads > len(c.leads), len(a.Records)
	c.page = slices.Grow(c.page, len(a.Records))
	for i := range a.Records {
		if c.end, err = s.readTime(a.Records[i].Date); err != nil {
			return err
		}
		if !c.shared || slices.Contains(c.leads, a.Records[i].LeadID) {
			c.page = append(c.page, entry{a.Records[i], c.end})
		}
	}
	c.next, c.more, c.loaded = a.Next, a.More, true
	return nil
}

// refused explains why a list cannot be asked for.
func (s *stream) refused(c *chain, err error) error {
	if c.list != 0 && said(err, 1003) && !isTokenRefusal(err) {
		return bad("leadSelector: the REST API tells the changes of the leads on a list only if it has less than 10,000: use smaller lists, or read all changes and choose from them (%v)", err)
	}
	return err
}

// isTokenRefusal reports whether a token was refused: none of the documentation says how long one
// lives, and how the service says that it is over.
func isTokenRefusal(err error) bool {
	var what *fault.RESTError
	return errors.As(err, &what) && strings.Contains(strings.ToLower(what.Message), "token") && what.Code != 601 && what.Code != 602
}

// maxRenewals is how often a token is made anew for one page.
const maxRenewals = 3

// renew gives a chain a token of the second of its last record, or of the beginning if it has given out none: what comes
// once more is passed over.
func (s *stream) renew(c *chain) error {
	from := s.low
	if c.place.At != 0 {
		from = time.Unix(c.place.At-1, 0)
	}
	token, err := s.rest.PagingToken(s, from)
	if err != nil {
		return err
	}
	c.place.Token, c.place.Skip, c.place.Renewed = token, 0, true
	return nil
}

// question shortens what two calls of one reading have in common. Of structs exported fields count.
func question(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // a part that is no plain data
	}
	return position.Query(string(text))
}

// open reads a position of the operation that has no dates beside it.
func (w *work) open(text, query string) (position.Position, error) {
	return w.positions.Read(position.Request{Operation: w.operation, Query: query, Text: text})
}

// seal writes the position after a page, which is the end of the stream if nothing follows.
func (w *work) seal(at position.Position, more bool) (string, error) {
	at.Turn++
	at.Old = false
	if !more {
		at = position.Position{Operation: at.Operation, Query: at.Query, Turn: at.Turn, End: true}
	}
	return w.positions.Write(at)
}
