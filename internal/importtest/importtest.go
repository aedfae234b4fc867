// Package importtest holds the test of which package may import which.
package importtest
