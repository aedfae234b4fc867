// Package sync has the commands that work with a copy: those under "mktows sync", and report.
package sync
