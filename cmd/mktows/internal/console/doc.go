// Package console is what the commands share in one run of the program: its streams, environment and arguments,
// and how to tell the user something.
package console
