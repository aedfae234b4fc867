package store

import (
	"context"
	"time"
)

// Histories is what a store offers beside [Store] that finds what leads did without reading all of the copy. The SQL
// stores are such. Package copied answers calls from one.
type Histories interface {
	// View calls read with the copy as it is at one moment, whatever is written meanwhile. The snapshot is used by one
	// goroutine, and not after that. An error that matches errors.ErrUnsupported says that the store is none that finds
	// histories.
	View(ctx context.Context, read func(Snapshot) error) error
	// String names the copy, without a password.
	String() string
}

// Snapshot is a copy as it is at one moment.
type Snapshot interface {
	// Extents tells what there is of each stream, by name.
	Extents(ctx context.Context) ([]Extent, error)
	// HistoryRead returns up to when the stream LeadActivity has read the history of a lead that was named by its id,
	// from the beginning of the stream on; the zero time: it has not.
	HistoryRead(ctx context.Context, lead int64) (time.Time, error)
	// Lead reports whether there is a row of the lead among the leads, and when it was found to be gone; the zero time:
	// it is not.
	Lead(ctx context.Context, id int64) (found bool, gone time.Time, err error)
	// LeadsByEmail returns the leads with an address, in any letter case, except for those that are gone.
	LeadsByEmail(ctx context.Context, address string) ([]int64, error)
	// Landmarks returns when a lead began and was merged with others, oldest first.
	Landmarks(ctx context.Context, lead int64) ([]Landmark, error)
	// Activity returns the activity with a key.
	Activity(ctx context.Context, key string) (row ActivityRow, found bool, err error)
	// History returns activities.
	History(ctx context.Context, q HistoryQuery) (HistoryPage, error)
}

// Types of activities that tell of a lead itself (Marketo SOAP API, activity types).
const (
	TypeNewLead    = "New Lead"
	TypeMerge      = "Merge Leads"
	TypeSalesMerge = "SFDC Merge Leads"
)

// Landmark is an activity of one of these types.
type Landmark struct {
	Type string
	Time time.Time
}

// Extent is what a copy has of a stream.
type Extent struct {
	Stream StreamName
	// Instance is the Marketo instance; empty: not known.
	Instance string
	// Types are the names of activities; none: all. Fields are the names of the lead fields, likewise.
	Types, Fields []string
	Since         time.Time
	// Until is up to when everything since Since has been read, windows that failed or are not done yet excluded; the
	// zero time: nothing. Of LeadActivity, each lead has a time of its own: see [Snapshot.HistoryRead].
	Until time.Time
	// Unreadable is how many records are in the copy as problems.
	Unreadable int
}

// HistoryQuery chooses activities and their order, in which those of one second are by id and key.
type HistoryQuery struct {
	Lead     int64 // 0: of all leads
	Types    []string
	Without  []string // types that are left out
	From, To time.Time
	Newest   bool  // newest first
	After    Place // the last one that was given out; the zero Place: none
	Limit    int
	// Count is how many of those that follow are counted at most; 0: whether any does.
	Count int
}

// Place is that of an activity among others. It does not change when other rows are written.
type Place struct {
	Second int64  `json:"t"` // Unix time
	ID     int64  `json:"i"` // 0: it has none
	Key    string `json:"k"`
}

// PlaceOf returns the place of a row.
func PlaceOf(r *ActivityRow) Place { return Place{Second: r.Time.Unix(), ID: r.ID, Key: r.Key} }

// HistoryPage is a page of activities.
type HistoryPage struct {
	Rows []ActivityRow
	More int // how many follow, counted up to HistoryQuery.Count; at least 1 if any does
	// From, unless it is the zero time, is where the reading goes on, oldest first: a query that is not for one lead looks at so
	// many activities at most, and there may be few of the types that are wanted among them.
	From time.Time
}
