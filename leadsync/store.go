package leadsync

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Errors of a Store, for errors.Is.
var (
	// ErrDone: the window is done, there is nothing to claim.
	ErrDone = errors.New("the window is done")
	// ErrClaimed: another worker, which is alive, holds the window.
	ErrClaimed = errors.New("another worker holds the window")
	// ErrLost: the claim is no longer valid; another worker may have taken the window over.
	// Nothing was written.
	ErrLost = errors.New("the claim of the window was lost")
	// ErrOtherQuery: the copy has rows that were read with other types or fields.
	ErrOtherQuery = errors.New("the copy was begun with another query")
	// ErrOtherInstance: the copy was begun from another Marketo instance.
	ErrOtherInstance = errors.New("the copy is of another instance")
	// ErrNewer: the copy was written by a newer release.
	ErrNewer = errors.New("the copy was written by a newer release")
	// ErrInUse: another process uses the copy, which is for one at a time.
	ErrInUse = errors.New("the copy is in use by another process")
	// ErrFull: there is no space left.
	ErrFull = errors.New("no space left")
	// ErrReadOnly: the copy cannot be written.
	ErrReadOnly = errors.New("the copy is read-only")
	// ErrStopping: a call that waited for its turn was given up, since the worker is to stop.
	ErrStopping = errors.New("the worker is stopping")
	// ErrUnavailable: the database cannot be reached or is locked at the moment. Trying again may help.
	ErrUnavailable = errors.New("the database is not available")
	// ErrDamaged: what the copy is kept in is damaged or parts of it are missing. Neither waiting nor
	// asking the service again helps.
	ErrDamaged = errors.New("the copy is damaged")
	// ErrUnusable: the database refuses to be used, for example since the login is wrong or it
	// does not exist. Somebody has to change that; waiting does not help.
	ErrUnusable = errors.New("the database cannot be used")
	// ErrRefused: the service refuses for good what a stream asks for. See [RefusedError].
	ErrRefused = errors.New("the service refuses it")
	// ErrNoStream: the copy has no stream of that name.
	ErrNoStream = errors.New("the copy has no such stream")
)

// Store keeps the rows of a copy together with the state of its streams. Package
// sqlstore has it on SQLite and PostgreSQL, filestore in files. It is safe for
// concurrent use.
//
// Leases and limits go by the database's clock where several machines share it.
type Store interface {
	// Plan lets plan decide, from the state of a stream, what to do next, and stores
	// that: all in one transaction, in which nobody else plans for the stream. The stream is
	// created if it is new. Otherwise its Types and Fields must be those that the copy has,
	// or not given, once a window of the stream is done: ErrOtherQuery. Its Instance must be the
	// same in any case: ErrOtherInstance.
	//
	// The windows of a new run get their ids, and enqueue makes their jobs in the same
	// transaction. Without new windows no run is made, and enqueue gets those that
	// Planned.Resume names, made Pending with no attempts if they were Failed; a run with one of
	// those is no longer refused. enqueue is also called, perhaps without windows, if
	// Planned.Drop has some.
	Plan(ctx context.Context, s Stream, plan func(StreamState) (Planned, error), enqueue Enqueue) (RunStatus, error)

	// Tx runs f in a transaction, which it is given as the *sql.Tx or pgx.Tx that it is.
	Tx(ctx context.Context, f func(ctx context.Context, tx any) error) error

	// Heartbeat says that a worker lives, for the length of the lease from now on. What a
	// worker holds, windows and calls, is held as long as it lives. A store for one process
	// forgets all workers when it is opened.
	Heartbeat(ctx context.Context, worker string, lease time.Duration) error
	// Retire ends a worker's life; the calls it has not released count as ended now.
	Retire(ctx context.Context, worker string) error
	// Workers are those that live, and those that died within the last hour.
	Workers(ctx context.Context) ([]WorkerStatus, error)

	// Reset forgets a stream, with its windows, runs and positions, so that it can be begun anew, in one
	// transaction. agree is called in it first, with the *sql.Tx or pgx.Tx that it is: its
	// error is returned and nothing is changed. The rows go too, unless another stream of the copy
	// writes the same table: nobody can tell which of the rows both have read, so they
	// stay, and are updated where they are read again.
	//
	// Errors: ErrNoStream; ErrInUse if a worker lives.
	Reset(ctx context.Context, stream StreamName, agree func(ctx context.Context, tx any, r Removal) error) error

	// Claim takes a window for a living worker, and returns it as the last commit left
	// it, with the Epoch raised by one and with the Query of its stream. A Failed window can be
	// claimed. Errors: ErrDone, also for a window that is not there any more; ErrRefused if its run is
	// refused, see Release; ErrClaimed if another worker has it that lives.
	Claim(ctx context.Context, window int64, worker string) (Window, error)
	// Commit writes rows, position and counts in one transaction, if the claim still holds:
	// else ErrLost. It returns what it added to the window's counts. When the last window of a run is
	// done, the run is finished. A lead that is written is no longer marked as gone; a problem
	// whose GUID is that of an activity that is written is forgotten.
	//
	// A row whose GUID the copy has is that row, whatever else it says: what has changed is
	// updated. Activities without a GUID that have an id are held to the rows of the same id, second and type: one
	// that says the same (Digest) is that row, and stays as it is. Each of the others takes the place of a row that
	// is left over, and whose content Position.Tail of the last commit does not have ([Tail.Has]): it
	// is an earlier version, from before a merge or a change of a name. For LeadActivity, which
	// reads the leads one by one, that holds only for rows of the same lead and of those in Merged. What then remains is new, with a key of its own ([RecordKey]).
	//
	// A copy may have rows with GUIDs and without, as endpoints of versions up to 2_7 have none.
	// An activity whose GUID the copy does not have may then be a row without one: of the
	// same id, second and type, in the order above, or, without an id, of the same content. The row gets the GUID, also as
	// its key. An activity without a GUID may be a row with one, which keeps it.
	Commit(ctx context.Context, c Commit) (Counts, error)
	// CommitRows is how many rows a Commit should have at least, unless the window ends: 0
	// means that every page is committed.
	CommitRows() int
	// Release gives a claim back. The window is Pending again, without a problem; with one it has
	// one more attempt, and is Failed if final. A problem that is ErrRefused refuses the whole
	// run: none of its windows can be claimed until Plan resumes a Failed one. Error: ErrLost.
	Release(ctx context.Context, c Claim, problem error, final bool) error
	// Unfinished returns how many windows of a stream are Pending or Running, and Failed. Those
	// of a refused run that no living worker holds are not waiting.
	Unfinished(ctx context.Context, stream StreamName) (waiting, failed int, err error)

	// Run reports on one run; the zero RunStatus if there is no such run.
	Run(ctx context.Context, id int64) (RunStatus, error)
	// Status reports on everything. It counts all rows, which takes its time.
	Status(ctx context.Context) (Status, error)

	// Activities yields the activities of the copy with from <= time < to, in no
	// particular order; a zero time is no bound. Digests are made anew from what is there.
	Activities(ctx context.Context, from, to time.Time) iter.Seq2[ActivityRow, error]
	// Leads yields the leads of the copy, those that are gone too.
	Leads(ctx context.Context) iter.Seq2[LeadRow, error]
	// PresentLeads returns those of the ids whose leads the copy has and has not marked as gone.
	PresentLeads(ctx context.Context, ids []int64) ([]int64, error)
	// LeadIDs yields the ids of the leads that the copy knows, from leads and activities, but
	// for those marked as gone, each once, in ascending order.
	LeadIDs(ctx context.Context) iter.Seq2[int64, error]

	// Limiter keeps the calls of all workers of an instance within limits.
	// worker is the living worker whose calls go through it.
	Limiter(instance, worker string, l Limits) Limiter

	// Queue returns the database that River's jobs are in: a *sql.DB of SQLite or a
	// *pgxpool.Pool.
	Queue() any
	// String names the copy, without a password.
	String() string
	Close() error
}

// Enqueue makes jobs for windows in a transaction, a *sql.Tx or a pgx.Tx.
type Enqueue func(ctx context.Context, tx any, windows []Window) error

// StreamState is what Plan decides by.
type StreamState struct {
	// Since is where the stream began; the zero time if it is new.
	Since time.Time
	// Query is what the copy has of the stream, as Stream.Query writes it; empty if it is new.
	Query string
	// Names are those that the windows of the last finished run had: the service took them.
	Names []string
	// Uppers are the upper bounds of the runs with the present query whose windows are all done, greatest first; at
	// most the last 100. One that lay after the beginning of its run, by the database's clock, came from a
	// clock that was ahead: then the beginning stands for it, here and wherever it is shown.
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
	// Query, unless empty, takes the place of the query of a stream that is not new. All of it is to be read
	// again, from Since on: its unfinished windows are dropped, and what earlier runs have read
	// does not count. The rows stay, and are updated where they are read again; those of a stream
	// without a finished window go, as with Reset.
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

// Claim is the right of a worker to write for a window.
type Claim struct {
	Window int64
	Epoch  int64
	Worker string
}

// Commit is what is written at once.
type Commit struct {
	Claim      Claim
	Activities []ActivityRow // of those with the same GUID, or of equal ones, the last counts
	Leads      []LeadRow
	Position   Position
	Done       bool
	// Rewrite are the ids among Leads that are written even if the copy has noted the same of
	// them: its rows say something else, for example since somebody has changed them by hand.
	Rewrite []int64
	// Gone are leads that the service no longer has. Those that the copy has are marked.
	Gone []int64
	// Removed are the keys of activities that the copy has and the service no longer has.
	Removed []string
	// Problems are records that could not be read. Those that are known already count for nothing.
	Problems []Problem
	// KeepProblems, unless nil, are the keys of the problems that the stream still has. All
	// others are forgotten.
	KeepProblems []string
	// Counts are Calls, Pages, Seen and Missing since the last commit.
	Counts Counts
	// LeadsRead are the leads of LeadActivity whose reading up to Window.To has ended since
	// the last commit, as Window.Leads spells them.
	LeadsRead []string
	// Finish, unless nil, is called at the end of the transaction, with the *sql.Tx or
	// pgx.Tx. Its error undoes everything.
	Finish func(ctx context.Context, tx any) error
}

// Limits are those of the service for an instance (Marketo SOAP API, limits). A field of
// 0 stands for the service's own limit, less for none.
type Limits struct {
	Calls      int           // in any time of the length Per; 100
	Per        time.Duration // 20 s
	Concurrent int           // 10
	Daily      int           // from midnight to midnight US Central; 10,000
	// Reserve is how many of the daily calls are left to other programs.
	Reserve int
}

// Limiter lets calls through as the limits allow, across all workers of an instance.
type Limiter interface {
	// Acquire waits until a call may start; release has to be called once when it has
	// ended, with false if the service cannot have seen it, which gives it back: it counts
	// neither for the window nor for the day. Errors: a *fault.QuotaError whose ResetsAt tells
	// when the day turns; ErrUnavailable; ErrStopping if what Stopping returns for ctx is
	// closed while it waits; that of ctx.
	Acquire(ctx context.Context) (release func(sent bool), err error)
	// Quota tells how much of the day is left.
	Quota(ctx context.Context) (Quota, error)
	// Exhausted says that the service has refused a call for the day (20015): no more
	// calls before the reset.
	Exhausted(ctx context.Context) error
}

type stopKey struct{}

// withStop returns a context whose calls do not wait for their turn once stop is closed.
func withStop(ctx context.Context, stop <-chan struct{}) context.Context {
	return context.WithValue(ctx, stopKey{}, stop)
}

// Stopping returns what is closed when the calls of a context are not to be begun any more;
// nil if nothing tells.
func Stopping(ctx context.Context) <-chan struct{} {
	stop, _ := ctx.Value(stopKey{}).(<-chan struct{})
	return stop
}

// Quota is the state of the daily quota of an instance.
type Quota struct {
	Daily    int // the quota; less than 0: none is kept
	Reserve  int
	Used     int
	ResetsAt time.Time
	// PerCall is how long a call takes at least, by the limit of calls in a time; 0: there is none.
	PerCall time.Duration
}

// Left is how many calls may still be made; -1 if there is no quota.
func (q Quota) Left() int {
	if q.Daily < 0 {
		return -1
	}
	return max(q.Daily-q.Reserve-q.Used, 0)
}

// Status is the state of a copy.
type Status struct {
	Copy       string // what Store.String returns
	Version    int    // of the schema
	Streams    []StreamStatus
	Runs       []RunStatus // the latest, newest first, at most 50
	Workers    []WorkerStatus
	Activities int64 // rows
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
	Running  int
	Failed   int
	Done     int
	Counts   Counts // of all runs
	Problem  string // of the oldest failed window
	// Unreadable is how many records are in the copy as problems.
	Unreadable int64
}

// WorkerStatus is a worker that holds windows.
type WorkerStatus struct {
	Name    string
	Windows int       // that it holds
	Until   time.Time // end of the lease
	Alive   bool
}

// InstanceQuota is the quota that an instance has used today.
type InstanceQuota struct {
	Instance string
	Used     int
	ResetsAt time.Time
}
