// Package call has the commands that work with envelopes and their headers: call and sign; and the list of
// operations.
package call
