// Package settings reads what all commands share: the endpoint, the credentials and the flags for them, keys of
// leads, types of activities and times. From these it makes the client that a command calls, or the port that only
// prints requests in a dry run.
//
// The libraries below take their settings as Go values and report mistakes in terms of those. Here is the place where
// environment variables and flags become such values, and where an error of a library is told with the name of the
// flag or variable that the value came from (see InWords).
package settings
