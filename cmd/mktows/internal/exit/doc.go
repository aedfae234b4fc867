// Package exit holds the exit codes of the program and the errors that stand for them. Scripts depend on the codes,
// so there is one place that maps errors to codes and one text that documents them (Help). Errors of a single family
// of commands carry their code themselves, in a method ExitCode, so that this package need not know the families.
package exit
