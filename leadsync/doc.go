// Package leadsync copies lead activity and leads into a database or into files, again
// and again, so that the copy equals the source after any crash.
//
//	store, err := sqlite.Open(ctx, "leads.db")
//	…
//	defer store.Close()
//	report, err := leadsync.Run(ctx, &leadsync.Config{
//		Port:    c, // a *client.Client or any other gen.Port
//		Store:   store,
//		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: since}},
//	})
//
// # How a copy stays right
//
// A run of a [Stream] fixes an upper bound from the server's clock, cuts the time up to
// it into windows, and reads each window in ranges of time that fit into a page: a page is the only
// thing that is read in one moment, and what comes and goes while a stream is read page by page can make others
// be missed. What has more than a page in a second, and the history of a lead that has more than one, is
// read again until nothing new comes; where that never is, the window fails. The rows of a page, the
// position that follows them and the counts are committed in one transaction, so a
// process that dies at any moment loses nothing and repeats nothing that counts: rows have keys
// (see [store.ActivityRow.Key]), and writing one again changes nothing. The keys are made of what does not change:
// an activity that is found again under another lead, after a merge, or with another name of an asset, is
// updated. A copy may go on from another version of the endpoint, with GUIDs or without.
//
// Windows are half-open, [From, To), in whole seconds. What the service takes for the
// ends of a range is not documented, so a window asks for a second more before. Activities from
// before the window are kept: a service that chooses by when it stored them gives them nowhere else.
//
// The service may store an activity later than the time it bears. Each run therefore
// reads the last two hours of the run before again (Stream.Lookback); rows that are
// found there for the first time are counted as late.
//
// A GUID is of one activity, and an id of one lead. Where the service gives several records of one and they say different things, the copy has
// one of them: of a page the last, of a reading that of the page that came first. Windows that are read apart may
// bring different ones; then it is the one that was read last.
//
// A window that fails holds its stream back: the next run begins with it. It is never
// passed over.
//
// A record that cannot be read, for example since it names no lead, does not hold up the
// others: it is kept as it came, as a [store.Problem], unless Config.Strict is set.
//
// Rows of the copy that the service no longer has are found by [Verify]. Leads that were
// merged into others are found by runs too, since an activity tells of it: they stay, marked
// as gone. [Repair] makes the copy equal again.
//
// # What a stream asks for
//
// A field, a type, a list or a lead key that is misspelt is found by one call before anything is
// stored ([RefusedError]). Until a first window is done the choice may change; after that
// Stream.AddFields reads the leads again with more fields, and [Reset] begins a stream anew. When
// the service refuses a window for good, no other window of its run is begun.
//
// # A window's life
//
// A run is planned in one transaction of the store, which cuts it into windows. Then each window gets a job of River, in
// the database of the copy. A process that dies in between leaves windows without jobs; the next plan, and from time to
// time every run that waits, makes them. A job whose window is done or gone ends at once.
//
// A worker takes a job, begins its window, which raises the window's epoch, and reads it, commit by commit. Each commit
// names that epoch: what a worker writes that was taken for dead meanwhile is refused. After Config.Lease the next commit ends
// the step, and the job goes back to its place in the queue. When a worker dies, others take its jobs over, from the last
// commits on: within two minutes, or at once where one process has the copy. What fails is tried
// again after a wait; after Config.MaxAttempts the window has failed, and holds its stream back until the next run.
//
// On SQLite and in files one process works; on PostgreSQL any number ([Work]), and the service's limits hold for all of
// them together (package quota). What keeps a copy is a [store.Store]: package sqlstore has it on SQLite and PostgreSQL,
// filestore in files.
package leadsync
