// Package console holds what the commands share in one run of the program: its streams, environment and arguments,
// and how to tell the user something. Nothing below package main touches os.Stdout or os.Getenv, so a test can run
// any command line in its own process, several at a time.
package console
