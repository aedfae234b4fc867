package store

import (
	"time"
)

// Status is the state of a copy.
type Status struct {
	Copy       string // what Store.String returns
	Version    int    // of the schema
	Streams    []StreamStatus
	Runs       []RunStatus    // the latest, newest first, at most 50
	Workers    []WorkerStatus // those that live, and those that died within the last hour
	Activities int64          // rows
	Leads      int64
	Gone       int64 // of Leads those that the service no longer has
	Quotas     []InstanceQuota
	Problems   []Problem // the latest, newest first, at most 50
}

// StreamStatus is the state of a stream.
type StreamStatus struct {
	Name  StreamName
	Query string
	Since time.Time
	// Complete is up to when everything is copied; the zero time: nothing yet.
	Complete time.Time
	Pending  int // windows
	Failed   int
	Done     int
	Counts   Counts // of all runs
	Problem  string // of the oldest failed window
	// Unreadable is how many records are in the copy as problems.
	Unreadable int64
}

// RunStatus is one run of a stream.
type RunStatus struct {
	ID       int64 // 0: there was nothing to do
	Stream   StreamName
	Upper    time.Time
	Started  time.Time
	Finished time.Time // the zero time: not yet
	Windows  int
	Done     int
	Failed   int
	Counts   Counts
	Error    string
	Resumed  bool // nothing was planned: earlier windows go on
}

// WorkerStatus is a worker that the store knows of.
type WorkerStatus struct {
	Name  string
	Until time.Time // end of the lease
	Alive bool
}

// InstanceQuota is the quota that an instance has used today.
type InstanceQuota struct {
	Instance string
	Used     int
	ResetsAt time.Time
}
