// Package sync has the commands that work with a copy: those under "mktows sync", and report. They are a thin layer
// over package leadsync, which does the copying. What is done here is what a library cannot do: find out from a path
// or URL what kind of store is meant, connect the limits of the copy with the client, show progress, wait for a
// service or database that is away at the start, and explain in terms of flags what went wrong and how to go on.
package sync
