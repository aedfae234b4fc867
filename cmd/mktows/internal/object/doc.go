// Package object has the commands under "mktows object" and "mktows custom".
package object
