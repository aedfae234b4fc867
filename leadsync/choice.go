package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// RefusedError says that the service does not take what a stream asks for, or answers with empty pages without end
// ([operations.ErrEndless]), and that trying again at once cannot help. It is [store.ErrRefused], and the error of the call.
type RefusedError struct {
	Stream StreamName
	// Field is the field of Stream that was refused, such as Fields, and Values what it held; empty if
	// nobody can tell.
	Field  string
	Values []string
	// Stored tells that windows ask for it. Otherwise it was refused before anything was stored.
	Stored bool
	Err    error
}

// Error says what was refused and what to do.
func (e *RefusedError) Error() string {
	what := "what it asks for"
	if e.Field != "" {
		what = e.Field + " (" + strings.Join(e.Values, ", ") + ")"
	}
	after := "nothing was stored"
	if e.Stored {
		after = "no other window of the run is begun"
	}
	if errors.Is(e.Err, operations.ErrEndless) {
		return fmt.Sprintf("stream %s: %v; that is a fault of the service, run again when that is fixed; %s", e.Stream, e.Err, after)
	}
	return fmt.Sprintf("stream %s: %v: %s; correct %s and run again; %s", e.Stream, store.ErrRefused, e.Err, what, after)
}

// Is reports whether target is store.ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == store.ErrRefused }

// Unwrap returns the error of the call.
func (e *RefusedError) Unwrap() error { return e.Err }

// refusal turns the error of a call into a RefusedError if it is one that no repetition can mend, and returns other
// errors unchanged. An error that ends the whole run, such as a refused user, is not about what the stream asks for
// and stays too.
func refusal(err error, stream StreamName, field string, values []string, stored bool) error {
	var known *RefusedError
	if err == nil || errors.As(err, &known) || endsRun(err) || !permanent(err) {
		return err
	}
	if len(values) == 0 || errors.Is(err, operations.ErrEndless) {
		field, values = "", nil
	}
	return &RefusedError{Stream: stream, Field: field, Values: values, Stored: stored, Err: err}
}

// refusedWindow is refusal for the error of a window. What the window asked for is taken from its query and its
// names, since the Stream that it was planned with may have changed.
func refusedWindow(w store.Window, err error) error {
	s := Stream{Name: w.Stream}
	if parsed := s.setQuery(w.Query); parsed != nil {
		return err
	}
	switch {
	case len(w.Names) > 0:
		return refusal(err, w.Stream, "LookbackByType", w.Names, true)
	case w.Stream == Leads:
		return refusal(err, w.Stream, "Fields", s.Fields, true)
	}
	return refusal(err, w.Stream, "Types", s.Types, true)
}

// asked returns the query that the stream will have once it is planned: the one that it names; the one that the copy
// has, if it names none; or that of the copy with AddFields.
func (s Stream) asked(st store.StreamState) (string, error) {
	if len(s.AddFields) == 0 {
		if len(s.Types)+len(s.Fields) == 0 && st.Query != "" {
			return st.Query, nil
		}
		return s.kept().Query(), nil
	}
	if st.Query == "" {
		return "", fmt.Errorf("stream %s: AddFields: the copy has no such stream yet; use Fields", s.Name)
	}
	had := store.Stream{Name: s.Name}
	if err := had.ParseQuery(st.Query); err != nil {
		return "", err
	}
	if len(had.Fields) == 0 {
		return "", fmt.Errorf("stream %s: AddFields: the copy has all fields already; leave it out", s.Name)
	}
	had.Fields = append(had.Fields, s.AddFields...)
	return had.Query(), nil
}

// choose returns a plan that drops what the present choice of the stream makes worthless, and the state without it.
//
// With another query everything is read again, so nothing counts as read. With the same query, a failed window is
// dropped if its types or leads are no longer wanted; it would otherwise hold the stream back for ever. Nothing is
// lost by that: the time of those types was read before without the longer lookback, and leads count as read only
// when they were.
func (s Stream) choose(st store.StreamState, leads []string) (store.StreamState, store.Planned, error) {
	var p store.Planned
	query, err := s.asked(st)
	if err != nil {
		return st, p, err
	}
	if st.Query != "" && query != st.Query {
		p.Query, p.Drop = query, st.Unfinished
		st.Unfinished, st.Uppers, st.LeadUppers, st.Names = nil, nil, nil, nil
		return st, p, nil
	}
	var kept []store.Window
	failed := map[int64]bool{} // runs with such a window: their others ask for the same
	for _, w := range st.Unfinished {
		failed[w.Run] = failed[w.Run] || w.State == store.WindowFailed && !s.wants(w, leads)
	}
	for _, w := range st.Unfinished {
		if failed[w.Run] && !s.wants(w, leads) {
			p.Drop = append(p.Drop, w)
		} else {
			kept = append(kept, w)
		}
	}
	st.Unfinished = kept
	return st, p, nil
}

// wants reports whether everything that a window names is still chosen.
func (s Stream) wants(w store.Window, leads []string) bool {
	for _, name := range w.Names {
		if _, ok := s.LookbackByType[name]; !ok {
			return false
		}
	}
	for _, key := range w.Leads {
		if !slices.Contains(leads, key) {
			return false
		}
	}
	return true
}

// proof is what has to be tried with one call before it is stored. The service says nothing about a misspelt field or
// type until it is asked for, and a run stored with one would fail window by window.
type proof struct {
	stream Stream // with the query that it is going to have
	query  bool
	names  []string // of LookbackByType that have never worked
	leads  []string // one for each type of key, for LeadActivity
}

// needed reports whether there is anything that the service can refuse.
func (p proof) needed() bool {
	chosen := len(p.stream.Types) + len(p.stream.Fields) + len(p.leads)
	return p.query && chosen > 0 || len(p.names) > 0
}

// unproved returns what the stream asks for that has not worked in this copy yet. What once finished a window needs
// no proof again.
func (s Stream) unproved(st store.StreamState, leads []string) (proof, error) {
	query, err := s.asked(st)
	if err != nil {
		return proof{}, err
	}
	p := proof{stream: Stream{Name: s.Name, AddFields: s.AddFields}, query: query != st.Query}
	if err := p.stream.setQuery(query); err != nil {
		return p, err
	}
	if s.Name == LeadActivity {
		p.leads = onePerKind(leads)
		return p, nil // its lookback is not asked for by type
	}
	for name, d := range s.LookbackByType {
		known := slices.Contains(st.Names, name) || slices.Contains(p.stream.Types, name)
		if d > s.lookback() && !known {
			p.names = append(p.names, name)
		}
	}
	slices.Sort(p.names)
	return p, nil
}

// refusedFields is refusal for the fields of a proof, under the name of the option they came by.
func (p proof) refusedFields(err error) error {
	if len(p.stream.AddFields) > 0 {
		return refusal(err, p.stream.Name, "AddFields", p.stream.AddFields, false)
	}
	return refusal(err, p.stream.Name, "Fields", p.stream.Fields, false)
}

// onePerKind returns the first key of each type. A type of key may be unknown to the service, and one key is enough
// to find out.
func onePerKind(keys []string) []string {
	var some []string
	seen := map[string]bool{}
	for _, key := range keys {
		if kind, _, _ := strings.Cut(key, ":"); !seen[kind] {
			seen[kind] = true
			some = append(some, key)
		}
	}
	return some
}

// provedOver is the span of time that a proof asks for. It is short, because only the question matters and not the
// answer.
const provedOver = time.Minute

// prove asks the service for one record in the same way as the windows will ask for theirs. A refusal is returned as
// a RefusedError.
func (c *Config) prove(ctx context.Context, p proof, upper time.Time) error {
	api, from := operations.New(c.Port), upper.Add(-provedOver)
	s := p.stream
	switch s.Name {
	case Leads:
		options := &operations.LeadOptions{Fields: s.Fields, BatchSize: 1, OnUnreadable: ignore}
		_, err := api.Leads.Page(ctx, operations.UpdatedBetween(from, upper), operations.Cursor{}, options)
		return p.refusedFields(err)
	case LeadActivity:
		return c.proveHistories(ctx, p)
	}
	for _, ask := range []struct {
		field string
		names []string
		asked bool
	}{
		{"Types", s.Types, p.query && len(s.Types) > 0},
		{"LookbackByType", p.names, len(p.names) > 0},
	} {
		if !ask.asked {
			continue
		}
		options := &operations.ChangeOptions{Names: ask.names, Until: upper, BatchSize: 1, OnUnreadable: ignore}
		if _, err := api.Changes.Page(ctx, from, operations.Cursor{}, options); err != nil {
			return refusal(err, s.Name, ask.field, ask.names, false)
		}
	}
	return nil
}

// proveHistories asks for one activity of one lead for each type of key. That a lead does not exist is not a refusal:
// the answer shows that the service understands the key.
func (c *Config) proveHistories(ctx context.Context, p proof) error {
	for _, text := range p.leads {
		key, err := operations.ParseLeadKey(text)
		if err != nil {
			return err
		}
		options := &operations.ActivityOptions{Include: askable(p.stream.Types), BatchSize: 1, OnUnreadable: ignore}
		_, err = operations.New(c.Port).Activities.Page(ctx, key, operations.Cursor{}, options)
		if err != nil && !errors.Is(err, fault.ErrNotFound) {
			field, values := "LeadKeys", []string{text}
			if errors.Is(err, fault.CodeActivityKeyBad) {
				field, values = "Types", p.stream.Types
			}
			return refusal(err, p.stream.Name, field, values, false)
		}
	}
	return nil
}

// look returns the state of a stream. The store gives it only inside of Plan, so a plan is begun and broken off.
func (c *Config) look(ctx context.Context, s Stream) (state store.StreamState, err error) {
	if c.Store == nil {
		return state, nil
	}
	_, _, err = c.Store.Plan(ctx, s.kept(), func(st store.StreamState) (store.Planned, error) {
		state = st
		return store.Planned{}, errDry
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return state, err
}

// Reset forgets a stream of a copy, with its windows, runs and positions, so that the next run starts over, with another
// query if need be. Its rows are removed too, unless another stream writes to the same table; see [store.Store]. Before
// anything is removed, agree is called with what that will be; if it returns an error, the copy stays as it was and Reset
// returns that error. The copy is locked meanwhile, so agree must not wait for a person: let it fail, ask, and call Reset
// again with the answer.
//
// Errors: store.ErrNoStream; store.ErrInUse while a worker is alive, of this process or another one.
func Reset(ctx context.Context, dest store.Store, stream StreamName, agree func(store.Removal) error) error {
	if !slices.Contains(store.StreamNames(), stream) {
		return fmt.Errorf("stream %q: there is no such stream; there are %v", string(stream), store.StreamNames())
	}
	return dest.Reset(ctx, stream, agree) // the jobs of the stream end when they begin, since their windows are gone
}
