// Package store describes what package leadsync needs of a place that keeps a copy: the [Store] interface with its
// rows, states and errors. Programs that copy use package leadsync; this package is for those who write a store, as
// database/sql/driver is for those who write a driver. Package storetest has the tests that every store has to pass.
//
// # The life of a window
//
// [Store.Plan] makes a run of a stream, cuts it into windows, which are pending at first, and returns those. Package
// leadsync makes a job for each window. Jobs say which worker is on which window, when a window is tried again and
// how often it was tried; a store knows none of that.
//
// A job begins its window with [Store.Begin], which raises the window's epoch, and reads it. Each [Store.Commit]
// writes rows, the position that follows them, and counts, all in one transaction, provided that the window still has
// that epoch; otherwise it fails with [ErrLost] and writes nothing. After some time the job goes back to the
// queue, so that other windows have their turn, and is later taken up again, perhaps by another process, where the
// last commit left off. The last commit of a window makes it done. If a job is given up, [Store.Fail] makes its
// window failed, and the stream waits until a plan resumes that window.
//
// When a process dies, other processes take up its jobs, or the next one does. A queue may therefore deliver a job
// twice, or late. The epoch decides which of two workers may write, and a job ends at once if its window is done,
// failed or gone.
//
// # Writing a store
//
// A store on a database keeps everything in the database. One without can embed a Ledger of package ledger, which
// keeps everything but the rows, and a Memory of package memjobs, which keeps the jobs; package identity has the
// rules by which an activity finds its row. What then remains to be written is shown by examples/memorystore and
// judged by package storetest.
//
// This package may import operations, and links no database driver.
package store
