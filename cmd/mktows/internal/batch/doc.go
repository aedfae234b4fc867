// Package batch sends many records in batches, and tells what became of each.
package batch
