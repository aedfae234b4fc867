//go:build !unix || solaris || aix

package output

import "os"

// hold does nothing here. These systems have no flock; Windows refuses to remove a file that is open, which is as
// good.
func hold(*os.File) {}

func isHeld(string) bool { return false }
