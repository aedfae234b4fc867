// Package listen opens addresses and serves HTTP on them until the program is interrupted.
package listen
