// Package root is the command "mktows" itself, above all others: it runs a command line, prints the error that it
// ended with, if any, and returns the exit code. Its caller says which families of commands there are, so that a
// program that needs few of them does not link what only the others need.
package root
