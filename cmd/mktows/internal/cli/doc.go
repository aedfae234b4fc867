// Package cli is the command line of mktows: it puts the commands together, and is the only part of the module that
// reads the environment and prints.
//
// The rooms beside it lie in floors. Below are exit, output, console and records; then listen and demo; then settings
// and batch; then root, which runs a command line; then a package for each family of commands, which do not know each other. Package importtest has the rules.
package cli
