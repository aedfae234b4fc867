package store

// Fence admits one worker to a window: each Begin raises the window's epoch, and a commit has to bring the present
// one. So a worker that was believed dead, and whose window another one has begun meanwhile, can no longer write. A
// lease alone could not ensure that: it can expire between the worker's last look at it and its commit.
type Fence struct {
	Window int64
	Epoch  int64
}

// Commit is what is written at once.
type Commit struct {
	Fence      Fence
	Activities []ActivityRow // of those with the same GUID, or of equal ones, the last counts
	Leads      []LeadRow
	Position   Position
	Done       bool
	// Rewrite are the ids among Leads that are written even if the digest of their row is the same: the columns of the
	// row say something else than its digest, for example because somebody has changed them by hand.
	Rewrite []int64
	// Gone are leads that the service no longer has. Those that the copy has are marked.
	Gone []int64
	// Removed are the keys of activities that the copy has and the service no longer has.
	Removed []string
	// Problems are records that could not be read. Those that are known already are not counted again.
	Problems []Problem
	// KeepProblems, unless nil, are the keys of the problems that the stream still has. All
	// others are forgotten.
	KeepProblems []string
	// Counts are Calls, Pages, Seen and Missing since the last commit.
	Counts Counts
	// LeadsRead are the leads of LeadActivity that have been read up to Window.To since the last commit, spelled as in
	// Window.Leads.
	LeadsRead []string
}
