// Package records reads what users hand to commands: files and standard input, CSV, JSON, JSON Lines and the keys of
// leads. It keeps the line and column of each value, so that a mistake can be reported as FILE:LINE:COLUMN, the form
// that editors jump to.
//
// Readers do not stop at the first mistake where they can go on; they collect mistakes in Problems. A user with a
// large export wants to see all that is wrong in one run. What a command does with the records is none of this
// package's business.
package records
