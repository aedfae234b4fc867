//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that a server runs as.
type owner struct{ uid, gid int }

// unprivileged returns the user for a process of root, which PostgreSQL refuses; nil for
// any other.
func unprivileged() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		return &owner{uid: uid, gid: gid}, errors.Join(err1, err2)
	}
	return nil, fmt.Errorf("%w: it does not run as root, and there is neither a user postgres nor nobody", errMissing)
}

// attributes gives the guard a session of its own, so that it outlives a Ctrl-C in the terminal.
func attributes(o *owner) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if o != nil {
		a.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)} //nolint:gosec // ids of users
	}
	return a
}

// folder makes a folder that nobody but its owner can read: the server asks for no
// password. A user other than ours may not reach the usual place for temporary files.
func folder(o *owner) (string, error) {
	const socket = len("/mktows-pg-1234567890/.s.PGSQL.5432") // a path of a socket has 103 bytes at most on some systems
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if len(parent)+socket > 103 || o != nil && !reachable(parent) {
			continue
		}
		dir, err := os.MkdirTemp(parent, "mktows-pg-")
		if err != nil {
			continue
		}
		if o == nil {
			return dir, nil
		}
		if err := os.Chown(dir, o.uid, o.gid); err != nil {
			return "", fmt.Errorf("%w: %w", errMissing, errors.Join(err, os.Remove(dir)))
		}
		return dir, nil
	}
	return "", fmt.Errorf("%w: no folder for it in %s, /tmp and /var/tmp", errMissing, os.TempDir())
}

// reachable reports whether everybody may go through the folder and those it lies in.
func reachable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode()&fs.FileMode(0o001) == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

// signal stops a process or makes it go on.
func signal(pid int, stop bool) error {
	if stop {
		return syscall.Kill(pid, syscall.SIGSTOP)
	}
	return syscall.Kill(pid, syscall.SIGCONT)
}
