// Package gateway has the command that runs the gateway.
package gateway
