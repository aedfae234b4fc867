// Package leadsync copies lead activity and leads into a database or into files and keeps the copy up to date, so that it
// equals the source whatever crashes meanwhile.
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
// A run of a [Stream] fixes an upper bound by the server's clock, cuts the time up to it into windows, and reads each
// window in ranges of time that fit into one page. The reason is that only a page is read at a single moment: while a
// stream is read page by page, records come and go, others move up or down, and some are never returned. A second with
// more than a page, and the history of a lead that has more than one page, are read again until nothing new comes; if
// that never happens, the window fails.
//
// The rows of a page, the position that follows them and the counts are committed in one transaction, so a process that
// dies at any moment loses nothing. What it had read but not committed is read again, which changes nothing, because rows
// have keys (see [store.ActivityRow.Key]). Keys are made of what does not change: an activity that is found again under
// another lead, after a merge, or with a renamed asset, updates its row. A copy may move to another version of the
// endpoint, with GUIDs or without.
//
// Windows are half-open, [From, To), in whole seconds. It is not documented whether the service includes the ends of a
// range, so a window asks for one more second before its beginning. Activities from before the window are kept, since a
// service that selects by the time of storage returns them in no other window.
//
// The service may store an activity later than the time it bears. Each run therefore reads the last two hours of the
// previous run again (Stream.Lookback); rows that are found there for the first time are counted as late.
//
// A GUID belongs to one activity, and an id to one lead. If the service returns several records of one and they say
// different things, the copy keeps one of them: of a page the last, of a reading the one from the page that came first.
// Windows that are read separately may bring different ones; then the one that was read last is kept.
//
// A window that fails holds its stream back: the next run begins with it. It is never skipped.
//
// A record that cannot be read, for example because it names no lead, does not hold up the others. It is kept as it came,
// as a [store.Problem], unless Config.Strict is set.
//
// [Verify] finds rows of the copy that the service no longer has, and [Repair] makes the copy equal again. Leads that
// were merged into others are found by runs too, since an activity reports the merge; their rows stay, marked as gone.
//
// # What a stream asks for
//
// One call before anything is stored finds out whether a field, a type, a list or a lead key is misspelt
// ([RefusedError]). The choice may change until a first window is done. After that, Stream.AddFields reads the leads again
// with more fields, and [Reset] lets a stream start over. If the service refuses a window for good, no other window of
// its run is begun, because all of them ask for the same.
//
// # The life of a window
//
// A run is planned in one transaction of the store, which cuts it into windows. Then each window gets a job of River, in
// the database of the copy. If a process dies between the two, windows are left without jobs; the next plan makes those
// jobs, and so does, from time to time, every run that waits. A job whose window is done or gone ends at once.
//
// A worker takes a job, begins its window, which raises the window's epoch, and reads it, commit by commit. Each commit
// names that epoch, so a worker that was believed dead meanwhile cannot write. After Config.Lease the next commit ends the
// step, and the job goes back to its place in the queue. When a worker dies, others take over its jobs from their last
// commits on: within two minutes, or at once if only one process has the copy. What fails is retried after a wait; after
// Config.MaxAttempts the window has failed, and holds its stream back until the next run.
//
// A window of a stream whose Source is Bulk is a job of the service (package extract). Its id is committed before it is put
// into the service's queue; while it runs there, the window waits in the queue of River. Its file is committed in pieces, with
// the number of rows, so that whoever continues the window goes on with the same file.
//
// On SQLite and in files one process works; on PostgreSQL any number may ([Work]), and the service's limits hold for all
// of them together (package quota). A copy is kept in a [store.Store]: package sqlstore implements it on SQLite and
// PostgreSQL, filestore in files.
package leadsync
