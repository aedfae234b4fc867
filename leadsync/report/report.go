package report

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Options say what the page shows. A nil *Options and the zero value of a field stand for the defaults.
type Options struct {
	// Title is the heading of the page. Default: "Lead activity in" and the copy's name.
	Title string
	// Now is when the page was made. Default: the present.
	Now time.Time
	// Location is the time zone of all times, days and hours. Default: activities are shown at the
	// offset that the service gave, the rest at that of the newest activity.
	Location *time.Location
	// Lead is the id of the lead whose timeline comes first, which must have activities.
	// Default: the lead with the most.
	Lead int64
	// MaxTimeline is how many activities the timeline of that lead shows, the newest.
	// Default: 1000.
	MaxTimeline int
}

// How much the page shows.
const (
	topLeads     = 25
	topTypes     = 8 // with colours of their own
	maxTypes     = 200
	maxRuns      = 30
	maxProblems  = 20
	moreLeads    = 4   // with timelines, besides the first one
	moreTimeline = 200 // activities of each of them
)

// ErrNoActivities says that the lead of the options has no activities in the copy.
var ErrNoActivities = errors.New("has no activities")

// Write writes the page about a copy to w. It reads everything before it writes anything, so that an error while reading
// does not leave half a page. It returns the errors of src and w, and ErrNoActivities.
func Write(ctx context.Context, w io.Writer, src Source, o *Options) error {
	var options Options
	if o != nil {
		options = *o
	}
	if options.Now.IsZero() {
		options.Now = time.Now()
	}
	if options.MaxTimeline <= 0 {
		options.MaxTimeline = 1000
	}
	c, err := collect(ctx, src, &options)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	if err := pageTemplate.Execute(b, newPage(c)); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// contents is what was read from the copy, before it becomes text.
type contents struct {
	*Options
	name      string
	totals    Totals
	types     []typeCount // most first
	days      *buckets
	hours     [7][24]int64 // Monday first
	offsets   []int        // of activities, in seconds, ascending
	leads     []LeadCount
	timelines []timeline
	streams   []Stream
	problems  []store.Window
	records   []store.Problem // that could not be read
	delays    map[time.Duration]int64
}

type typeCount struct {
	Group
	leads int64
}

type timeline struct {
	lead LeadCount
	rows []Activity
}

// collect reads everything that the page needs. Only after that is something written, so that an error does not leave
// half a page.
func collect(ctx context.Context, src Source, o *Options) (*contents, error) {
	c := &contents{Options: o, name: src.Name()}
	for _, step := range []func(context.Context, Source) error{c.readTotals, c.readGroups, c.readLeads, c.readTimelines, c.readSync} {
		if err := step(ctx, src); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// local converts the time of an activity to the zone of the page, if it has one.
func (c *contents) local(t time.Time) time.Time {
	if c.Location != nil {
		return t.In(c.Location)
	}
	return t
}

// plain converts a time that has no offset of its own.
func (c *contents) plain(t time.Time) time.Time {
	if c.Location != nil {
		return t.In(c.Location)
	}
	return t.In(c.totals.Last.Location()) // UTC, if there are no activities
}

func (c *contents) readTotals(ctx context.Context, src Source) (err error) {
	c.totals, err = src.Totals(ctx)
	c.days = newBuckets(c.local(c.totals.First), c.local(c.totals.Last))
	return err
}

// readGroups counts the activities by type, by calendar time and by hour of the week, in one pass through the rows.
func (c *contents) readGroups(ctx context.Context, src Source) error {
	byType, offsets := map[string]*Group{}, map[int]bool{}
	for g, err := range src.Groups(ctx, c.Location != nil) {
		if err != nil {
			return err
		}
		t := byType[g.Type]
		if t == nil {
			t = &Group{Type: g.Type}
			byType[g.Type] = t
		}
		t.add(g)
		at := c.local(g.First)
		c.days.add(at, g.Type, g.Count)
		c.hours[(at.Weekday()+6)%7][at.Hour()] += g.Count
		_, offset := at.Zone()
		offsets[offset] = true
	}
	leads, err := src.LeadsByType(ctx)
	if err != nil {
		return err
	}
	for name, g := range byType {
		c.types = append(c.types, typeCount{*g, leads[name]})
	}
	slices.SortFunc(c.types, func(a, b typeCount) int { return mostFirst(a.Group, b.Group) })
	for offset := range offsets {
		c.offsets = append(c.offsets, offset)
	}
	slices.Sort(c.offsets)
	return nil
}

func (c *contents) readLeads(ctx context.Context, src Source) (err error) {
	c.leads, err = src.TopLeads(ctx, topLeads)
	return err
}

// readTimelines reads the histories of a few leads: the one that was asked for first, and the most active ones. Only
// the first gets the full length, since a page with all of them would be too long to open.
func (c *contents) readTimelines(ctx context.Context, src Source) error {
	chosen := slices.Clone(c.leads[:min(len(c.leads), moreLeads+1)])
	if c.Lead != 0 {
		lead, err := src.Lead(ctx, c.Lead)
		if err != nil {
			return err
		}
		if lead.Count == 0 {
			return fmt.Errorf("lead %d %w in %s; leave the lead out to see the one with the most", c.Lead, ErrNoActivities, c.name)
		}
		chosen = slices.DeleteFunc(chosen, func(l LeadCount) bool { return l.ID == c.Lead })
		chosen = slices.Insert(chosen, 0, lead)
		chosen = chosen[:min(len(chosen), moreLeads+1)]
	}
	for i, lead := range chosen {
		n := min(moreTimeline, c.MaxTimeline)
		if i == 0 {
			n = c.MaxTimeline
		}
		rows, err := src.Timeline(ctx, lead.ID, n)
		if err != nil {
			return err
		}
		c.timelines = append(c.timelines, timeline{lead, rows})
	}
	return nil
}

// readSync reads how the copying itself is doing: streams, failed windows, unreadable records and delays.
func (c *contents) readSync(ctx context.Context, src Source) (err error) {
	if c.streams, err = src.Streams(ctx, maxRuns); err != nil {
		return err
	}
	if c.problems, err = src.Problems(ctx, maxProblems); err != nil {
		return err
	}
	if c.records, err = src.Unreadable(ctx, maxProblems); err != nil {
		return err
	}
	c.delays, err = src.Delays(ctx)
	return err
}

// rank returns the index of a type among those with a colour of their own, and the index after them for all others.
func (c *contents) rank(name string) int {
	for i := range min(len(c.types), topTypes) {
		if c.types[i].Type == name {
			return i
		}
	}
	return topTypes
}

// late is the number of late rows.
func (c *contents) late() (n int64) {
	for _, t := range c.types {
		n += t.Late
	}
	return n
}

// unreadable is the number of records that could not be read.
func (c *contents) unreadable() (n int64) {
	for i := range c.streams {
		n += c.streams[i].Unreadable
	}
	return n
}

// complete returns up to when all streams are copied; the zero time if one of them has not finished a run.
func (c *contents) complete() time.Time {
	if len(c.streams) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(c.streams, func(a, b Stream) int { return a.Complete.Compare(b.Complete) }).Complete
}

// delayClass is a range of delays that begins where the previous class ends.
type delayClass struct {
	to   time.Duration
	text string
}

var delayClasses = []delayClass{
	{15 * time.Minute, "15 minutes"},
	{time.Hour, "1 hour"},
	{2 * time.Hour, "2 hours"},
	{6 * time.Hour, "6 hours"},
	{24 * time.Hour, "1 day"},
	{7 * 24 * time.Hour, "7 days"},
	{1<<63 - 1, "longer"},
}

// delaysByClass counts the late rows in each of delayClasses.
func (c *contents) delaysByClass() []int64 {
	counts := make([]int64, len(delayClasses))
	for d, n := range c.delays {
		counts[slices.IndexFunc(delayClasses, func(class delayClass) bool { return d <= class.to })] += n
	}
	return counts
}
