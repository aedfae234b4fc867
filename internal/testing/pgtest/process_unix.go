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

// unprivileged returns the user that the server runs as where the tests run as root, as they do in many containers:
// PostgreSQL refuses to start as root. It returns nil for any other user, who can run the server directly.
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

// attributes puts the guard into a session of its own. A Ctrl-C in the terminal reaches all processes of the test's
// own group; the guard would end by it before it has stopped the server and removed the folder.
func attributes(o *owner) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if o != nil {
		a.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)} //nolint:gosec // ids of users
	}
	return a
}

// folder makes a folder that only its owner can read, since the server asks for no password: whoever reaches the
// socket is in. If the server runs as another user than the tests, that user must be able to reach the folder, which
// is often not so for the temporary folder of the tests; then /tmp or /var/tmp is taken.
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
