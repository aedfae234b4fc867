package report

import (
	"context"
	"iter"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Source is a copy as the page needs it: mostly counted. [Database] is one.
//
// Times of activities bear the offset that the service gave; the other times any.
type Source interface {
	// Name is what the page calls the copy. It must hold no password.
	Name() string
	// Totals counts all rows.
	Totals(ctx context.Context) (Totals, error)
	// Groups yields the activities counted by type and by hour of the local time, or by
	// quarter of an hour. The order is free, and a group may come in parts, down to single
	// activities.
	Groups(ctx context.Context, quarters bool) iter.Seq2[Group, error]
	// LeadsByType counts the different leads that have activities of a type.
	LeadsByType(ctx context.Context) (map[string]int64, error)
	// TopLeads are the n leads with the most activities, most first, then by id.
	TopLeads(ctx context.Context, n int) ([]LeadCount, error)
	// Lead counts the activities of a lead; its Types are complete.
	Lead(ctx context.Context, id int64) (LeadCount, error)
	// Timeline is the n newest activities of a lead, newest first.
	Timeline(ctx context.Context, lead int64, n int) ([]Activity, error)
	// Streams is the state of all streams, by name, each with so many of its latest runs.
	Streams(ctx context.Context, runs int) ([]Stream, error)
	// Problems are the n oldest windows that are not done and that have failed at least
	// once.
	Problems(ctx context.Context, n int) ([]store.Window, error)
	// Unreadable are the n latest records that could not be read, newest first.
	Unreadable(ctx context.Context, n int) ([]store.Problem, error)
	// Delays counts late rows by the longest time that the service can have taken to store them,
	// which is from the row's time to the upper bound of the run that wrote it. The
	// times are rounded up to quarters of an hour.
	Delays(ctx context.Context) (map[time.Duration]int64, error)
}

// Totals are the numbers of a copy.
type Totals struct {
	Activities  int64
	ActiveLeads int64 // leads with activities
	Leads       int64 // rows of leads
	Gone        int64 // of Leads those that the service no longer has
	// First and Last are the times of the oldest and the newest activity; zero without any.
	First, Last time.Time
}

// Group is a number of activities of one type.
type Group struct {
	Type  string
	Count int64
	Late  int64 // of Count
	First time.Time
	Last  time.Time
}

// LeadCount is a lead with the number of its activities.
type LeadCount struct {
	ID    int64
	Email string // empty where the copy does not have the lead
	Count int64
	First time.Time
	Last  time.Time
	Types []Group // most first, then by type
}

// Stream is the state of a stream.
type Stream struct {
	store.StreamStatus
	Runs []store.RunStatus // newest first
}

// Activity is an activity of a timeline.
type Activity struct {
	operations.Activity
	Late bool
}
