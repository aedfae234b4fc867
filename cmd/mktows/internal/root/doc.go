// Package root is the command above all others: it runs a command line, prints what it ended with and returns the exit code.
// Which families of commands there are is for its caller, so that a program with few of them links little.
package root
