// Package settings reads what the commands share: endpoint, credentials and the flags for them, keys, types and
// times. It makes the client from them, or the port of a dry run.
package settings
