// Package readmetest holds the tests of the pages for people: the code on them is code of this module, their links lead
// somewhere, the make targets exist, and the tree of folders is that of the code.
package readmetest
