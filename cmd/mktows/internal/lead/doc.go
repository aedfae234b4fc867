// Package lead has the commands under "mktows lead".
package lead
