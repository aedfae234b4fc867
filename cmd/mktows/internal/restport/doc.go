// Package restport makes ports over the REST API for the commands, from package bridge, and serves the simulator's
// REST API for --demo. It is a package of its own, so that the light command behind "make run" does not link them.
package restport
