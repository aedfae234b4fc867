package bridge

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/join"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/gen"
)

// Histories that are read at the same time share what they ask for: the look-up of their leads, the token of
// their beginning, and each page of the log, which may be asked for up to thirty leads. A token is a place in the
// log of the whole instance, so one that was made for several leads leads each of them on alone.

// foundLeads are the leads that some values of a key have found.
type foundLeads struct {
	records []rest.Record
	values  int
}

// leadsOf returns the leads that a key means, with the times of their making.
func (h *history) leadsOf(key *gen.LeadKey) ([]rest.Record, error) {
	field, _ := h.keyField(key.KeyType) // just checked
	together := any(field)
	if field != "id" && field != "email" { // one value that is refused would refuse the others, as a cookie may be
		together = h
	}
	all, err := join.Do(h, h.member, together, key.KeyValue, func(ctx context.Context, values []string) (foundLeads, error) {
		return h.in(ctx).createdOf(field, values)
	})
	if all.values < 2 {
		return all.records, err
	}
	var own []rest.Record
	for _, r := range all.records {
		if sameForm(field, r.Get(field).Text) == wantedForm(field, key.KeyValue) {
			own = append(own, r)
		}
	}
	// More leads than a query finds (1003) may be those of another value; and an address may be shown otherwise than it
	// was asked for.
	if said(err, 1003) || err == nil && len(own) == 0 && field == "email" {
		all, err := join.Do(h, h.member, h, key.KeyValue, func(ctx context.Context, values []string) (foundLeads, error) {
			return h.in(ctx).createdOf(field, values)
		})
		return all.records, err
	}
	return own, err
}

// createdOf returns the leads with some values, with the times of their making.
func (w *work) createdOf(field string, values []string) (foundLeads, error) {
	slices.Sort(values)
	values = slices.Compact(values)
	fields := []string{"id", "createdAt"}
	if len(values) > 1 && field != "id" {
		fields = append(fields, field)
	}
	records, err := w.leadsWith(field, values, fields)
	return foundLeads{records, len(values)}, err
}

// wantedForm is how an answer shows a value that was asked for: an id without what ParseInt passes over.
func wantedForm(field, value string) string {
	if id, err := strconv.ParseInt(value, 10, 64); field == "id" && err == nil {
		return strconv.FormatInt(id, 10)
	}
	return sameForm(field, value)
}

// in returns the work with another context.
func (w *work) in(ctx context.Context) *work {
	other := *w
	other.Context = ctx
	return &other
}

// beginning is what histories have in common that may begin with one token.
type beginning struct{ span int }

// tokenOf returns the token of a date, or of an earlier one with which another history begins. The walk from there
// costs no request more, as the other one makes it anyway, but it may take longer: it is at most four times as
// long.
func (s *stream) tokenOf(from time.Time) (string, error) {
	hours := max(0, s.config.rest.Now().Sub(from)/time.Hour)
	span := beginning{bits.Len64(uint64(hours)) / 2} //nolint:gosec // not negative
	return join.Do(s, s.member, span, from, func(ctx context.Context, dates []time.Time) (string, error) {
		return s.rest.PagingToken(ctx, slices.MinFunc(dates, time.Time.Compare))
	})
}

// askedPage names a page of the log.
type askedPage struct {
	types     string
	list      int64
	deletions bool
	token     string
}

// sharedPage is a page, and the number of leads that it was asked for.
type sharedPage struct {
	*rest.Answer[rest.Activity]

	leads int
}

// ask asks for the page at the token of a chain, together with others that want the same of their leads.
func (s *stream) ask(ctx context.Context, c *chain) (sharedPage, error) {
	page := askedPage{fmt.Sprint(c.types), c.list, c.deletions, c.place.Token}
	return join.Do(ctx, s.member, page, c.leads, func(ctx context.Context, of [][]int64) (sharedPage, error) {
		leads := slices.Concat(of...)
		slices.Sort(leads)
		leads = slices.Compact(leads)
		p := rest.Page{Token: page.token}
		if c.deletions {
			a, err := s.rest.DeletedLeads(ctx, p)
			return sharedPage{a, 0}, err
		}
		a, err := s.rest.Activities(ctx, rest.ActivityQuery{Types: c.types, Leads: leads, List: c.list, Page: p})
		return sharedPage{a, len(leads)}, err
	})
}

// newGate returns where calls for histories wait for each other; nil: they do not.
func newGate(wait time.Duration) *join.Gate {
	if wait == 0 {
		return nil
	}
	return join.NewGate(wait, rest.MaxActivityLeads)
}
