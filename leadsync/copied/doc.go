// Package copied answers getLeadActivity and getLeadChanges from a copy that package leadsync has made, with no call
// of the service, wherever the copy covers what is asked for. Everything else goes to the port around which it is put.
//
//	copy, err := sqlstore.OpenReadOnly(ctx, "leads.db")
//	port, err := copied.New(ctx, client, copy, copied.WithMaxAge(time.Hour))
//	api := operations.New(port)
//
// Over the REST API the history of one lead is slow and costs many calls, as the log is that of the whole instance.
// From a copy it is the reading of an index.
//
// # What a copy covers
//
// A copy is complete from the time since which its stream copies until the upper bound of the last run, less the
// lookback, as the service stores some activities late; windows that have failed, or are not done, end it earlier.
// [Port.Coverage] tells these times. A call is answered from the copy if all of these hold:
//
//   - The time that it asks for lies within. By default a question without a latestCreatedAt, which means up to the
//     present, is one for the port; [WithMaxAge] lets a copy answer it that is not older than that, as of the copy's upper
//     bound. Without an oldestCreatedAt the beginning of the lead has to lie within, as its New Lead shows, or
//     [WithRetention] says that the service has nothing older.
//   - The copy has the types that are asked for; without a filter, all of them.
//   - The lead is known by its id. [WithStoredEmails] finds addresses in the copy; for other keys the port is asked which
//     lead they mean, which is one call.
//   - The lead is not gone, and no other one was merged into it: the copy may have records of the other one under its
//     former id. So a copy of chosen types needs Merge Leads among them.
//   - Every record of the stream could be read, unless [WithUnreadable] is given.
//   - The copy is of the instance that [WithInstance] names.
//
// getLeadChanges is answered for all leads, and for those of a selector by ids. It never goes beyond the time in which
// late records are still looked for, so that none is missed.
//
// [WithObserver] tells of each call where its answer came from, up to when it is good, and why the port was asked.
//
// # Answers
//
// Records are those that the port has given when they were copied, newest first in getLeadActivity and oldest first in
// getLeadChanges, with these differences: attributes are in the order of their names, Lead ID last; a lead of which the
// copy does not know that it is gone still has its history; and so have records that the service no longer keeps.
// remainingCount is exact up to 1,000.
//
// # Positions
//
// A position that was given with a page of the copy is continued in the copy, also by another process with the same
// [WithPositionKeys]; all others are passed to the port. One that was changed is fault 20122, and so is one whose record
// the copy has given another lead or key meanwhile; one behind the end of a history is 20123. Each page is read as the
// copy is at one moment, and begins behind the record that the page before has ended with, so that rows that are written
// in between move nothing.
//
// # Imports
//
// The package imports auth, fault, gen, operations, leadsync/store and internal packages: neither leadsync nor a
// driver.
package copied
