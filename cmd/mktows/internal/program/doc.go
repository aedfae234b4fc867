// Package program has the commands under "mktows program", about what programs are described with: channels, their
// statuses, and tags. Programs themselves are Marketo objects and have their commands in package object.
package program
