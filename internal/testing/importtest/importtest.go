// Package importtest holds the tests of which package may import which, of who may look into the texts of errors, and
// of what the public packages show.
package importtest
