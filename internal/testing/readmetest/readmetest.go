// Package readmetest holds the tests of the pages for people: every block of code on them is compiled or run, their links lead
// somewhere, the make targets exist, the tree of folders is that of the code, and each page is reached from the index. Tables and
// results that are made from code are tested where that code is: package bridge has those of docs/rest.md, fault those of
// docs/errors.md, leadsync/sqlstore those of docs/sql.md, and server/admin those of docs/testing.md.
package readmetest
