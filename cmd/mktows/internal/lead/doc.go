// Package lead has the commands under "mktows lead": get, list, sync and merge.
package lead
