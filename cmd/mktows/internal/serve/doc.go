// Package serve has the command that serves a mock of the service: the simulator behind the same endpoint, for tests
// in other languages and for trying things out. A scenario file gives it data, rules for misbehaving, limits and a
// clock; an administration on a second port changes them while it runs.
package serve
