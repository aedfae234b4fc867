package store

// Fence keeps all but the last who have begun a window from writing for it: each beginning raises the window's epoch, and
// a commit has to come with the present one.
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
}
