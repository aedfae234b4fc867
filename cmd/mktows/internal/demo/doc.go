// Package demo serves the simulator with its demonstration data, for --demo, and has the credentials that a mock
// server takes if there are no others.
package demo
