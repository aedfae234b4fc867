// Package store is what package leadsync needs of a place that keeps a copy: the [Store] interface with its rows,
// states and errors. Programs that copy use package leadsync; this package is for those who write a store, as
// database/sql/driver is for those who write a driver. Package storetest has the tests that every store has to pass.
//
// # A window's life
//
// [Store.Plan] makes a run of a stream and cuts it into windows, which are pending, and returns them. Package leadsync
// makes a job for each, and keeps the jobs: they say who works on which window, when it is tried again and how often. A
// store knows none of that. A job begins its window with [Store.Begin], which raises the window's epoch, and reads
// it. Each [Store.Commit] writes rows, the position that follows them and the counts in one transaction, if the window
// still has that epoch; else it fails with [ErrLost] and writes nothing. After some time the job goes back among the others and is
// taken up again, perhaps by another process, from the last commit on. With its last commit the window is done. A job that
// is given up makes its window failed with [Store.Fail], which holds its stream back until a plan resumes it.
//
// When a process dies, its jobs are taken up by others, or by the next process. A job may come twice, or late: then the
// epoch keeps apart who may write, and a job whose window is done, failed or gone ends at once.
//
// # Writing a store
//
// A store that has a database keeps everything in it. One that has none can embed a Ledger of package ledger, which keeps
// all but the rows, and a Memory of package memjobs, which keeps the jobs; package identity has the rules that tell which row
// an activity is. What then remains is shown by examples/memorystore, and package storetest judges it.
//
// It may import operations, and links no driver of a database.
package store
