// Package profile holds the commands profile list, profile show and profile path.
package profile
