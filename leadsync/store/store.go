package store

import (
	"context"
	"iter"
	"time"
)

// Store keeps the rows of a copy together with the state of its streams. Package
// sqlstore has it on SQLite and PostgreSQL, filestore in files. It is safe for
// concurrent use.
//
// Package leadsync keeps its jobs in the database of a store of ours. A store by somebody else embeds what package memjobs
// gives, and one that wraps another has a method Unwrap, which returns that.
type Store interface {
	// Plan lets plan decide, from the state of a stream, what to do next, and stores
	// that: all in one transaction, in which nobody else plans for the stream. The stream is
	// created if it is new. Otherwise its Types and Fields must be those that the copy has,
	// or not given, once a window of the stream is done: ErrOtherQuery. Its Instance must be the
	// same in any case: ErrOtherInstance.
	//
	// The windows of a new run get their ids, and are returned: they are to be worked on. Without new windows no run is
	// made, and those are returned that Planned.Resume names and that are not done, made Pending if they
	// were Failed; a run with one of those is no longer refused.
	Plan(ctx context.Context, s Stream, plan func(StreamState) (Planned, error)) (RunStatus, []Window, error)

	// Reset forgets a stream, with its windows, runs and positions, so that it can be begun anew, in one
	// transaction. agree is called in it first: its
	// error is returned and nothing is changed. The rows go too, unless another stream of the copy
	// writes the same table: nobody can tell which of the rows both have read, so they
	// stay, and are updated where they are read again.
	//
	// Errors: ErrNoStream; ErrInUse if the store knows of a worker that lives.
	Reset(ctx context.Context, stream StreamName, agree func(Removal) error) error

	// Begin returns a Pending window as the last commit left it, with the Epoch raised by one and with the Query of its
	// stream. Whoever has begun it before can commit no more. Errors: ErrDone; ErrRefused if its run is refused, see Fail.
	Begin(ctx context.Context, window int64) (Window, error)
	// Commit writes rows, position and counts in one transaction, if the window is Pending and has the epoch of
	// Commit.Fence: else ErrLost. It returns what it added to the window's counts. When the last window of a run is
	// done, the run is finished. A lead that is written is no longer marked as gone; a problem
	// whose GUID is that of an activity that is written is forgotten.
	//
	// A row whose GUID the copy has is that row, whatever else it says: what has changed is
	// updated. Activities without a GUID that have an id are held to the rows of the same id, second and type: one
	// that says the same (Digest) is that row, and stays as it is. Each of the others takes the place of a row that
	// is left over, and whose content Position.Tail of the last commit does not have ([Tail.Has]): it
	// is an earlier version, from before a merge or a change of a name. For LeadActivity, which
	// reads the leads one by one, that holds only for rows of the same lead and of those in Merged. What then remains
	// is new, with a key of its own ([RecordKey]).
	//
	// A copy may have rows with GUIDs and without, as endpoints of versions up to 2_7 have none.
	// An activity whose GUID the copy does not have may then be a row without one: of the
	// same id, second and type, in the order above, or, without an id, of the same content. The row gets the GUID, also as
	// its key. An activity without a GUID may be a row with one, which keeps it.
	Commit(ctx context.Context, c Commit) (Counts, error)
	// CommitRows is how many rows a Commit should have at least, unless the window ends: 0
	// means that every page is committed.
	CommitRows() int
	// Fail makes a window Failed, with the text of the problem. A problem that is ErrRefused refuses the whole
	// run: none of its windows can be begun until Plan resumes a Failed one, or drops the last of them. Error: ErrLost, as for Commit.
	Fail(ctx context.Context, f Fence, problem error) error
	// Unfinished returns how many windows of a stream are Pending, and Failed. Those
	// of a refused run are not waiting.
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

	// String names the copy, without a password.
	String() string
	Close() error
}
