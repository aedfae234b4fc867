package leadsync

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

const (
	defaultWindow = 24 * time.Hour
	// bulkWindow is that of a stream that is read by bulk extract. A window takes some calls and minutes however long it is.
	// But its file should be a small part of a day's volume, of which 500 MB are about two million activities, and is read
	// from its beginning again after a crash.
	bulkWindow = 7 * 24 * time.Hour
	// maxWindows keeps a run that reads years within reason: each window costs a call.
	maxWindows = 100
	// leadsPerWindow is how many histories a window of LeadActivity reads.
	leadsPerWindow = 50
	// edge is what a window asks for beyond its ends: nobody knows whether the service
	// takes them as inside.
	edge = time.Second
	// clockTolerance is how far the server's clock may go back between runs, for example
	// since Date has whole seconds, without being taken for one that was wrong. The lookback
	// makes up for it, so it is never more than that.
	clockTolerance = time.Minute
)

// planRun decides what a run of s reads, up to the bound upper; leads are the keys for LeadActivity. Windows that an
// earlier run has left undone come first and alone: Run plans again when they are done. It is called within a
// transaction of the store, so two processes cannot plan the same time.
func planRun(s Stream, st store.StreamState, upper time.Time, leads []string) (store.Planned, error) {
	st, p, err := s.choose(st, leads)
	if err != nil {
		return store.Planned{}, err
	}
	if len(st.Unfinished) > 0 {
		if p.Windows, p.Upper = s.switched(st.Unfinished); len(p.Windows) > 0 {
			p.Drop = append(p.Drop, st.Unfinished...)
		} else {
			p.Resume = st.Unfinished
		}
		return p, nil
	}
	upper = wholeSecond(upper)
	since, err := s.begin(st, upper)
	if err != nil {
		return store.Planned{}, err
	}
	p.Since = since
	if s.Name == LeadActivity {
		p.Upper, p.Windows = upper, s.leadWindows(st, since, upper, leads)
		return p, nil
	}
	p.Upper, p.Windows = s.timeWindows(st, since, upper)
	return p, nil
}

// switched returns windows in place of unfinished ones that were planned for the other source, and up to where they go;
// none if there are no such. Neighbours are joined first, as windows of one source are longer than those of the other.
// What of them was read already is read again, which changes nothing.
func (s Stream) switched(unfinished []store.Window) (windows []store.Window, upper time.Time) {
	if s.Name != Activities || !slices.ContainsFunc(unfinished, func(w store.Window) bool { return readByBulk(&w) != (s.Source == Bulk) }) {
		return nil, upper
	}
	var joined []store.Window
	for _, w := range unfinished {
		upper = latest(upper, w.To)
		if n := len(joined) - 1; n >= 0 && joined[n].To.Equal(w.From) && joined[n].Fresh.Equal(w.Fresh) && slices.Equal(joined[n].Names, w.Names) {
			joined[n].To = w.To
		} else {
			joined = append(joined, w)
		}
	}
	for _, w := range joined {
		windows = append(windows, s.cut(w.From, w.To, w.Fresh, w.Names)...)
	}
	return windows, upper
}

// begin returns where the copy of the stream begins. It can move back, never forward.
func (s Stream) begin(st store.StreamState, upper time.Time) (time.Time, error) {
	since := wholeSecond(s.Since)
	switch {
	case s.Since.IsZero() && st.Since.IsZero():
		return since, fmt.Errorf("stream %s: Since: is needed where there is no copy yet", s.Name)
	case s.Since.IsZero() || !st.Since.IsZero() && st.Since.Before(since):
		since = st.Since
	}
	if !since.Before(upper) {
		return since, fmt.Errorf("stream %s: Since: %s is not before the present, which is %s by the server's clock",
			s.Name, since.Format(time.RFC3339), upper.Format(time.RFC3339))
	}
	return since, nil
}

// timeWindows returns the windows of a run: time before an earlier beginning, if it has moved back; the longer
// lookbacks of some types; and the time since the last run with the general lookback before it. It also returns the
// bound, which is never before that of the last run.
func (s Stream) timeWindows(st store.StreamState, since, upper time.Time) (time.Time, []store.Window) {
	horizon, ok := horizonOf(st, upper, s.tolerance())
	if !ok {
		return upper, s.cut(since, upper, since, nil)
	}
	var windows []store.Window
	if since.Before(st.Since) {
		windows = s.cut(since, st.Since, since, nil)
	}
	if horizon.After(upper) {
		upper = horizon
	}
	for _, again := range s.lookbacks(horizon, since) {
		windows = append(windows, s.cut(again.From, again.To, again.To, again.Names)...)
	}
	from := latest(since, horizon.Add(-s.lookback()))
	return upper, append(windows, s.cut(from, upper, horizon, nil)...)
}

// tolerance returns how far the server's clock may have gone back without being taken for wrong.
func (s Stream) tolerance() time.Duration { return min(clockTolerance, s.lookback()) }

// horizonOf returns up to when everything has been read: the greatest bound of a run that is not in the future. A
// greater one came from a clock that has been set back since, and the time between is read again.
func horizonOf(st store.StreamState, upper time.Time, tolerance time.Duration) (time.Time, bool) {
	for _, u := range st.Uppers {
		if !u.After(upper.Add(tolerance)) {
			return u, true
		}
	}
	return time.Time{}, false
}

// lookbacks returns the windows before the general lookback, for the types that want a longer one. They are nested:
// the first window, next to the general lookback, is read for all of these types, and each earlier one for fewer.
func (s Stream) lookbacks(horizon, since time.Time) []store.Window {
	var windows []store.Window
	to, general := horizon.Add(-s.lookback()), s.lookback()
	for {
		next := time.Duration(0)
		var names []string
		for name, d := range s.LookbackByType {
			if d <= general {
				continue
			}
			names = append(names, name)
			if next == 0 || d < next {
				next = d
			}
		}
		from := latest(since, horizon.Add(-next))
		if len(names) == 0 || !from.Before(to) {
			return windows
		}
		slices.Sort(names)
		windows = append(windows, store.Window{From: from, To: to, Names: names})
		to, general = from, next
	}
}

// cut cuts the time [from, to) into windows, oldest first. Rows from before fresh count as late.
func (s Stream) cut(from, to, fresh time.Time, names []string) []store.Window {
	var windows []store.Window
	var begin store.Position
	if s.Source == Bulk {
		begin = byBulk()
	}
	for step := s.step(to.Sub(from)); from.Before(to); from = from.Add(step) {
		windows = append(windows, store.Window{
			Stream: s.Name, From: from.UTC(), To: earliest(from.Add(step), to).UTC(), Fresh: fresh.UTC(), Names: names,
			Position: begin,
		})
	}
	return windows
}

// step returns the length of windows. A long range gets longer windows, so that there are not too many of them.
// Windows of leads are limited by the 30 days that the service takes at once, and those of bulk extracts by 31, with the
// edges that are asked for in addition.
func (s Stream) step(whole time.Duration) time.Duration {
	length, longest := defaultWindow, time.Duration(math.MaxInt64)
	switch {
	case s.Name == Leads:
		longest = operations.MaxUpdatedRange - 2*edge
	case s.Source == Bulk:
		length, longest = bulkWindow, extract.MaxRange-edge
	}
	length = max(length, wholeSeconds(whole/maxWindows)+time.Second)
	if s.Window > 0 {
		length = wholeSeconds(s.Window)
	}
	return min(length, longest)
}

// leadWindows returns windows for LeadActivity, which have leads in place of time. Leads are grouped by how far their
// history was read, since a window has one beginning for all of its leads.
func (s Stream) leadWindows(st store.StreamState, since, upper time.Time, leads []string) []store.Window {
	groups := map[time.Time][]string{}
	for _, key := range leads {
		read := st.LeadUppers[key].UTC()
		if since.Before(st.Since) || read.After(upper.Add(s.tolerance())) || read.Before(since) {
			read = since.UTC() // new, or to be read again
		}
		groups[read] = append(groups[read], key)
	}
	reads := make([]time.Time, 0, len(groups))
	for read := range groups {
		reads = append(reads, read)
	}
	slices.SortFunc(reads, time.Time.Compare)
	var windows []store.Window
	for _, read := range reads {
		for chunk := range slices.Chunk(groups[read], leadsPerWindow) {
			windows = append(windows, store.Window{
				Stream: s.Name, Leads: chunk, Fresh: read,
				From: latest(since, read.Add(-s.longestLookback())).UTC(), To: latest(upper, read).UTC(),
			})
		}
	}
	return windows
}

// longestLookback returns how far a history is read back. The request for a history has no time, so all types share
// the longest.
func (s Stream) longestLookback() time.Duration {
	longest := s.lookback()
	for _, d := range s.LookbackByType {
		longest = max(longest, d)
	}
	return longest
}

// chooseLeads returns the keys of the leads that the stream is about, each once and in the spelling of Window.Leads.
// It asks the service for the members of a list, so it is called before the transaction of a plan and not in it.
func (c *Config) chooseLeads(ctx context.Context, s Stream) ([]string, error) {
	var keys []string
	for i, text := range s.LeadKeys {
		key, err := operations.ParseLeadKey(text)
		if err != nil {
			return nil, fmt.Errorf("stream %s: LeadKeys[%d]: %w", s.Name, i, err)
		}
		keys = append(keys, key.String())
	}
	if s.List != "" {
		options := &operations.LeadOptions{Fields: []string{"Email"}, BatchSize: maxLeadBatch, OnUnreadable: ignore}
		for lead, err := range operations.New(c.Port).Leads.All(ctx, operations.InList(s.List), options) {
			if err != nil {
				return nil, refusal(fmt.Errorf("the members of the list %q: %w", s.List, err), s.Name, "List", []string{s.List}, false)
			}
			keys = append(keys, operations.LeadID(lead.ID).String())
		}
	}
	if s.StoredLeads && c.Store != nil { // a copy that is not there knows none
		for id, err := range c.Store.LeadIDs(ctx) {
			if err != nil {
				return nil, fmt.Errorf("stream %s: the leads of the copy: %w", s.Name, err)
			}
			if id > 0 { // others cannot be asked for
				keys = append(keys, operations.LeadID(id).String())
			}
		}
	}
	slices.SortFunc(keys, compareKeys)
	return slices.Compact(keys), nil
}

// compareKeys orders ids as numbers, so that windows have neighbours.
func compareKeys(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// wholeSecond cuts a time to the second. Bounds and windows have whole seconds.
func wholeSecond(t time.Time) time.Time { return t.Truncate(time.Second).UTC() }

func wholeSeconds(d time.Duration) time.Duration { return max(d.Truncate(time.Second), time.Second) }

// latest returns the later of two times; earliest returns the earlier one.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
