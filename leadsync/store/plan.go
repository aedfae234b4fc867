package store

import (
	"time"
)

// StreamState is what Plan decides by.
type StreamState struct {
	// Since is where the stream began; the zero time if it is new.
	Since time.Time
	// Query is what the copy has of the stream, as Stream.Query writes it; empty if it is new.
	Query string
	// Names are those that the windows of the last finished run had: the service took them.
	Names []string
	// Uppers are the upper bounds of the runs with the present query whose windows are all done, greatest first; at
	// most the last 100. An upper bound that lies after the beginning of its run by the database's clock came from a
	// machine whose clock was ahead. It is replaced by that beginning, here and wherever it is shown; otherwise time
	// would count as copied that had not come yet.
	Uppers []time.Time
	// Unfinished are the windows that are not done, oldest first.
	Unfinished []Window
	// LeadUppers tells, for LeadActivity, up to when each lead was read.
	LeadUppers map[string]time.Time
}

// Planned is what to do.
type Planned struct {
	Since   time.Time // of the stream; the zero time: as before
	Upper   time.Time // of the new run
	Windows []Window  // of the new run; none: there is no new run
	Resume  []Window  // unfinished windows to go on with, if there is no new run
	// Drop are unfinished windows to forget.
	Drop []Window
	// Query, unless empty, replaces the query of a stream that is not new. Everything is then read again from Since
	// on: unfinished windows are dropped, and what earlier runs have read does not count. The rows stay and are
	// updated where they are read again; but if the stream has no finished window, they are removed as by Reset.
	Query string
}

// Removal is what a Reset removes.
type Removal struct {
	Stream  StreamName
	Query   string
	Since   time.Time
	Runs    int
	Windows int
	// Rows of the stream's table, which are removed unless Shared names another stream that writes it.
	Rows   int64
	Shared StreamName
}
