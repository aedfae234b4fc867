// Package records reads what users give to commands: files and standard input, CSV, JSON and keys of leads, with
// the place of each value, so that a mistake is told as FILE:LINE:COLUMN.
package records
