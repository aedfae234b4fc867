//go:build unix && !solaris && !aix

package output

import (
	"os"
	"syscall"
)

// hold locks a temporary file, so that other processes do not take it for a leftover; the lock ends when the file is
// closed or the process dies. On a file system without locks, another run that writes to the same FILE at the same
// time may remove it, and this run then fails.
func hold(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// isHeld reports whether another process has locked the file. It also says yes to a file that cannot be opened,
// because that one is gone or belongs to another user.
func isHeld(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return true // it is gone, or another user's
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
