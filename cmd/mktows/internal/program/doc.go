// Package program has the commands under "mktows program".
package program
