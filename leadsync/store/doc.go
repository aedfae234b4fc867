// Package store is what package leadsync needs of a place that keeps a copy: the [Store] interface with its rows,
// states and errors. Programs that copy use package leadsync; this package is for those who write a store, as
// database/sql/driver is for those who write a driver. Package storetest has the tests that every store has to pass.
//
// # A window's life
//
// [Store.Plan] makes a run of a stream and cuts it into windows, which are pending, and returns them; package leadsync
// then makes a job for each. A worker that lives, see [Store.Heartbeat], takes a window with [Store.Claim], which
// raises its epoch, and reads it. Each [Store.Commit] writes rows, the position that follows them and the counts in one
// transaction, if the claim still has the window's epoch; else it fails with [ErrLost] and writes nothing. With the last
// commit the window is done. A worker that stops or fails gives the window back with [Store.Release]: it is pending
// again, or failed if it is not to be tried any more. A failed window holds its stream back until a plan resumes it. When a
// worker dies its windows are claimed by others, which go on from the last commit.
//
// It may import operations, and links no driver of a database.
package store
