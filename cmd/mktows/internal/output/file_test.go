package output

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestWriteFile: a file that cannot be finished is not there, and what was there
// stays.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := dir + "/page.html"
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, _ = io.WriteString(w, text)
			return err
		}
	}
	if size, err := WriteFile(path, write("one", nil)); err != nil || size != 3 {
		t.Fatal(size, err)
	}
	broken := errors.New("broken")
	if _, err := WriteFile(path, write("two and a half", broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "one" {
		t.Errorf("%q, %v", text, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v is left, %v", entries, err)
	}
	link := dir + "/link.html"
	if err := os.Symlink(path, link); err == nil {
		if _, err := WriteFile(link, write("through", nil)); err != nil {
			t.Error(err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "through" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if _, err := WriteFile(dir+"/none/page.html", write("", nil)); err == nil {
		t.Error("no error without the folder")
	}
}

// envWrite makes the test binary a process that writes to a file and never comes to the end.
const envWrite = "MKTOWS_TEST_WRITE"

func TestWriteFile_endless(t *testing.T) {
	path := os.Getenv(envWrite)
	if path == "" {
		t.Skip("for a process of its own")
	}
	_, err := WriteFile(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		_, _ = io.WriteString(os.Stdout, "writing\n")
		_, err := io.Copy(io.Discard, os.Stdin)
		return errors.Join(err, errors.New("not killed"))
	})
	t.Fatal(err)
}

// TestWriteFile_killed: what a killed process leaves is removed by the next one that writes the file, and
// what a living one writes is not.
func TestWriteFile_killed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files that are open cannot be removed there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "page.html")
	killed, living := startWriting(t, path), startWriting(t, path)
	others := []string{".page.html.mktows-ABCDEFGHI", ".page.html.mktows-", ".other.html.mktows-ABCDEFGH", "page.html.mktows-ABCDEFGH"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(filesIn(t, dir)); n != len(others)+2 {
		t.Fatalf("there are %q", filesIn(t, dir))
	}
	_ = killed.Process.Kill()
	_ = killed.Wait()
	if _, err := WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(filesIn(t, dir), func(name string) bool { return slices.Contains(others, name) })
	if len(left) != 2 || left[1] != "page.html" || !strings.HasPrefix(left[0], tempPrefix(path)) {
		t.Errorf("there are %q, want the page and the file of the process that lives", left)
	}
	_ = living.Process.Kill()
	_ = living.Wait()
}

func startWriting(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteFile_endless$")
	cmd.Env = append(os.Environ(), envWrite+"="+path)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "writing\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd
}

// TestWriteFile_mode: who could not read the page that was there cannot read the one that takes its place.
func TestWriteFile_mode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteFile(path, func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
