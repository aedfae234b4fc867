//go:build unix && !solaris && !aix

package output

import (
	"os"
	"syscall"
)

// hold keeps others from taking a file for left behind, until it is closed or this process ends. Where
// the file system knows no locks, a run that writes to the same FILE at the same time can end this one.
func hold(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// isHeld reports whether a process holds a file.
func isHeld(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return true // it is gone, or another user's
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
