// Package call has the commands that work with envelopes: call sends a ready-made one, sign prints a signed header
// for one, and operations lists what can be called.
package call
