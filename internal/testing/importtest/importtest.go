// Package importtest holds the tests of which package may import which, and of who may look into the texts of errors.
package importtest
