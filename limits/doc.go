// Package limits has the one type that says how many calls there may be: for the programs that call Marketo, which wait rather than
// exceed a limit, and for the servers that stand in for it, which refuse what exceeds one.
//
// In each field 0 stands for the service's own limit, and [None] for no limit at all:
//
//	limits.Limits{}                     // those of the service
//	limits.Limits{Concurrent: 2}        // two calls at the same time, otherwise those of the service
//	limits.Limits{Daily: limits.None}   // any number of calls a day, otherwise those of the service
//	limits.Unlimited()                  // no limit
//
// The type has the name Limits in the packages client, server and leadsync/quota too, so that few programs need to import this one.
//
// The package imports the standard library only.
package limits
