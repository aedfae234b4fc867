// Package activity has the commands that print what leads have done: activity, for one lead, and changes, for many.
// They use two operations that return the same history in different forms, and print both in the same way.
package activity
