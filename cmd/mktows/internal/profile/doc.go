// Package profile holds the commands profile list and profile show.
package profile
