// Package activity has the commands that print what leads have done: activity and changes.
package activity
