// Package cli is the command line of mktows. It puts the commands together, and is the only part of the module that
// reads the environment and prints.
//
// The packages beside it lie in floors. At the bottom are exit, output, console and records; then listen and demo;
// then settings and batch; then root, which runs a command line; and on top a package for each family of commands,
// which do not know each other. Package importtest has the rules.
package cli
