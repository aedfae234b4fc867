// Package serve has the command that serves a mock of the service, with its scenario and administration.
package serve
