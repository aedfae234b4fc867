// Package exit holds the exit codes of the program, and the errors that stand for a class of them. Errors of one
// family of commands say their code themselves, by a method ExitCode.
package exit
