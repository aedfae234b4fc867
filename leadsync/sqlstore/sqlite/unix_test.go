//go:build unix

package sqlite

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// nobodyID is a user without rights.
const nobodyID = 65534

// forNobody returns a folder that every user may enter, and this program in it. Who may do
// everything cannot be forbidden anything; the tests for that run as somebody else.
func forNobody(t *testing.T) (dir, program string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sqlstore") //nolint:usetesting // TempDir lies in a folder that only its user may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "program")
	in, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, program
}

func nobody(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyID, Gid: nobodyID}}
	}
	return cmd
}

func TestSQLite_notAllowed(t *testing.T) {
	t.Parallel()
	for name, forbid := range map[string]func(path string) error{
		"folder": func(path string) error {
			return errors.Join(os.Remove(path+".lock"), os.Chmod(filepath.Dir(path), 0o555))
		},
		"file": func(path string) error {
			return errors.Join(os.Chmod(filepath.Dir(path), 0o777), os.Chmod(path+".lock", 0o666), os.Chmod(path, 0o444))
		},
		"lock": func(path string) error {
			return errors.Join(os.Chmod(filepath.Dir(path), 0o777), os.Chmod(path+".lock", 0o444), os.Chmod(path, 0o444))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, program := forNobody(t)
			path := filepath.Join(dir, "copy", "leads.db")
			if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := openSQLite(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			if err := forbid(path); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(filepath.Dir(path), 0o777) })
			cmd := nobody(exec.Command(program, "-test.run=^TestProcess$"))
			cmd.Env = append(os.Environ(), envOpen+"="+path)
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("read-only: true")) || !bytes.Contains(out, []byte(path)) ||
				!bytes.Contains(out, []byte("read: <nil>")) {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}
