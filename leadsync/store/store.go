package store

import (
	"context"
	"iter"
	"time"
)

// Store keeps the rows of a copy together with the state of its streams. Package sqlstore implements it on SQLite and
// PostgreSQL, filestore in files. It is safe for concurrent use.
//
// The stores of this module also hold the jobs of package leadsync. A store written by somebody else embeds what
// package memjobs offers; one that wraps another store has a method Unwrap, which returns the wrapped one.
type Store interface {
	// Plan calls plan with the state of a stream and stores what it has decided to do next, all in one transaction,
	// during which nobody else plans for the stream. The stream is created if it is new. If it is not, Instance must
	// be that of the copy (ErrOtherInstance); and once a window of the stream is done, Types and Fields must be those
	// of the copy, or not given (ErrOtherQuery).
	//
	// The windows of a new run get their ids and are returned, to be worked on. Without new windows no run is made.
	// Then the windows are returned that Planned.Resume names, except for those that are done; failed ones are made
	// pending, and their run is no longer refused.
	Plan(ctx context.Context, s Stream, plan func(StreamState) (Planned, error)) (RunStatus, []Window, error)

	// Reset forgets a stream in one transaction, with its windows, runs and positions, so that it can start over.
	// Inside the transaction agree is called first; if it returns an error, nothing is changed and the error is
	// returned. The rows are removed too, unless another stream of the copy writes to the same table: nobody can
	// tell which of the rows each of them has read, so they stay, and are updated where they are read again.
	//
	// Errors: ErrNoStream; ErrInUse if the store knows of a worker that is alive.
	Reset(ctx context.Context, stream StreamName, agree func(Removal) error) error

	// Begin returns a pending window as the last commit left it, with the Epoch raised by one and with the Query of
	// its stream. Whoever has begun it before can no longer commit. Errors: ErrDone; ErrRefused if its run is
	// refused, see Fail.
	Begin(ctx context.Context, window int64) (Window, error)
	// Commit writes rows, position and counts in one transaction, provided that the window is pending and has the
	// epoch of Commit.Fence; otherwise it fails with ErrLost. It returns what it has added to the window's counts.
	// When the last window of a run is done, the run is finished. A lead that is written is no longer marked as gone,
	// and a problem with the GUID of an activity that is written is forgotten.
	//
	// An activity with a GUID that the copy has belongs to the row of that GUID, whatever else it says, and the row is
	// updated if anything has changed. An activity with an id and without a GUID is compared with the rows of the
	// same id, second and type. If one of them says the same (Digest), it is that row, which stays as it is. Each of
	// the activities that then remain replaces a row that remains too: that row is an earlier version, from before a
	// merge or a renaming, unless Position.Tail of the last commit has its content ([Tail.Has]). LeadActivity reads
	// one lead after the other, so there an activity may only replace a row of the same lead or of one in Merged.
	// Activities without a row are new and get a key of their own ([RecordKey]).
	//
	// A copy may have both rows with GUIDs and rows without, as endpoints of versions up to 2_7 have no GUIDs. An
	// activity with a GUID that the copy does not have may then belong to a row without one: a row of the same id,
	// second and type, in the order above, or, if it has no id, a row of the same content. That row gets the GUID, as
	// its key as well. An activity without a GUID may belong to a row with one, which keeps it.
	Commit(ctx context.Context, c Commit) (Counts, error)
	// CommitRows is how many rows a Commit should have at least, unless the window ends; 0 means that every page is
	// committed. A store for which a commit is expensive asks for more rows, at the price that a crash loses more.
	CommitRows() int
	// Fail makes a window failed, with the text of the problem. A problem that is ErrRefused refuses the whole run:
	// none of its windows can be begun until Plan resumes a failed one, or drops the last of them. Error: ErrLost, as
	// for Commit.
	Fail(ctx context.Context, f Fence, problem error) error
	// Unfinished returns how many windows of a stream are pending, and failed. Those
	// of a refused run are not waiting.
	Unfinished(ctx context.Context, stream StreamName) (waiting, failed int, err error)

	// Run reports on one run; the zero RunStatus if there is no such run.
	Run(ctx context.Context, id int64) (RunStatus, error)
	// Status reports on everything. It counts all rows, which may take seconds in a large copy.
	Status(ctx context.Context) (Status, error)

	// Activities yields the activities of the copy with from <= time < to, in no
	// particular order; a zero time is not a bound. Digests are computed from what is stored, not read.
	Activities(ctx context.Context, from, to time.Time) iter.Seq2[ActivityRow, error]
	// Leads yields the leads of the copy, those that are gone too.
	Leads(ctx context.Context) iter.Seq2[LeadRow, error]
	// PresentLeads returns those of the ids whose leads the copy has and has not marked as gone.
	PresentLeads(ctx context.Context, ids []int64) ([]int64, error)
	// LeadIDs yields the ids of all leads that the copy knows, be it from leads or from activities, except for those
	// marked as gone: each once, in ascending order.
	LeadIDs(ctx context.Context) iter.Seq2[int64, error]

	// String names the copy, without a password.
	String() string
	Close() error
}
